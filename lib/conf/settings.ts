/**
 * Every key of das2server.conf in one table: kind of value and default. The typed getters of `Configuration` read
 * their defaults here, and the loader checks values against the kind. What each key means stands in setting-meanings.ts.
 *
 * A row is `kind` or `kind = default`, the default as it would stand in the file; in paths `$PREFIX` (top of the installed tree),
 * `$ETC` (folder of the configuration file) and `$STATE_ROOT` are filled in. Flat text on purpose: every CGI request makes this
 * table anew. Keys: server-protocol 8.2, server-internals 1.4, browse-export 13, citation 14.3.
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

/** A row of the table, taken apart. */
export interface Setting {
  readonly kind: SettingKind;
  readonly default?: string;
  /** Values of a `choice`. */
  readonly values?: readonly string[];
  /** Never shown, not even to administrators through the web. */
  readonly secret: boolean;
}

const SETTINGS = {
  // The site
  SITE_NAME: 'text',
  SERVER_ID: 'text',
  SITE_ID: 'text',
  SITE_PATH_URI: 'text',
  SERVER_URL: 'text',
  CONTACT_EMAIL: 'text',
  CONTACT_URL: 'text',
  STYLE_SHEET: 'text = das2server.css',
  SAMPLE_DSDF: 'text',
  SAMPLE_START: 'text',
  SAMPLE_END: 'text',
  VIEW_LOG_URL: 'text',
  MAIN_SRV_URL: 'text = server',
  PEERS_FILE: 'path',
  DAS23_PROTOTYPE: 'flag = false',
  SKIP_LOWCASE: 'flag = false',
  // Folders
  DSDF_ROOT: 'path',
  DSDF_ALLOW_ROOTS: 'paths',
  ID_EXTRA_CHARS: 'text',
  IGNORE_REDIRECT: 'flag = false',
  RESOURCE_PATH: 'path = $PREFIX/static',
  STATE_ROOT: 'path = $PREFIX/state',
  // Programs
  BIN_PATH: 'paths',
  LIB_PATH: 'paths',
  PASS_ENV: 'words',
  OUTPUT_BY_NAME: 'flag = false',
  D2S_REDUCER: 'command = das2_bin_avgsec',
  QDS_REDUCER: 'command',
  D2S_TO_UTF8: 'command = das2_ascii',
  QDS_TO_UTF8: 'command',
  D2S_CACHE_RDR: 'command = das2_cache_rdr',
  QDS_CACHE_RDR: 'command',
  DAS1_TO_DAS2: 'command = das2_from_das1',
  D2S_CSV_CONVERTER: 'command',
  PNG_MAKER: 'command',
  PNG_MAKER_MODE: 'choice = file',
  // Access
  USER_PASSWD: 'path',
  USER_GROUP: 'path',
  SECURITY_REALM: 'text',
  TEST_FROM: 'addresses',
  TRUSTED_PROXIES: 'addresses',
  VIEW_LOG_ALLOW: 'addresses = 127.0.0.0/8 ::1',
  ADMIN_GROUP: 'text',
  VIEW_LOG_GROUP: 'text',
  // Logs
  LOG_PATH: 'path',
  LOG_KEEP_DAYS: 'integer = 3',
  LOG_LOCALTIME: 'flag = false',
  ACCESS_LOG: 'flag = true',
  ACCESS_KEEP_MONTHS: 'integer = 13',
  ERROR_DETAIL: 'choice = tail',
  USAGE_JOBS: 'flag = false',
  // Limits
  MAX_PIPELINES: 'integer',
  MAX_PIPELINES_PER_IP: 'integer = 8',
  PIPELINE_WAIT: 'seconds = 30 s',
  MAX_OUTPUT_BYTES: 'bytes',
  FIRST_BYTE_TIMEOUT: 'seconds = 300 s',
  IDLE_TIMEOUT: 'seconds = 120 s',
  MAX_RUN_TIME: 'seconds = 3600 s',
  // Cache and queue
  CACHE_ROOT: 'path',
  CACHE_HOLDOFF: 'seconds = 2 d',
  CACHE_MAX_BLOCKS: 'integer = 2000',
  CACHE_JOB_BLOCKS: 'integer = 100000',
  CACHE_TRUST_FOREIGN: 'flag = true',
  CACHE_UMASK: 'text = 0002',
  CACHE_REREDUCE: 'flag = true',
  WORK_QUEUE_BROKER: 'choice',
  WORK_QUEUE_CONN: 'text',
  WORK_QUEUE_DIR: 'path = $STATE_ROOT/queue',
  QUEUE_MAX: 'integer = 10000',
  FINISHED_KEEP: 'integer = 10000',
  // HAPI
  ENABLE_HAPI_SUBSYS: 'flag = false',
  HAPI_VERSION: 'text = 3.3',
  HAPI_MAX_SPAN: 'seconds',
  HAPI_LEVELS: 'flag = false',
  // Browse and export
  BROWSE_CACHE: 'path = $STATE_ROOT/names',
  BROWSE_CACHE_MAXAGE: 'seconds = 24 h',
  BROWSE_INV: 'path = $STATE_ROOT/inventory',
  BROWSE_DEFAULT_BLOCK: 'text = 1day',
  BROWSE_DEFAULT_EPOCH: 'text = TS_EQ time 2000.01.01_00:00:00_UTC',
  BROWSE_MAX_BLOCKS: 'integer = 20000',
  BROWSE_GROUPS: 'path = $ETC/browse-groups.ini',
  BROWSE_PAGES: 'path = $ETC/browse-pages.ini',
  EXPORT_ROOT: 'path = $STATE_ROOT/export',
  EXPORT_URL: 'text',
  EXPORT_KEEP_DAYS: 'integer',
  EXPORT_MAX_BYTES: 'bytes',
  EXPORT_MAX_ITEMS: 'integer',
  EXPORT_MIN_FREE: 'bytes = 5 GiB',
  STAGE_CMD: 'command',
  MAIL_CMD: 'command',
  LEAP_SECONDS_FILE: 'path',
  // Citation
  CITE_ENABLE: 'flag = true',
  CITE_ROOT: 'path = $STATE_ROOT/cite',
  CITE_STORE: 'choice = files',
  CITE_LOCK: 'flag = false',
  CITE_KEEP: 'choice = asked',
  CITE_RAW_MONTHS: 'integer = 13',
  CITE_COMPUTE_MAX: 'bytes = 256 MiB',
  CITE_VERIFY_MAXAGE: 'seconds = 24 h',
  CITE_STRICT_MAX: 'bytes = 256 MiB',
  CITE_PROBE_EVERY: 'seconds = 7 d',
  CITE_CHECK_KEPT: 'integer = 20',
  CITE_DOI_URL: 'text',
  CITE_DOI_HOSTS: 'words',
  CITE_CSL_CMD: 'command',
  CITE_CSL_DIR: 'path',
  CITE_PUBLISHER: 'text',
  CITE_LICENSE: 'text',
  CITE_PID_BASE: 'text',
  CITE_STREAM_PROPS: 'flag = false',
  CITE_CHAIN: 'flag = false',
  CITE_SIGN_CMD: 'command',
  // Known and without effect
  MODULE_PATH: 'ignored',
  DSID_ROOT: 'ignored',
  VIEWLOG2_RELPATH: 'ignored',
} as const satisfies Readonly<Record<string, SettingKind | `${SettingKind} = ${string}`>>;

