/**
 * The stages that read a source: its reader and, for das1 sources, the up-converter (server-protocol 4.6.2, design 6).
 *
 *   READER [INTERVAL] BEGIN END [WORD …]                       das2 streams and QStreams
 *   DAS1_READER [INTERVAL] BEGIN END [WORD …] | conversion     das1 with our own up-converter, which runs inside the process
 *   DAS1_TO_DAS2 DSDF [INTERVAL] BEGIN END [WORD …]            das1 with a converter of the site's own
 */
import { readerOf, type Source } from '../../source/source.js';
import type { Stage } from './stage.js';

const OWN_CONVERTER = 'das2_from_das1';

export interface ReaderArguments {
  /** For sources that require it; as the client wrote it. */
  readonly interval?: string | undefined;
  /** Times as the reader gets them. */
  readonly begin: string;
  readonly end: string;
  readonly words: readonly string[];
}

/** The stages in order; the first one is the reader. Throws `sourceDefinition` if there is none. */
export function readerStages(source: Source, { interval, begin, end, words }: ReaderArguments): Stage[] {
  const args = [...(interval === undefined ? [] : [interval]), begin, end, ...words];
  const { das1Reader: reader, outputByName } = source;
  if (reader !== undefined && source.reader?.text.trim() === OWN_CONVERTER) {
    return [
      { role: 'reader', command: reader.text, args, environment: reader.environment, outputByName },
      conversion(source, begin, end),
    ];
  }
  const { text, environment } = readerOf(source);
  return [{ role: 'reader', command: text, args: [...source.readerArguments, ...args], environment, outputByName }];
}

function conversion({ entries }: Source, begin: string, end: string): Stage {
  return {
    role: 'converter',
    command: OWN_CONVERTER,
    args: [],
    filter: async () => {
      const [{ fromDas1Program }, { das1KeywordsOf }] = await Promise.all([
        import('../../filter/from-das1.js'),
        import('../../source/definition/das1-definition.js'),
      ]);
      return fromDas1Program({ keywords: das1KeywordsOf(entries), begin, end });
    },
  };
}
