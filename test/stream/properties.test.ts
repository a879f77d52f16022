import t from 'tap';
import { findProperty, type Property, withoutProperty, withProperty } from '../../lib/stream/properties.js';

const property = (name: string, value: string): Property => ({ type: '', name, value });

for (const length of [3, 500]) {
  const list = [...Array.from({ length }, (_, i) => property(`p${i}`, String(i))), property('p1', 'later')];

  t.test(`a list of ${list.length} properties: the first of a name counts`, (t) => {
    t.equal(findProperty(list, 'p1')?.value, '1');
    t.equal(findProperty(list, `p${length - 1}`)?.value, String(length - 1));
    t.equal(findProperty(list, 'nothing'), undefined);
    t.equal(findProperty(list, 'constructor'), undefined);
    t.end();
  });

  t.test(`a list of ${list.length} properties: changes make a new list`, (t) => {
    const changed = withProperty(list, property('p1', 'new'));
    t.equal(findProperty(changed, 'p1')?.value, 'new');
    t.equal(changed.length, list.length - 1, 'the second one of the name has gone');
    t.equal(findProperty(withoutProperty(changed, 'p1'), 'p1'), undefined);
    t.equal(findProperty(list, 'p1')?.value, '1');
    t.end();
  });
}
