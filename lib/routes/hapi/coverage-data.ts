/**
 * Records of `SOURCE:coverage`: the counts that are kept, as a table (server-internals 7.2).
 *
 * Contract: no reader and no pipeline; what is out of date is sent, and asked for anew behind the last byte.
 */
import { type Coverage, clippedCoverage, daysOf } from '../../cache/coverage/coverage.js';
import { COVERAGE_TABLE, coverageStream } from '../../cache/coverage/stream.js';
import { recount } from '../../data/coverage-job.js';
import type { KnownQuestion } from '../../hapi/question.js';
import { withAfterwards } from '../../reply/build-reply.js';
import type { Reply } from '../../reply/reply.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import type { ReplyHead } from '../data/prepare-reply.js';
import { emptyTable, filledTable } from './table-reply.js';
import { conversion } from './table-stage.js';

/** Answers the days that begin inside the range. */
export function coverageTable(
  context: ServerContext,
  request: Request,
  table: KnownQuestion & { readonly kept: Coverage },
  head: ReplyHead,
): Reply {
  const { kept, question, dataset } = table;
  const parts: Buffer[] = [];
  const rows = conversion(table, { write: (bytes) => void parts.push(Buffer.from(bytes)) });
  const { begin, end } = question.range;
  const part = clippedCoverage(kept, daysOf({ begin: begin.time, end: end.time }));
  const afterwards = recount(context, request, dataset.source, kept);
  if (part.days.size > 0) {
    rows.push(coverageStream(part, COVERAGE_TABLE));
    rows.end();
  }
  context.log.line(`HAPI: ${rows.rowCount} days of those that were counted`);
  if (rows.rowCount === 0) {
    const reply = emptyTable(context, request, { table, head });
    return afterwards === undefined ? reply : withAfterwards(reply, afterwards);
  }
  const bytes = Buffer.concat(parts);
  return filledTable(
    context,
    request,
    { table, head },
    {
      async write(target) {
        await target.write(bytes);
        return true;
      },
      afterwards,
    },
  );
}
