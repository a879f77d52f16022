/** States of the data of one request: what counts as volatile, and what as the same (citation 5.1, 8.5). */
import t from 'tap';
import { haveSameData, isVolatile, viaClass } from '../../../lib/cite/citation/states.js';
import type { LogEntry } from '../../../lib/cite/log/row.js';

const entry = (time: string, letter: string, state: LogEntry['state'] = 'ok'): LogEntry => ({
  time: `2026-05-${time}:00.000Z`,
  rk: '0'.repeat(64),
  state,
  d2c1: state === 'ok' ? letter.repeat(64) : undefined,
  format: 'd2s',
  bytes: 1,
  via: 'live',
  open: false,
  request: '',
});

t.test('volatile: three digests in the last three deliveries, within a day', async (t) => {
  const three = [entry('03T12:00', 'c'), entry('03T11:00', 'b'), entry('02T12:00', 'a')];
  t.ok(isVolatile(three), 'a day exactly');
  t.notOk(isVolatile([...three.slice(0, 2), entry('02T11:59', 'a')]), 'longer than a day');
  t.notOk(isVolatile([...three.slice(0, 2), entry('02T12:00', 'c')]), 'two digests');
  t.notOk(isVolatile(three.slice(0, 2)), 'two deliveries');
  t.ok(isVolatile([three[0], entry('03T11:30', '', 'failed'), ...three.slice(1)] as LogEntry[]), 'others do not count');
});

t.test('the same data', async (t) => {
  t.ok(haveSameData({ d2c1: 'a' }, { d2c1: 'a' }));
  t.notOk(haveSameData({ d2c1: 'a' }, { d2c1: 'b' }), 'what nobody has worked out is not equal');
  t.notOk(haveSameData({ d2c1: 'a', orderFree: 'x' }, { d2c1: 'b' }));
  t.ok(haveSameData({ d2c1: 'a', orderFree: 'x' }, { d2c1: 'b', orderFree: 'x' }));
  t.same(['live', 'live:60', 'cache:60', 'cache:60+10'].map(viaClass), ['live', 'level:60', 'level:60', 'cache:60+10']);
});
