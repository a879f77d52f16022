import t from 'tap';
import { isLoopback, parseAddress, parseAddressList } from '../../lib/conf/address-list.js';

t.test('lists', async (t) => {
  const table: [list: string, address: string, isIn: boolean][] = [
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', '192.0.2.2', false],
    ['192.0.2.1', '193.0.2.1', false],
    ['192.0.2.0/24', '192.0.2.255', true],
    ['192.0.2.0/24', '192.0.3.0', false],
    ['10.0.0.0/9', '10.127.1.1', true],
    ['10.0.0.0/9', '10.128.1.1', false],
    ['0.0.0.0/0', '8.8.8.8', true],
    ['0.0.0.0/0', '::1', false],
    ['::/0', '::1', true],
    ['2001:db8::/32', '2001:db8:1::5', true],
    ['2001:db8::/32', '2001:db9::', false],
    ['192.0.2.1', '::ffff:192.0.2.1', true],
    ['::ffff:192.0.2.0/120', '192.0.2.77', true],
    ['::1', '[::1]', true],
    ['fe80::1', 'fe80::1%eth0', true],
    ['a::b, 192.0.2.5\t10.1.1.1', '10.1.1.1', true],
    ['', '127.0.0.1', false],
    ['127.0.0.1', '', false],
    ['127.0.0.1', '127.0.0.1, 10.0.0.1', false],
    ['127.0.0.1', '0127.0.0.1', false],
  ];
  for (const [list, address, isIn] of table) {
    t.equal(parseAddressList(list, 'TEST_FROM').contains(address), isIn, `${address} in '${list}'`);
  }
});

t.test('wrong entries', async (t) => {
  for (const entry of [
    'host',
    '1.2.3',
    '1.2.3.256',
    '1.2.3.4/33',
    '::/129',
    '1.2.3.4/',
    '1::2::3',
    '01.2.3.4',
    ':1',
    '::ffff:1.2.3.4/90',
  ]) {
    t.throws(() => parseAddressList(entry, 'TEST_FROM'), { code: 'configuration' }, entry);
  }
});

t.test('addresses', async (t) => {
  t.same(parseAddress('::ffff:1.2.3.4'), [1, 2, 3, 4]);
  t.equal(parseAddress('1:2:3:4:5:6:7:8')?.length, 16);
  t.equal(parseAddress('1:2:3:4:5:6:7'), undefined);
  t.equal(parseAddress('1:2:3:4:5:6:7::8'), undefined);
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', '[::1]'])
    t.ok(isLoopback(address), address);
  for (const address of ['128.0.0.1', '::2', '', 'localhost']) t.notOk(isLoopback(address), address);
});
