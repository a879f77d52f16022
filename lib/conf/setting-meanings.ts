/**
 * What each key of das2server.conf means, in words for administrators: the guide is made from these rows and those of settings.ts.
 * `otherwise` says what holds when there is no fixed default. No program needs this to serve a request.
 */
import type { SettingKey } from './settings.js';

/** The words for one key. */
export interface SettingMeaning {
  readonly meaning: string;
  readonly otherwise?: string;
}

export const SETTING_MEANINGS: Readonly<Record<SettingKey, SettingMeaning>> = {
  // The site
  SITE_NAME: { meaning: 'Name of the site: answer to server=id and heading of the pages.', otherwise: 'SERVER_ID' },
  SERVER_ID: { meaning: 'Short lower-case token of the server, shown in capitals on pages.' },
  SITE_ID: { meaning: 'Token of the site in das2 catalogs and HAPI documents where SERVER_ID is not set.' },
  SITE_PATH_URI: { meaning: 'Prefix of the path URIs in das2 catalogs.' },
  SERVER_URL: {
    meaning: 'Public address of the main program, without a slash at the end.',
    otherwise: 'worked out from each request',
  },
  CONTACT_EMAIL: { meaning: 'Mail address on pages; HTML character references are allowed.' },
  CONTACT_URL: { meaning: 'Contact page linked from pages.' },
  STYLE_SHEET: { meaning: 'Style sheet of the pages, a file below /static.' },
  SAMPLE_DSDF: { meaning: 'Source used in the example links of the landing page.' },
  SAMPLE_START: { meaning: 'Begin of the example range on the landing page.' },
  SAMPLE_END: { meaning: 'End of the example range on the landing page.' },
  VIEW_LOG_URL: { meaning: 'Link to the log viewer; absolute if it contains //, else beside the server.' },
  MAIN_SRV_URL: { meaning: 'Link from the log viewer back to the main program.' },
  PEERS_FILE: { meaning: 'INI file of the servers named by server=peers.' },
  DAS23_PROTOTYPE: { meaning: 'Show the tree of sources on the landing page.' },
  SKIP_LOWCASE: { meaning: 'Leave all-lower-case directories out of the das2.3 directory listings.' },
  // Folders
  DSDF_ROOT: { meaning: 'Top of the tree of source definitions.', otherwise: 'required' },
  DSDF_ALLOW_ROOTS: { meaning: 'Folders that symbolic links below DSDF_ROOT may lead to.' },
  ID_EXTRA_CHARS: { meaning: 'Characters allowed in source ids besides letters, digits and _ . + -.' },
  IGNORE_REDIRECT: {
    meaning: 'Serve sources with a server keyword here instead of redirecting (rename still redirects).',
  },
  RESOURCE_PATH: {
    meaning:
      'Folder of static files (names of letters, digits and _ . + -) and logo; what is missing there comes from the program itself.',
  },
  STATE_ROOT: { meaning: 'Folder for everything the server keeps besides cache and logs.' },
  // Programs
  BIN_PATH: { meaning: 'Folders put in front of PATH for readers and filters.' },
  LIB_PATH: { meaning: 'Folders put in front of LD_LIBRARY_PATH for readers and filters.' },
  PASS_ENV: { meaning: 'Environment variables handed on to readers and filters.' },
  OUTPUT_BY_NAME: { meaning: 'Readers get pipes that they can open as /dev/stdout and /dev/stderr.' },
  D2S_REDUCER: { meaning: 'Reducer of das2 streams.' },
  QDS_REDUCER: { meaning: 'Reducer of Q streams.', otherwise: 'no reduction' },
  D2S_TO_UTF8: { meaning: 'Text converter of das2 streams.' },
  QDS_TO_UTF8: { meaning: 'Text converter of Q streams.', otherwise: 'ascii is ignored' },
  D2S_CACHE_RDR: { meaning: 'Cache reader of das2 sources.' },
  QDS_CACHE_RDR: { meaning: 'Cache reader of Q stream sources.', otherwise: 'no cache' },
  DAS1_TO_DAS2: { meaning: 'Program put in front of das1 sources.' },
  D2S_CSV_CONVERTER: { meaning: 'Known from older example files; used by nothing.' },
  PNG_MAKER: { meaning: 'Plot program.', otherwise: 'server=image is not provided' },
  PNG_MAKER_MODE: {
    meaning:
      'How the plot program is called: it fetches data from SERVER_URL, which must be set, and writes a file, or is the end of a pipeline.',
  },
  // Access
  USER_PASSWD: { meaning: 'File of accounts: user:hash.' },
  USER_GROUP: { meaning: 'File of groups: group:::user,user.' },
  SECURITY_REALM: { meaning: 'Realm of protected sources.', otherwise: '<mount path>/<source id>' },
  TEST_FROM: { meaning: 'Addresses or CIDR ranges that need no credentials. Never the address of a proxy.' },
  TRUSTED_PROXIES: { meaning: 'Proxies whose Forwarded or X-Forwarded-For header is believed.' },
  VIEW_LOG_ALLOW: { meaning: 'Addresses that may see all logs and server=debug.' },
  ADMIN_GROUP: { meaning: 'Group whose members may see server=debug.' },
  VIEW_LOG_GROUP: { meaning: 'Group whose members may see all logs.' },
  // Logs
  LOG_PATH: { meaning: 'Folder of the log files.', otherwise: 'standard error' },
  LOG_KEEP_DAYS: { meaning: 'Days of request logs that are kept.' },
  LOG_LOCALTIME: { meaning: 'Local time instead of UTC in log lines.' },
  ACCESS_LOG: { meaning: 'Write one JSON record for each request.' },
  ACCESS_KEEP_MONTHS: { meaning: 'Months of access records that are kept.' },
  ERROR_DETAIL: {
    meaning: 'What clients see of a failing reader: the masked end of its standard error, or the request id only.',
  },
  USAGE_JOBS: { meaning: 'Queue a usage record for each request.' },
  // Limits
  MAX_PIPELINES: { meaning: 'Pipelines that run at one time; 0: no limit.', otherwise: '4 for each processor' },
  MAX_PIPELINES_PER_IP: {
    meaning: 'The same for one client address, or the first 64 bits of an IPv6 one; 0: no limit.',
  },
  PIPELINE_WAIT: { meaning: 'How long a request waits for a free pipeline; 0: it is refused at once.' },
  MAX_OUTPUT_BYTES: { meaning: 'Longest data answer; 0: no limit.', otherwise: 'no limit' },
  FIRST_BYTE_TIMEOUT: { meaning: 'Time a pipeline has for its first byte; 0: no limit.' },
  IDLE_TIMEOUT: { meaning: 'Longest pause in the output of a pipeline; 0: no limit.' },
  MAX_RUN_TIME: { meaning: 'Longest run of a pipeline; 0: no limit.' },
  // Cache and queue
  CACHE_ROOT: { meaning: 'Top of the cache tree.', otherwise: 'no cache' },
  CACHE_HOLDOFF: { meaning: 'Data younger than this are never cached for good.' },
  CACHE_MAX_BLOCKS: { meaning: 'Cache blocks looked at for one request; 0: none.' },
  CACHE_JOB_BLOCKS: {
    meaning: 'Cache blocks that one job may make for a source without validRange; none: no limit.',
  },
  CACHE_TRUST_FOREIGN: { meaning: 'Use blocks that another server program made.' },
  CACHE_UMASK: { meaning: 'Umask (octal) of new cache files.' },
  CACHE_REREDUCE: { meaning: 'Reduce cached data again for much coarser requests.' },
  WORK_QUEUE_BROKER: {
    meaning: 'Where background jobs are queued.',
    otherwise: 'redis if WORK_QUEUE_CONN is set, else spool',
  },
  WORK_QUEUE_CONN: {
    meaning: 'Redis: host:port:database, or a redis://, rediss://, redis+sentinel:// or unix: address.',
    otherwise: 'localhost:6379:0',
  },
  WORK_QUEUE_DIR: { meaning: 'Folder of the spool queue.' },
  QUEUE_MAX: { meaning: 'Most jobs that may wait; 0: none are taken.' },
  FINISHED_KEEP: { meaning: 'Finished jobs that are kept; 0 keeps all.' },
  // HAPI
  ENABLE_HAPI_SUBSYS: { meaning: 'Answer HAPI requests.' },
  HAPI_VERSION: { meaning: 'HAPI version in answers.' },
  HAPI_MAX_SPAN: { meaning: 'Longest time range of a HAPI data request.', otherwise: 'no limit' },
  HAPI_LEVELS: { meaning: 'Offer cache levels as HAPI datasets.' },
  // Browse and export
  BROWSE_CACHE: { meaning: 'Folder of the naming table.' },
  BROWSE_CACHE_MAXAGE: { meaning: 'Age at which the naming table is made anew.' },
  BROWSE_INV: { meaning: 'Folder of the inventories.' },
  BROWSE_DEFAULT_BLOCK: { meaning: 'Block of series that do not say theirs.' },
  BROWSE_DEFAULT_EPOCH: { meaning: 'Epoch of series that do not say theirs.' },
  BROWSE_MAX_BLOCKS: { meaning: 'Records that one query may look at.' },
  BROWSE_GROUPS: { meaning: 'Nicknames for sets of series.' },
  BROWSE_PAGES: { meaning: 'Entry pages of browse with preset fields.' },
  EXPORT_ROOT: { meaning: 'Folder of exports, and of the parts of archives while they are fetched.' },
  EXPORT_URL: { meaning: 'Public address of exports.', otherwise: '<own URL>/export' },
  EXPORT_KEEP_DAYS: { meaning: 'Days that the files of exports are kept.', otherwise: '7' },
  EXPORT_MAX_BYTES: {
    meaning: 'Largest export by a worker, and largest archive that is made while it is sent (never above 2 GiB).',
    otherwise: '50 GiB; 2 GiB for archives',
  },
  EXPORT_MAX_ITEMS: { meaning: 'Most items of an archive or export.', otherwise: '500; 5000 for exports by a worker' },
  EXPORT_MIN_FREE: { meaning: 'Free space in EXPORT_ROOT below which archives are refused.' },
  STAGE_CMD: {
    meaning: 'Program that brings offline records back; it gets program, level, series, record number and place.',
  },
  MAIL_CMD: {
    meaning:
      'Program that sends the mail at the end of an export: the address is its last argument, the message on standard input.',
    otherwise: 'no mail',
  },
  LEAP_SECONDS_FILE: {
    meaning: 'Leap second list in IERS form.',
    otherwise: 'the built-in table, or that of the system once it reaches further',
  },
  // Citation
  CITE_ENABLE: { meaning: 'Record data answers so that they can be cited.' },
  CITE_ROOT: { meaning: 'Folder of the citation log.' },
  CITE_STORE: {
    meaning:
      'redis: all machines of the site know what each has delivered (WORK_QUEUE_CONN); files: each knows its own.',
  },
  CITE_LOCK: { meaning: 'Lock citation files (network file systems).' },
  CITE_KEEP: { meaning: 'all: keep every citation for good; asked: those with keep=1, and those of exports.' },
  CITE_RAW_MONTHS: { meaning: 'Months until citation logs are condensed.' },
  CITE_COMPUTE_MAX: { meaning: 'Largest answer hashed while a client waits.' },
  CITE_VERIFY_MAXAGE: { meaning: 'Age up to which a logged digest is believed.' },
  CITE_STRICT_MAX: { meaning: 'Largest answer held back for a strict check.' },
  CITE_PROBE_EVERY: { meaning: 'How often the worker looks at the testRange of sources; 0: never.' },
  CITE_CHECK_KEPT: { meaning: 'Kept citations that the worker compares each night.' },
  CITE_DOI_URL: { meaning: 'Resolver that fills in missing metadata.', otherwise: 'no look-ups' },
  CITE_DOI_HOSTS: {
    meaning: 'Hosts that metadata may be fetched from.',
    otherwise: 'the resolver and the usual registries',
  },
  CITE_CSL_CMD: { meaning: 'Program that formats citations in the styles of CITE_CSL_DIR.' },
  CITE_CSL_DIR: { meaning: 'Folder of CSL styles, NAME.csl.' },
  CITE_PUBLISHER: { meaning: 'Publisher of sources that name none.', otherwise: 'SITE_NAME' },
  CITE_LICENSE: { meaning: 'License of sources that name none, in HAPI documents.' },
  CITE_PID_BASE: { meaning: 'Persistent prefix of citation ids.' },
  CITE_STREAM_PROPS: { meaning: 'Put citation and license into stream headers.' },
  CITE_CHAIN: { meaning: 'Chain condensed logs by digests.' },
  CITE_SIGN_CMD: { meaning: 'Program that signs kept citations: reads one, writes its signature as text.' },
  // Known and without effect
  MODULE_PATH: { meaning: 'Was the module path of an older server.' },
  DSID_ROOT: { meaning: 'Was never used.' },
  VIEWLOG2_RELPATH: { meaning: 'Was never used.' },
};

/**
 * Keys of older servers that have no use here, and keys for browse, export and citation, which this version does not have: files may hold
 * them, and nothing asks for them. A test compares this with the sources.
 */
export const WITHOUT_EFFECT: ReadonlySet<SettingKey> = new Set<SettingKey>([
  'MODULE_PATH',
  'DSID_ROOT',
  'VIEWLOG2_RELPATH',
  'SITE_PATH_URI',
  'D2S_CSV_CONVERTER',
]);
