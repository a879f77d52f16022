/**
 * Every key of das2server.conf in one table: kind of value, default, meaning. The typed getters of `Configuration` read
 * their defaults here, the loader checks values against the kind, and the administrator's guide is made from the same rows.
 *
 * `default` is written as it would stand in the file; in paths `$PREFIX` (top of the installed tree), `$ETC` (folder of the
 * configuration file) and `$STATE_ROOT` are filled in. `otherwise` says in words what holds when there is no fixed default.
 * Keys: server-protocol 8.2, server-internals 1.4, browse-export 13, citation 14.3.
 */

export type SettingKind =
  | 'text'
  | 'flag'
  | 'integer'
  | 'seconds'
  | 'bytes'
  | 'choice'
  | 'words'
  | 'paths'
  | 'path'
  | 'command'
  | 'addresses'
  | 'ignored';

export interface Setting {
  readonly kind: SettingKind;
  readonly default?: string;
  readonly otherwise?: string;
  /** Values of a `choice`. */
  readonly values?: readonly string[];
  /** Other spellings found in manuals and on running sites; the key itself wins. */
  readonly synonyms?: readonly string[];
  /** Never shown, not even to administrators through the web. */
  readonly secret?: boolean;
  readonly meaning: string;
}

export const SETTINGS = {
  // The site
  SITE_NAME: {
    kind: 'text',
    synonyms: ['SITE_IDENTITY'],
    otherwise: 'SERVER_ID',
    meaning: 'Name of the site: answer to server=id and heading of the pages.',
  },
  SERVER_ID: { kind: 'text', meaning: 'Short lower-case token of the server, shown in capitals on pages.' },
  SITE_ID: { kind: 'text', meaning: 'Token of the site in das2 catalogs; informational.' },
  SITE_PATH_URI: {
    kind: 'text',
    synonyms: ['SITE_PATHURI', 'SITE_CATALOG_TAG'],
    meaning: 'Prefix of the path URIs in das2 catalogs.',
  },
  SERVER_URL: {
    kind: 'text',
    otherwise: 'worked out from each request',
    meaning: 'Public address of the main program, without a slash at the end.',
  },
  CONTACT_EMAIL: { kind: 'text', meaning: 'Mail address on pages; HTML character references are allowed.' },
  CONTACT_URL: { kind: 'text', meaning: 'Contact page linked from pages.' },
  STYLE_SHEET: { kind: 'text', default: 'das2server.css', meaning: 'Style sheet of the pages, a file below /static.' },
  SAMPLE_DSDF: { kind: 'text', meaning: 'Source used in the example links of the landing page.' },
  SAMPLE_START: { kind: 'text', meaning: 'Begin of the example range on the landing page.' },
  SAMPLE_END: { kind: 'text', meaning: 'End of the example range on the landing page.' },
  VIEW_LOG_URL: {
    kind: 'text',
    meaning: 'Link to the log viewer; absolute if it contains //, else beside the server.',
  },
  MAIN_SRV_URL: {
    kind: 'text',
    default: 'server',
    synonyms: ['MAIN_SERVER_URL'],
    meaning: 'Link from the log viewer back to the main program.',
  },
  PEERS_FILE: { kind: 'path', meaning: 'INI file of the servers named by server=peers.' },
  DAS23_PROTOTYPE: { kind: 'flag', default: 'false', meaning: 'Show the tree of sources on the landing page.' },
  SKIP_LOWCASE: {
    kind: 'flag',
    default: 'false',
    synonyms: ['SKIP_LOWERCASE'],
    meaning: 'Leave all-lower-case directories out of the das2.3 directory listings.',
  },
  // Folders
  DSDF_ROOT: { kind: 'path', otherwise: 'required', meaning: 'Top of the tree of source definitions.' },
  DSDF_ALLOW_ROOTS: { kind: 'paths', meaning: 'Folders that symbolic links below DSDF_ROOT may lead to.' },
  ID_EXTRA_CHARS: { kind: 'text', meaning: 'Characters allowed in source ids besides letters, digits and _ . + -.' },
  IGNORE_REDIRECT: {
    kind: 'flag',
    default: 'false',
    synonyms: ['INGNORE_REDIRECT'],
    meaning: 'Serve sources with a server keyword here instead of redirecting (rename still redirects).',
  },
  RESOURCE_PATH: {
    kind: 'path',
    default: '$PREFIX/static',
    synonyms: ['RESOURCE_ROOT'],
    meaning: 'Folder of static files and logo; what is missing there comes from the program itself.',
  },
  STATE_ROOT: {
    kind: 'path',
    default: '$PREFIX/state',
    meaning: 'Folder for everything the server keeps besides cache and logs.',
  },
  // Programs
  BIN_PATH: { kind: 'paths', meaning: 'Folders put in front of PATH for readers and filters.' },
  LIB_PATH: { kind: 'paths', meaning: 'Folders put in front of LD_LIBRARY_PATH for readers and filters.' },
  PASS_ENV: { kind: 'words', meaning: 'Environment variables handed on to readers and filters.' },
  D2S_REDUCER: { kind: 'command', default: 'das2_bin_avgsec', meaning: 'Reducer of das2 streams.' },
  QDS_REDUCER: { kind: 'command', otherwise: 'no reduction', meaning: 'Reducer of Q streams.' },
  D2S_TO_UTF8: { kind: 'command', default: 'das2_ascii', meaning: 'Text converter of das2 streams.' },
  QDS_TO_UTF8: { kind: 'command', otherwise: 'ascii is ignored', meaning: 'Text converter of Q streams.' },
  D2S_CACHE_RDR: { kind: 'command', default: 'das2_cache_rdr', meaning: 'Cache reader of das2 sources.' },
  QDS_CACHE_RDR: { kind: 'command', otherwise: 'no cache', meaning: 'Cache reader of Q stream sources.' },
  DAS1_TO_DAS2: { kind: 'command', default: 'das2_from_das1', meaning: 'Program put in front of das1 sources.' },
  D2S_CSV_CONVERTER: { kind: 'command', meaning: 'Known from older example files; used by nothing.' },
  PNG_MAKER: { kind: 'command', otherwise: 'server=image is not provided', meaning: 'Plot program.' },
  PNG_MAKER_MODE: {
    kind: 'choice',
    default: 'file',
    values: ['file', 'filter'],
    meaning:
      'How the plot program is called: it fetches data from SERVER_URL, which must be set, and writes a file, or is the end of a pipeline.',
  },
  // Access
  USER_PASSWD: { kind: 'path', meaning: 'File of accounts: user:hash.' },
  USER_GROUP: { kind: 'path', meaning: 'File of groups: group:::user,user.' },
  SECURITY_REALM: { kind: 'text', otherwise: '<mount path>/<source id>', meaning: 'Realm of protected sources.' },
  TEST_FROM: {
    kind: 'addresses',
    synonyms: ['ALLOW_TEST_FROM'],
    meaning: 'Addresses or CIDR ranges that need no credentials. Never the address of a proxy.',
  },
  TRUSTED_PROXIES: { kind: 'addresses', meaning: 'Proxies whose Forwarded or X-Forwarded-For header is believed.' },
  VIEW_LOG_ALLOW: {
    kind: 'addresses',
    default: '127.0.0.0/8 ::1',
    meaning: 'Addresses that may see all logs and server=debug.',
  },
  ADMIN_GROUP: { kind: 'text', meaning: 'Group whose members may see server=debug.' },
  VIEW_LOG_GROUP: { kind: 'text', meaning: 'Group whose members may see all logs.' },
  // Logs
  LOG_PATH: { kind: 'path', otherwise: 'standard error', meaning: 'Folder of the log files.' },
  LOG_KEEP_DAYS: { kind: 'integer', default: '3', meaning: 'Days of request logs that are kept.' },
  LOG_LOCALTIME: { kind: 'flag', default: 'false', meaning: 'Local time instead of UTC in log lines.' },
  ACCESS_LOG: { kind: 'flag', default: 'true', meaning: 'Write one JSON record for each request.' },
  ACCESS_KEEP_MONTHS: { kind: 'integer', default: '13', meaning: 'Months of access records that are kept.' },
  ERROR_DETAIL: {
    kind: 'choice',
    default: 'tail',
    values: ['tail', 'id'],
    meaning: 'What clients see of a failing reader: the masked end of its standard error, or the request id only.',
  },
  USAGE_JOBS: { kind: 'flag', default: 'false', meaning: 'Queue a usage record for each request.' },
  // Limits
  MAX_PIPELINES: {
    kind: 'integer',
    otherwise: '4 for each processor',
    meaning: 'Pipelines that run at one time; 0: no limit.',
  },
  MAX_PIPELINES_PER_IP: { kind: 'integer', default: '8', meaning: 'The same for one client address; 0: no limit.' },
  PIPELINE_WAIT: {
    kind: 'seconds',
    default: '30 s',
    meaning: 'How long a request waits for a free pipeline; 0: it is refused at once.',
  },
  MAX_OUTPUT_BYTES: { kind: 'bytes', otherwise: 'no limit', meaning: 'Longest data answer; 0: no limit.' },
  FIRST_BYTE_TIMEOUT: {
    kind: 'seconds',
    default: '300 s',
    meaning: 'Time a pipeline has for its first byte; 0: no limit.',
  },
  IDLE_TIMEOUT: {
    kind: 'seconds',
    default: '120 s',
    meaning: 'Longest pause in the output of a pipeline; 0: no limit.',
  },
  MAX_RUN_TIME: { kind: 'seconds', default: '3600 s', meaning: 'Longest run of a pipeline; 0: no limit.' },
  // Cache and queue
  CACHE_ROOT: { kind: 'path', otherwise: 'no cache', meaning: 'Top of the cache tree.' },
  CACHE_HOLDOFF: { kind: 'seconds', default: '2 d', meaning: 'Data younger than this are never cached for good.' },
  CACHE_MAX_BLOCKS: { kind: 'integer', default: '2000', meaning: 'Cache blocks looked at for one request; 0: none.' },
  CACHE_TRUST_FOREIGN: { kind: 'flag', default: 'true', meaning: 'Use blocks that another server program made.' },
  CACHE_UMASK: { kind: 'text', default: '0002', meaning: 'Umask (octal) of new cache files.' },
  CACHE_REREDUCE: { kind: 'flag', default: 'true', meaning: 'Reduce cached data again for much coarser requests.' },
  WORK_QUEUE_BROKER: {
    kind: 'choice',
    values: ['redis', 'spool', 'none'],
    otherwise: 'redis if WORK_QUEUE_CONN is set, else spool',
    meaning: 'Where background jobs are queued.',
  },
  WORK_QUEUE_CONN: {
    kind: 'text',
    secret: true,
    otherwise: 'localhost:6379:0',
    meaning: 'Redis: host:port:database, or a redis://, rediss://, redis+sentinel:// or unix: address.',
  },
  WORK_QUEUE_DIR: { kind: 'path', default: '$STATE_ROOT/queue', meaning: 'Folder of the spool queue.' },
  QUEUE_MAX: { kind: 'integer', default: '10000', meaning: 'Most jobs that may wait; 0: none are taken.' },
  FINISHED_KEEP: { kind: 'integer', default: '10000', meaning: 'Finished jobs that are kept; 0 keeps all.' },
  // HAPI
  ENABLE_HAPI_SUBSYS: { kind: 'flag', default: 'false', meaning: 'Answer HAPI requests.' },
  HAPI_VERSION: { kind: 'text', default: '3.3', meaning: 'HAPI version in answers.' },
  HAPI_MAX_SPAN: { kind: 'seconds', otherwise: 'no limit', meaning: 'Longest time range of a HAPI data request.' },
  HAPI_LEVELS: { kind: 'flag', default: 'false', meaning: 'Offer cache levels as HAPI datasets.' },
  // Browse and export
  BROWSE_CACHE: { kind: 'path', default: '$STATE_ROOT/names', meaning: 'Folder of the naming table.' },
  BROWSE_CACHE_MAXAGE: { kind: 'seconds', default: '24 h', meaning: 'Age at which the naming table is made anew.' },
  BROWSE_INV: { kind: 'path', default: '$STATE_ROOT/inventory', meaning: 'Folder of the inventories.' },
  BROWSE_DEFAULT_BLOCK: { kind: 'text', default: '1day', meaning: 'Block of series that do not say theirs.' },
  BROWSE_DEFAULT_EPOCH: {
    kind: 'text',
    default: 'TS_EQ time 2000.01.01_00:00:00_UTC',
    meaning: 'Epoch of series that do not say theirs.',
  },
  BROWSE_MAX_BLOCKS: { kind: 'integer', default: '20000', meaning: 'Records that one query may look at.' },
  BROWSE_GROUPS: { kind: 'path', default: '$ETC/browse-groups.ini', meaning: 'Nicknames for sets of series.' },
  BROWSE_PAGES: { kind: 'path', default: '$ETC/browse-pages.ini', meaning: 'Arrangement of the browse pages.' },
  EXPORT_ROOT: { kind: 'path', default: '$STATE_ROOT/export', meaning: 'Folder of exports.' },
  EXPORT_URL: { kind: 'text', otherwise: '<own URL>/export', meaning: 'Public address of EXPORT_ROOT.' },
  EXPORT_KEEP_DAYS: { kind: 'integer', otherwise: 'by kind of export', meaning: 'Days that export files are kept.' },
  EXPORT_MAX_BYTES: { kind: 'bytes', otherwise: 'by kind of export', meaning: 'Largest export.' },
  EXPORT_MAX_ITEMS: { kind: 'integer', otherwise: 'by kind of export', meaning: 'Most items of an export.' },
  EXPORT_MIN_FREE: { kind: 'bytes', default: '5 GiB', meaning: 'Free space below which exports are refused.' },
  STAGE_CMD: { kind: 'command', meaning: 'Program that brings offline records back.' },
  MAIL_CMD: { kind: 'command', otherwise: 'no mail', meaning: 'Program that sends the mail at the end of an export.' },
  LEAP_SECONDS_FILE: { kind: 'path', otherwise: 'the built-in table', meaning: 'Leap second list in IERS form.' },
  // Citation
  CITE_ENABLE: { kind: 'flag', default: 'true', meaning: 'Record data answers so that they can be cited.' },
  CITE_ROOT: { kind: 'path', default: '$STATE_ROOT/cite', meaning: 'Folder of the citation log.' },
  CITE_STORE: { kind: 'choice', default: 'files', values: ['files', 'redis'], meaning: 'Where citations are kept.' },
  CITE_LOCK: { kind: 'flag', default: 'false', meaning: 'Lock citation files (network file systems).' },
  CITE_KEEP: { kind: 'text', meaning: 'all: keep every citation for good, not only those asked for.' },
  CITE_RAW_MONTHS: { kind: 'integer', default: '13', meaning: 'Months until citation logs are condensed.' },
  CITE_COMPUTE_MAX: { kind: 'bytes', default: '256 MiB', meaning: 'Largest answer hashed while a client waits.' },
  CITE_VERIFY_MAXAGE: { kind: 'seconds', default: '24 h', meaning: 'Age up to which a logged digest is believed.' },
  CITE_STRICT_MAX: { kind: 'bytes', default: '256 MiB', meaning: 'Largest answer held back for a strict check.' },
  CITE_DOI_URL: { kind: 'text', otherwise: 'no look-ups', meaning: 'Resolver that fills in missing metadata.' },
  CITE_DOI_HOSTS: {
    kind: 'words',
    otherwise: 'the resolver and the usual registries',
    meaning: 'Hosts that metadata may be fetched from.',
  },
  CITE_CSL_CMD: { kind: 'command', meaning: 'Program that formats citations in any CSL style.' },
  CITE_CSL_DIR: { kind: 'path', meaning: 'Folder of CSL styles.' },
  CITE_PUBLISHER: { kind: 'text', otherwise: 'SITE_NAME', meaning: 'Publisher of sources that name none.' },
  CITE_LICENSE: { kind: 'text', meaning: 'License of sources that name none.' },
  CITE_PID_BASE: { kind: 'text', meaning: 'Persistent prefix of citation ids.' },
  CITE_STREAM_PROPS: { kind: 'flag', default: 'false', meaning: 'Put citation and license into stream headers.' },
  CITE_CHAIN: { kind: 'flag', default: 'false', meaning: 'Chain condensed logs by digests.' },
  CITE_SIGN_CMD: { kind: 'command', meaning: 'Program that signs condensed logs.' },
  // Known and without effect
  MODULE_PATH: { kind: 'ignored', meaning: 'Was the module path of an older server.' },
  DSID_ROOT: { kind: 'ignored', meaning: 'Was never used.' },
  VIEWLOG2_RELPATH: { kind: 'ignored', meaning: 'Was never used.' },
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingKey = keyof typeof SETTINGS;

/** Keys whose values are of one of the kinds. */
export type SettingKeyOf<Kind extends SettingKind> = {
  [Key in SettingKey]: (typeof SETTINGS)[Key]['kind'] extends Kind ? Key : never;
}[SettingKey];

/** The row of a key, in its general type. */
export function setting(key: SettingKey): Setting {
  return SETTINGS[key];
}

/** True if the key is one of the table. */
export function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(SETTINGS, key);
}

/** The key that a name is another spelling of; undefined if it is none. */
export function keyOfSynonym(name: string): SettingKey | undefined {
  return (Object.keys(SETTINGS) as SettingKey[]).find((key) => setting(key).synonyms?.includes(name));
}
