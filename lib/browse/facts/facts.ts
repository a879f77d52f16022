/**
 * What browse needs for its work, for a client or for a job: where the programs are, the table of leap seconds, the series, what may be seen.
 */
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import { type AccessContext, AccessDecisions } from '../find/record-access.js';
import type { Places } from '../forms/links.js';
import type { NamesFilter } from '../naming/folder.js';
import { readGroups, type SeriesGroup, withGroups } from '../naming/groups-file.js';
import { type NamingTable, namingTable } from '../naming/table.js';
import type { LeapTable } from '../time/leap-table.js';
import { readLeapTable } from '../time/read-leap-table.js';

/** A request of the browse program with what belongs to it. */
export interface BrowseFacts {
  readonly context: ServerContext;
  readonly request: Request;
  /** Whole addresses, for programs and files. */
  readonly places: Places;
  /** Paths, for links of pages. */
  readonly paths: Places;
  readonly table: LeapTable;
  readonly now: number;
}

/** The facts of a request. Throws `configuration` where the list of leap seconds cannot be used. */
export function browseFacts(context: ServerContext, request: Request): BrowseFacts {
  const { configuration } = context;
  const parent = request.mountPath.slice(0, request.mountPath.lastIndexOf('/'));
  const parentUrl = request.baseUrl.slice(0, request.baseUrl.length - (request.mountPath.length - parent.length));
  const own = configuration.text('MAIN_SRV_URL') ?? 'server';
  const isAbsolute = /^(?:https?:)?\/\//i.test(own);
  const name = own.replace(/^\/+|\/+$/g, '');
  const main = isAbsolute ? own.replace(/\/+$/, '') : `${parent}/${name}`;
  const mainUrl = configuration.text('SERVER_URL') ?? (isAbsolute ? main : `${parentUrl}/${name}`);
  const hasCitations = configuration.flag('CITE_ENABLE') === true;
  return {
    context,
    request,
    places: { main: mainUrl.replace(/\/+$/, ''), browse: request.baseUrl, hasCitations },
    paths: { main, browse: request.mountPath, hasCitations },
    table: readLeapTable(configuration, request.receivedAt, (line) => context.sources.logOnceADay(line)),
    now: request.receivedAt,
  };
}

/** The naming table with the nicknames of the site. */
export async function browseNames(
  { context, now }: BrowseFacts,
  filter?: NamesFilter,
): Promise<NamingTable & { readonly groups: readonly SeriesGroup[] }> {
  const table = await namingTable(context.sources, { now, ...(filter !== undefined && { filter }) });
  const groups = readGroups(context.configuration.path('BROWSE_GROUPS'), (line) => context.sources.logOnceADay(line));
  return { ...table, series: withGroups(table.series, groups), groups };
}

/** Decides what this client may see. */
export function browseAccess({ context, request, paths, table, now }: BrowseFacts): AccessDecisions {
  const about: AccessContext = {
    tree: context.sources,
    applicant: request,
    mountPath: paths.main,
    table,
    now,
    log: (line) => context.log.line(line),
    openedByAddress: () => {
      context.notes.byAddress = true;
    },
  };
  return new AccessDecisions(about);
}
