/**
 * Citations of the records in a bag (browse-export 9.3): `CITATION.txt`, `citations.bib` and `citations.csl.json`, one citation for each record that was
 * delivered, of exactly the bytes that lie in the bag.
 *
 * Contract: a record that cannot be cited, or whose digest is not on record, harms neither the bag nor the others. While citations are switched off there are
 * none, and no files for them.
 */
import type { BrowseFacts } from '../../../browse/facts/facts.js';
import { asDas2Error } from '../../../error.js';
import type { ServerContext } from '../../../server/context.js';
import { mainRequest } from './fetch.js';

/** Collects citations as records are put into a bag. */
export class BagCitations {
  readonly #facts: BrowseFacts;
  readonly #isOn: boolean;
  readonly #texts: string[] = [];
  readonly #bibtex: string[] = [];
  readonly #csl: string[] = [];

  constructor(facts: BrowseFacts) {
    this.#facts = facts;
    this.#isOn = facts.context.configuration.flag('CITE_ENABLE') === true;
  }

  /** Cites the answer to a data address that had these bytes; gives the digest of its content, if that is on record. */
  async add(url: string, sha256: string): Promise<string | undefined> {
    if (!this.#isOn) return undefined;
    try {
      return await this.#cite(url, sha256);
    } catch (error) {
      this.#facts.context.log.line(`No citation of a record: ${asDas2Error(error).message}`);
      return undefined;
    }
  }

  async #cite(url: string, sha256: string): Promise<string | undefined> {
    const [
      { citedQuestion },
      { keepCitation },
      { chosenState },
      { makeCitation },
      { metadataOf },
      { bibtex, cslJson },
      { textCitation },
    ] = await Promise.all([
      import('../../../cite/question/question.js'),
      import('../../../cite/making/keep.js'),
      import('../../../cite/making/chosen-state.js'),
      import('../../../cite/making/make.js'),
      import('../../../cite/making/source-metadata.js'),
      import('../../../cite/forms/reference-formats.js'),
      import('../../../cite/forms/text-styles.js'),
    ]);
    const context: ServerContext = { ...this.#facts.context, notes: {}, afterwards: [] };
    const asked = mainRequest(this.#facts, url);
    // Not in the query: a request for a table has no such key.
    const request = { ...asked, parameters: new Map([...asked.parameters, ['compute', '0']]) };
    const cited = await citedQuestion(context, request);
    if (!metadataOf(context, cited.question.source).citable) return undefined;
    const { choice, entries, warnings } = await chosenState(context, request, cited, { hash: sha256 });
    const state = choice.kind === 'one' ? choice.state : undefined;
    const citation = await makeCitation(context, request, cited, { state, entries, warnings });
    // What is in somebody's hands for good is citable for good.
    if (citation.id !== undefined) await keepCitation(context, request, citation);
    this.#texts.push(textCitation(citation, 'default') ?? '');
    this.#bibtex.push(bibtex(citation));
    this.#csl.push(JSON.stringify(cslJson(citation)));
    return state?.digest;
  }

  /** The files, by their paths in the bag. */
  files(): [path: string, text: string][] {
    if (this.#texts.length === 0) return [];
    return [
      ['CITATION.txt', this.#texts.map((text) => `${text.trimEnd()}\n`).join('\n')],
      ['citations.bib', this.#bibtex.join('\n')],
      ['citations.csl.json', `[${this.#csl.join(',\n')}]\n`],
    ];
  }
}
