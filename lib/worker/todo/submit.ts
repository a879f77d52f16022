/**
 * Puts planned jobs into the queue and says what became of them (server-internals 3.5), in words or as JSON.
 *
 * Contract: each item that was queued goes to standard error, as ever; the count, or the JSON document, to standard output. A queue that is
 * full ends it with status 15; what was queued before stays.
 */
import type { Broker, Submitted } from '../../queue/broker.js';
import { itemId } from '../../queue/identity.js';
import { usage } from '../wrong-usage.js';
import { follow, idOfSame } from './actions.js';
import type { Plan } from './add.js';
import { PROGRAM, print, REFUSED, say, type TodoOptions } from './words.js';

/** Queues the jobs; answers the exit status. */
export async function submitPlan(broker: Broker, plan: Plan, options: TodoOptions): Promise<number> {
  if (options.json && options.follow) throw usage('--json and --follow of new jobs do not go together');
  const ids: string[] = [];
  const jobs: { readonly id: string; readonly item: string; readonly outcome: Submitted }[] = [];
  for (const item of plan.items) {
    const outcome = await broker.submit(item, { urgent: options.front ?? false });
    jobs.push({ id: itemId(item), item, outcome });
    if (outcome === 'queued') say(item);
    else if (outcome === 'duplicate')
      say(`the same job is queued or under way already: ${item.split('|').slice(6).join('|')}`);
    else {
      say(`${PROGRAM}: the queue is full (QUEUE_MAX); not queued: ${item}`);
      break;
    }
    if (outcome === 'queued') ids.push(itemId(item));
    else if (options.follow) ids.push((await idOfSame(broker, item)) ?? '');
  }
  const count = (wanted: Submitted): number => jobs.filter(({ outcome }) => outcome === wanted).length;
  const [queued, duplicate] = [count('queued'), count('duplicate')];
  const result = { planned: plan.items.length, queued, duplicate, notQueued: plan.items.length - queued - duplicate };
  if (options.json) printJson({ summary: plan.summary, ...result, leftOut: plan.leftOut ?? [], jobs });
  else print(`${plan.summary}${outcomeWords(result)}\n`);
  if (result.notQueued > 0) return REFUSED;
  if (!options.follow) return 0;
  return follow(
    broker,
    ids.filter((id) => id !== ''),
  );
}

/** Says what would be queued. */
export function showPlan({ items, summary, leftOut = [] }: Plan, { json }: TodoOptions): void {
  if (json) printJson({ summary, planned: items.length, leftOut, jobs: items.map((item) => ({ item })) });
  else if (items.length > 0) print(`${items.join('\n')}\n`);
  say(`would queue ${summary}`);
}

/** Nothing where all went as planned. */
function outcomeWords({ queued, duplicate, notQueued }: Readonly<Record<string, number>>): string {
  if (!duplicate && !notQueued) return '';
  const words = [`: ${queued} queued`];
  if (duplicate) words.push(`${duplicate} queued or under way already`);
  if (notQueued) words.push(`${notQueued} not queued, the queue is full (QUEUE_MAX)`);
  return words.join(', ');
}

function printJson(value: unknown): void {
  print(`${JSON.stringify(value, undefined, 2)}\n`);
}
