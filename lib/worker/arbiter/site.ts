/**
 * The configuration and the sources that a worker goes by: those of the start, until it is told to read them anew.
 */
import { type Configuration, loadConfiguration } from '../../conf/configuration.js';
import { errorDetail } from '../../conf/configuration-error.js';
import { SourceTree } from '../../source/tree/source-tree.js';
import type { WorkerLog } from './log.js';
import { changedQueueSettings } from './queue-settings.js';

export interface Site {
  readonly configuration: Configuration;
  readonly sources: SourceTree;
}

/** What holds now. */
export class CurrentSite {
  #now: Site;
  readonly #atStart: Configuration;

  /** `file`: the configuration file, or undefined to look for it. Throws `configuration`. */
  constructor(private readonly file: string | undefined) {
    this.#now = readSite(file);
    this.#atStart = this.#now.configuration;
  }

  get now(): Site {
    return this.#now;
  }

  /** Reads all anew; a faulty configuration changes nothing. `place` is that of the queue, which stays. */
  reload(log: WorkerLog, place: string): void {
    try {
      this.#now = readSite(this.file);
      log.info('configuration read anew');
      const kept = changedQueueSettings(this.#atStart, this.#now.configuration);
      if (kept.length > 0) {
        const names = kept.join(', ');
        log.error(`the queue stays that of the start, at ${place}: restart the worker for the new ${names}`);
      }
    } catch (error) {
      log.error(`configuration not changed: ${errorDetail(error)}`);
    }
  }
}

function readSite(file: string | undefined): Site {
  const configuration = loadConfiguration({ file });
  return { configuration, sources: new SourceTree(configuration) };
}
