/**
 * Bundles the multi-call entry into few chunks before it is packed. Left to the packer, the modules of the CGI programs end up in a
 * chunk for each set of routes that share them, and a request loads thirty; each costs 20 µs of the 7 ms that a request takes.
 *
 * These groups of modules make one chunk each; everything else is left to the bundler's own splitting. A group holds what its users
 * need anyway, since code that is loaded in vain costs as much as a chunk too many:
 *
 *   cgi       what the main CGI program needs before it runs and no program outside of cgi/ does
 *   site      the rest of that, as far as no filter program needs it: configuration and the tree of sources
 *   list      what the list of sources needs beyond both
 *   source    what reading a definition needs beyond cgi and site
 *   static    what a file of the site needs beyond them
 *   failure   what an error answer needs beyond them
 *   dataset   what a data request needs beyond all that, and no program before it runs
 *   cache     what an answer from the cache needs beyond all that, and no program before it runs
 */
import path from 'node:path';
import { rolldown } from 'rolldown';
import { ROOT } from './repository.mjs';

const GROUPS = ['cgi', 'site', 'list', 'source', 'static', 'failure', 'dataset', 'cache'];

/**
 * Bundles `entry` (a path below the repository) into ES modules in `folder`; the result is the entry among them. `define` are the constants
 * that sources wait for.
 */
export async function groupModules({ entry, folder, define }) {
  const options = {
    cwd: ROOT,
    input: entry,
    platform: 'node',
    external: /^node:/,
    transform: { define },
    preserveEntrySignatures: false,
  };
  const graph = await moduleGraph(options);
  const groupOf = groups(graph, path.join(ROOT, entry));
  const bundle = await rolldown(options);
  try {
    const { output } = await bundle.write({
      dir: folder,
      format: 'esm',
      codeSplitting: {
        // What a group imports stays where it is needed.
        includeDependenciesRecursively: false,
        groups: GROUPS.map((name) => ({
          name,
          test: (id) => groupOf(id) === name,
        })),
      },
    });
    return path.join(folder, output.find((chunk) => chunk.isEntry).fileName);
  } finally {
    await bundle.close();
  }
}

/** Module -> the modules it imports, and those it loads later. */
async function moduleGraph(options) {
  const graph = new Map();
  const plugins = [
    {
      name: 'module-graph',
      buildEnd() {
        for (const id of this.getModuleIds()) {
          const { importedIds, dynamicallyImportedIds } = this.getModuleInfo(id);
          graph.set(id, { now: importedIds, later: dynamicallyImportedIds });
        }
      },
    },
  ];
  const bundle = await rolldown({ ...options, plugins });
  try {
    await bundle.generate({ format: 'esm' });
  } finally {
    await bundle.close();
  }
  return graph;
}

/** The group of a module by the programs that need it; undefined for most. */
function groups(graph, entry) {
  const needs = (name) => closure(graph, path.join(ROOT, name));
  const own = closure(graph, entry);
  const cgi = needs('cgi/srvcgi_main.ts');
  const list = needs('lib/source/source-list.ts');
  const source = needs('lib/routes/dsdf.ts');
  const files = needs('lib/routes/static.ts');
  const failure = needs('lib/routes/failure.ts');
  const dataset = needs('lib/routes/data/dataset.ts');
  const cache = needs('lib/routes/data/cache.ts');
  const definition = path.join(ROOT, 'lib/source/dsdf.ts');
  const tools = new Set();
  const filters = new Set();
  for (const program of graph.get(entry).later) {
    if (path.dirname(program) === path.join(ROOT, 'cgi')) continue;
    const needed = closure(graph, program);
    // The few filters that read definitions are tools in this respect.
    const users = path.basename(program).startsWith('srv_') || needed.has(definition) ? tools : filters;
    for (const id of needed) users.add(id);
  }
  return (id) => {
    if (own.has(id) || filters.has(id)) return undefined;
    if (cgi.has(id)) return tools.has(id) ? 'site' : 'cgi';
    if (list.has(id)) return 'list';
    if (source.has(id)) return 'source';
    if (files.has(id)) return 'static';
    if (failure.has(id)) return 'failure';
    if (tools.has(id)) return undefined;
    if (dataset.has(id)) return 'dataset';
    return cache.has(id) ? 'cache' : undefined;
  };
}

/** A module and all that is loaded with it. */
function closure(graph, start) {
  const seen = new Set();
  const next = [start];
  for (let id = next.pop(); id !== undefined; id = next.pop()) {
    if (seen.has(id) || !graph.has(id)) continue;
    seen.add(id);
    next.push(...graph.get(id).now);
  }
  if (seen.size === 0)
    throw new Error(
      `${path.relative(ROOT, start)} is not part of the program: scripts/tools/group-modules.mjs names it`,
    );
  return seen;
}