export type SettingKey = keyof typeof SETTINGS;

/** Keys whose values are of one of the kinds. */
export type SettingKeyOf<Kind extends SettingKind> = {
  [Key in SettingKey]: (typeof SETTINGS)[Key] extends Kind | `${Kind} = ${string}` ? Key : never;
}[SettingKey];

/** Values of the settings that are a choice. */
const CHOICES: Readonly<Record<SettingKeyOf<'choice'>, readonly string[]>> = {
  PNG_MAKER_MODE: ['file', 'filter'],
  ERROR_DETAIL: ['tail', 'id'],
  WORK_QUEUE_BROKER: ['redis', 'spool', 'none'],
  CITE_STORE: ['files', 'redis'],
  CITE_KEEP: ['asked', 'all'],
};

/** Other spellings found in manuals and on running sites, and the key each stands for; the key itself wins. */
export const SYNONYMS: Readonly<Record<string, SettingKey>> = {
  SITE_IDENTITY: 'SITE_NAME',
  SITE_PATHURI: 'SITE_PATH_URI',
  SITE_CATALOG_TAG: 'SITE_PATH_URI',
  MAIN_SERVER_URL: 'MAIN_SRV_URL',
  SKIP_LOWERCASE: 'SKIP_LOWCASE',
  INGNORE_REDIRECT: 'IGNORE_REDIRECT',
  RESOURCE_ROOT: 'RESOURCE_PATH',
  ALLOW_TEST_FROM: 'TEST_FROM',
};

/** All keys. */
export function settingKeys(): readonly SettingKey[] {
  return Object.keys(SETTINGS) as SettingKey[];
}

/** The row of a key. */
export function setting(key: SettingKey): Setting {
  const row: string = SETTINGS[key];
  const equals = row.indexOf(' = ');
  const kind = (equals < 0 ? row : row.slice(0, equals)) as SettingKind;
  return {
    kind,
    ...(equals >= 0 && { default: row.slice(equals + 3) }),
    ...(kind === 'choice' && { values: CHOICES[key as SettingKeyOf<'choice'>] }),
    secret: key === 'WORK_QUEUE_CONN',
  };
}

/** True if the key is one of the table. */
export function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(SETTINGS, key);
}

/** The key that a name is another spelling of; undefined if it is none. */
export function keyOfSynonym(name: string): SettingKey | undefined {
  return Object.hasOwn(SYNONYMS, name) ? SYNONYMS[name] : undefined;
}
