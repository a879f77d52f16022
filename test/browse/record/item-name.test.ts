import t from 'tap';
import { isKey, itemName, parseItemName, triadName } from '../../../lib/browse/record/item-name.js';

const triad = { prog: 'mdi', level: 'lev1.5', series: 'fd_V_01h' };

t.test('names of items', (t) => {
  const name = 'prog:mdi,level:lev1.5,series:fd_V_01h[59340]';
  t.equal(itemName(triad, 59340), name);
  t.same(parseItemName(name), { ...triad, first: 59340, last: 59340 });
  t.same(parseItemName('prog:mdi,lev:lev1.5,series:fd_V_01h[59328-59345]'), { ...triad, first: 59328, last: 59345 });
  t.same(parseItemName('prog:mdi,level:lev1.5,series:fd_V_01h[-2--1]'), { ...triad, first: -2, last: -1 });
  t.equal(triadName(triad), 'mdi:lev1.5:fd_V_01h');
  t.end();
});

t.test('parts of a record', (t) => {
  for (const part of ['2', '0007,0012', 'a.fits', '12:01-12:03', '12:01:30-24:00', '12:01-12:03,x,y.min']) {
    const name = itemName({ prog: 'a', level: 'b', series: 'c' }, -1, part);
    t.same(parseItemName(name), { prog: 'a', level: 'b', series: 'c', first: -1, last: -1, part }, name);
  }
  t.end();
});

t.test('what is none is refused by name', (t) => {
  for (const bad of [
    '',
    'mdi',
    'prog:a,level:..,series:c[1]',
    'prog:a,level:b,series:c/d[1]',
    'prog:a,level:b,series:c[2-1]',
    'prog:a,level:b,series:c[99999999999]',
    'prog:a,level:b,series:c[1]{}',
    'prog:a,level:b,series:c[1-2]{2}',
    'prog:a,level:b,series:c[1]{2/3}',
    'prog:a,level:b,series:c[1]{12:03-12:01}',
    'prog:a,level:b,series:c[1]{23:00-24:01}',
    'prog:a,level:b,series:c[1]{12:01-12:03,}',
    'prog:a,level:b,series:c[1]{x,12:01-12:03}',
    `prog:a,level:b,series:c[1]{${'x'.repeat(1501)}}`,
  ]) {
    t.throws(() => parseItemName(bad), { code: 'illegalArgument', data: { field: 'sel' } }, bad);
  }
  t.same(['.', '..', '', 'a/b', 'a^b', 'é', 'a'.repeat(65), 'a'].map(isKey), [
    false,
    false,
    false,
    false,
    false,
    false,
    false,
    true,
  ]);
  t.end();
});
