/**
 * Says of kept citations that a later state of the same data is kept, too (citation 6.4).
 *
 * Contract: the event `superseded` names the latest kept state as `by`, once. States that were declared equivalent to it, and citations that were withdrawn, are left alone.
 */
import type { Configuration } from '../../conf/configuration.js';
import { Equivalences } from '../citation/equivalence.js';
import { citationId } from '../citation/id.js';
import type { KeptCitations } from '../citation/kept.js';
import { digitsOf, statesOf } from '../citation/states.js';
import { logEntries } from '../delivery/log-entries.js';

/** Looks at all kept states of a request, one of which was kept just now. Throws what the system throws. */
export async function noteSuperseded(configuration: Configuration, store: KeptCitations, rk: string): Promise<void> {
  const equivalences = new Equivalences(configuration.path('CITE_ROOT'));
  const states = statesOf(await logEntries(configuration, rk))
    .map(({ digest, first }) => ({ id: citationId(rk, digitsOf(digest)), digits: digitsOf(digest), first }))
    .filter(({ id }) => store.isKept(id) && store.events(id).every(({ event }) => event !== 'withdrawn'))
    .sort((a, b) => (a.first < b.first ? 1 : -1));
  const [latest, ...older] = states;
  if (latest === undefined) return;
  for (const { id, digits } of older) {
    const isKnown = store.events(id).some(({ event, by }) => event === 'superseded' && by === latest.id);
    if (isKnown || equivalences.has(digits, latest.digits)) continue;
    store.note(id, { time: new Date().toISOString(), event: 'superseded', by: latest.id });
  }
}
