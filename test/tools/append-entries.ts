/** Writes entries into a log of deliveries: `ROOT NUMBER COUNT [lock]`. One of many processes of a test that do so at the same time. */
import { appendEntry } from '../../lib/cite/log/append.js';
import type { LogEntry } from '../../lib/cite/log/row.js';

/** Short and long rows by turns; `bytes` tells them apart. */
export async function main([root = '', number = '0', count = '0', lock]: readonly string[]): Promise<number> {
  for (let i = 0; i < Number(count); i++) {
    const entry: LogEntry = {
      time: '2026-11-20T09:30:12.345Z',
      rk: 'ab'.repeat(32),
      state: 'ok',
      format: 'd2s',
      bytes: Number(number) * Number(count) + i,
      via: 'live',
      open: false,
      request: `dataset=A&params=${'x'.repeat(i % 2 === 0 ? 10 : 3200)}`,
    };
    appendEntry(root, entry, lock === 'lock');
  }
  return 0;
}
