/**
 * Bundles the multi-call entry into few chunks before it is packed. Left to the packer, the modules of the CGI programs end up in a
 * chunk for each set of programs and routes that share them, and a request loads thirty; each costs 20 to 40 µs of the 7 ms that a
 * request takes.
 *
 * So the CGI programs are a bundle of their own, with copies of what filters and tools use, too: a process runs one program and never sees
 * both. (What the `main` of a CGI program throws is therefore no `Das2Error` of the entry: a fault that nobody foresaw.) In it these groups
 * of modules make one chunk each (NEEDED_BY): what the main program needs before it knows the question, then what the list, a definition, a
 * file of the site, an error answer, a data request, an answer from the cache and the log of deliveries need beyond that. The rest is left
 * to the bundler's own splitting. A group holds what its users need anyway, since code that is loaded in vain costs as much as a chunk too
 * many.
 */
import { builtinModules } from 'node:module';
import path from 'node:path';
import { rolldown } from 'rolldown';
import { esmExternalRequirePlugin } from 'rolldown/plugins';
import { ROOT } from './repository.mjs';

const NEEDED_BY = {
  cgi: ['cgi/srvcgi_main.ts'],
  list: ['lib/source/tree/source-list.ts'],
  source: ['lib/routes/dsdf.ts'],
  static: ['lib/routes/static.ts'],
  failure: ['lib/routes/failure.ts'],
  dataset: ['lib/routes/data/dataset.ts'],
  cache: ['lib/data/cache-plan.ts'],
  cited: ['lib/cite/digest/delivery.ts', 'lib/cite/delivery/entry.ts'],
};
const GROUPS = Object.keys(NEEDED_BY);

/**
 * Built-in modules that packages require are imported like all others. Otherwise every chunk with a namespace would come with the means to
 * require something, for which each process loads one built-in module more.
 */
const IMPORTED = esmExternalRequirePlugin({ external: builtinModules.flatMap((name) => [name, `node:${name}`]) });

/**
 * Bundles `entry` (a path below the repository) into ES modules in `folder`; the result is the entry among them. `define` are the constants
 * that sources wait for.
 */
export async function groupModules({ entry, folder, define }) {
  const common = { cwd: ROOT, platform: 'node', transform: { define }, plugins: [IMPORTED] };
  const gateways = [];
  const apart = {
    name: 'gateways-apart',
    resolveDynamicImport(specifier) {
      const name = /^\.\.\/(cgi\/\w+)\.js$/.exec(specifier)?.[1];
      if (name === undefined) return undefined;
      gateways.push(`./${name}.ts`);
      return { id: `./${name}.js`, external: true };
    },
  };
  const output = await write(
    { ...common, input: entry, plugins: [IMPORTED, apart], preserveEntrySignatures: false },
    { dir: folder, format: 'esm' },
  );
  const input = Object.fromEntries(gateways.map((file) => [path.basename(file, '.ts'), file]));
  const groupOf = groups(await moduleGraph({ ...common, input }));
  await write(
    { ...common, input, preserveEntrySignatures: 'allow-extension' },
    {
      dir: path.join(folder, 'cgi'),
      format: 'esm',
      codeSplitting: {
        // What a group imports stays where it is needed.
        includeDependenciesRecursively: false,
        groups: GROUPS.map((name) => ({ name, test: (id) => groupOf(id) === name })),
      },
    },
  );
  return path.join(folder, output.find((chunk) => chunk.isEntry).fileName);
}

async function write(input, output) {
  const bundle = await rolldown(input);
  try {
    return (await bundle.write(output)).output;
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
  const bundle = await rolldown({ ...options, plugins: [...options.plugins, ...plugins] });
  try {
    await bundle.generate({ format: 'esm' });
  } finally {
    await bundle.close();
  }
  return graph;
}

/** The group of a module of the CGI programs by who needs it; undefined for most. */
function groups(graph) {
  const needs = Object.entries(NEEDED_BY).map(([name, files]) => [
    name,
    files.map((file) => closure(graph, path.join(ROOT, file))),
  ]);
  return (id) => needs.find(([, closures]) => closures.some((modules) => modules.has(id)))?.[0];
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
