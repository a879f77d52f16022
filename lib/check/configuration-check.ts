/**
 * Checks das2server.conf beyond what loading does: settings that are none, folders and programs that are missing, addresses
 * that let everybody in, variables of the environment that change how the program starts.
 */
import { isUmask } from '../cache/safe-files.js';
import type { Configuration } from '../conf/configuration.js';
import { errorDetail } from '../conf/configuration-error.js';
import { readPeers } from '../conf/peers.js';
import { WITHOUT_EFFECT } from '../conf/setting-meanings.js';
import { isSettingKey, type SettingKey, type SettingKeyOf, SYNONYMS, setting, settingKeys } from '../conf/settings.js';
import { statsIfAny } from '../files/files-if-any.js';
import { stageEnvironment } from '../pipeline/stage/environment.js';
import { commandFault } from './commands.js';
import type { Findings } from './findings.js';
import { similarWord } from './similar-word.js';

const FILES: readonly SettingKeyOf<'path'>[] = ['USER_PASSWD', 'USER_GROUP', 'PEERS_FILE'];
const FOLDERS: readonly SettingKeyOf<'path'>[] = ['DSDF_ROOT', 'RESOURCE_PATH', 'LOG_PATH', 'STATE_ROOT', 'CACHE_ROOT'];
/** Defaults of the others need not be installed until a source asks for them. */
const ALWAYS_NEEDED = new Set<string>(['D2S_REDUCER', 'D2S_TO_UTF8']);

/** Checks the settings. */
export async function checkConfiguration(configuration: Configuration, all: Findings): Promise<void> {
  const findings = all.about('configuration');
  for (const warning of configuration.warnings) findings.warning('setting', warning);
  checkKeys(configuration, findings);
  checkPlaces(configuration, findings);
  await checkCommands(configuration, findings);
  checkAddresses(configuration, findings);
  checkPeers(configuration, findings);
  checkServerUrl(configuration, findings);
  const umask = configuration.text('CACHE_UMASK');
  if (umask !== undefined && !isUmask(umask)) {
    findings.error('umask', `CACHE_UMASK: '${umask}' is no umask, so 0002 is used`, {
      advice: 'write three octal digits behind a 0, such as 0027',
    });
  }
}

/** Variables that would change the start of our executable, or of Node. */
export function checkEnvironment(environment: NodeJS.ProcessEnv, all: Findings): void {
  const findings = all.about('environment');
  for (const name of Object.keys(environment)) {
    if (!/^BUN_|^NODE_OPTIONS$/.test(name)) continue;
    findings.warning('environment', `${name} is set: it changes how the programs start`, {
      clients: 'under a web server: wrong answers or none at all',
      advice: `see that the web server does not pass ${name} on (Apache: UnsetEnv, no PassEnv)`,
    });
  }
}

function checkKeys(configuration: Configuration, findings: Findings): void {
  const keys = settingKeys();
  const synonyms = new Set(Object.keys(SYNONYMS));
  for (const [key] of configuration.shownEntries()) {
    if (isSettingKey(key) && WITHOUT_EFFECT.has(key)) noteWithoutEffect(key, configuration, findings);
    if (isSettingKey(key) || synonyms.has(key) || /^(?:HANDLE_|TASK_)/.test(key)) continue;
    const meant = similarWord(key, [...keys, ...synonyms]);
    if (meant === undefined)
      findings.note('unknown-setting', `${key} is no setting; only $(${key}) in definitions uses it`);
    else findings.warning('unknown-setting', `${key} is no setting`, { advice: `write ${meant} if that is meant` });
  }
}

/** What older servers had is worth a note; who sets what this version has not expects something of it. */
function noteWithoutEffect(key: SettingKey, configuration: Configuration, findings: Findings): void {
  const isOld = !/^(?:BROWSE|CITE|EXPORT)_|^(?:STAGE|MAIL)_CMD$|^LEAP_SECONDS_FILE$/.test(key);
  const isOff = setting(key).kind === 'flag' && !configuration.flag(key as SettingKeyOf<'flag'>);
  const message = `${key} has no effect in this version`;
  if (isOld || isOff) findings.note('without-effect', message);
  else findings.warning('without-effect', message, { advice: `leave ${key} out` });
}

function checkPlaces(configuration: Configuration, findings: Findings): void {
  for (const key of FILES) {
    const path = configuration.path(key);
    if (path !== undefined && configuration.has(key) && !statsIfAny(path)?.isFile()) {
      findings.error('missing-file', `${key}: ${path} is not a file`, {
        clients: key === 'PEERS_FILE' ? 'server=peers gets 500' : 'protected sources get 500',
        advice: `make the file or change ${key}`,
      });
    }
  }
  for (const key of FOLDERS) {
    const path = configuration.path(key);
    if (path === undefined || statsIfAny(path)?.isDirectory()) continue;
    if (key === 'DSDF_ROOT') {
      findings.error('missing-folder', `DSDF_ROOT: ${path} is not a folder`, {
        clients: 'nearly every request gets 500',
        advice: 'make the folder or change DSDF_ROOT',
      });
    } else if (configuration.has(key) || key === 'STATE_ROOT') {
      const effect = {
        LOG_PATH: 'logs go to standard error',
        STATE_ROOT: 'lists are made anew for each request, and log-in limits are not shared',
      };
      findings.warning('missing-folder', `${key}: ${path} is not a folder`, {
        clients: effect[key as keyof typeof effect],
        advice: `make the folder or change ${key}`,
      });
    }
  }
  if (configuration.path('DSDF_ROOT') === undefined) {
    findings.error('not-set', 'DSDF_ROOT is not set', {
      clients: 'nearly every request gets 500',
      advice: `name the folder of the definitions in ${configuration.file}`,
    });
  }
  if (configuration.path('LOG_PATH') === undefined) {
    findings.warning('not-set', 'LOG_PATH is not set: logs go to standard error, and there are no usage figures');
  }
  for (const key of ['BIN_PATH', 'LIB_PATH', 'DSDF_ALLOW_ROOTS'] as const) {
    for (const path of configuration.paths(key)) {
      if (!statsIfAny(path)?.isDirectory()) {
        findings.warning('missing-folder', `${key}: ${path} is not a folder`, {
          advice: `make the folder or change ${key}; a colon stands between two folders`,
        });
      }
    }
  }
}

/** What readers and filters are started with. */
export function checkerEnvironment(configuration: Configuration): Record<string, string> {
  return stageEnvironment({
    binPath: configuration.paths('BIN_PATH'),
    libPath: configuration.paths('LIB_PATH'),
    passNames: configuration.words('PASS_ENV'),
    requestFacts: { REMOTE_ADDR: '127.0.0.1', SERVER_NAME: 'localhost' },
  });
}

async function checkCommands(configuration: Configuration, findings: Findings): Promise<void> {
  const path = checkerEnvironment(configuration).PATH ?? '';
  for (const key of settingKeys()) {
    if (setting(key).kind !== 'command' || WITHOUT_EFFECT.has(key)) continue;
    if (!configuration.has(key) && !ALWAYS_NEEDED.has(key)) continue;
    const command = configuration.text(key as SettingKeyOf<'command'>);
    const fault = command === undefined ? undefined : await commandFault(command, path);
    if (fault !== undefined) {
      findings.error('missing-program', `${key}: ${fault}`, {
        clients: 'requests that need it get 500',
        advice: `install the program, or change ${key} or BIN_PATH`,
      });
    }
  }
}

function checkAddresses(configuration: Configuration, findings: Findings): void {
  const testFrom = configuration.addresses('TEST_FROM');
  if (testFrom.contains('127.0.0.1') || testFrom.contains('::1')) {
    findings.warning(
      'test-from',
      'TEST_FROM lists a loopback address: whoever works on this machine reads protected data',
      {
        advice: 'leave it out unless nobody else has an account here; list reverse proxies in TRUSTED_PROXIES',
      },
    );
  }
  for (const key of ['TEST_FROM', 'VIEW_LOG_ALLOW', 'TRUSTED_PROXIES'] as const) {
    // Addresses that belong to nobody (RFC 5737): only a range for everybody holds them all.
    const list = configuration.addresses(key);
    if (['192.0.2.77', '198.51.100.77', '203.0.113.77'].every((address) => list.contains(address))) {
      findings.error('open-to-all', `${key} holds all addresses`, {
        clients: {
          TEST_FROM: 'everybody reads protected data',
          VIEW_LOG_ALLOW: 'everybody sees and deletes logs',
          TRUSTED_PROXIES: 'everybody can pretend to have any address',
        }[key],
        advice: `name single addresses or networks in ${key}`,
      });
    }
  }
}

function checkPeers(configuration: Configuration, findings: Findings): void {
  const file = configuration.path('PEERS_FILE');
  if (file === undefined || !statsIfAny(file)?.isFile()) return;
  try {
    readPeers(file, (line) => findings.warning('peers', line));
  } catch (error) {
    findings.error('peers', errorDetail(error), { clients: 'server=peers gets 500' });
  }
}

function checkServerUrl(configuration: Configuration, findings: Findings): void {
  const url = configuration.text('SERVER_URL');
  if (url === undefined && configuration.has('PNG_MAKER') && configuration.text('PNG_MAKER_MODE') !== 'filter') {
    findings.error(
      'server-url',
      'PNG_MAKER_MODE = file needs SERVER_URL, from which the plot program fetches its data',
      {
        clients: 'server=image gets 501',
        advice: 'set SERVER_URL, or PNG_MAKER_MODE = filter if the plot program can stand behind the reader',
      },
    );
  }
  if (url !== undefined && !/^https?:\/\/[^\s/?#]+(?:\/[^\s?#]*)?$/.test(url)) {
    findings.error('server-url', 'SERVER_URL is not an address like https://das.example.org/das/server', {
      clients: 'redirects and links lead nowhere',
    });
  }
}
