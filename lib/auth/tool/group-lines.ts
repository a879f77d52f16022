/**
 * Changes to the text of a group file (`group:x:x:user,user` a line, see accounts.ts) that leave everything else as it is: comments,
 * order, other groups, the two unused fields, even bytes that are no UTF-8.
 *
 * Contract: pure. Lines are found as accounts.ts reads them; several lines of one group are joined there, so a user is taken out
 * of all of them.
 */
import { bare, bytesOf, joinLines, splitLines, UTF8_BOM } from './password-lines.js';

/** What is wrong with the name of a group, or of a user who shall be in one; undefined if nothing is. */
export function groupNameFault(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (/[:,]/.test(name)) return 'holds a colon or a comma';
  if (name.trim() !== name || name.startsWith('\ufeff')) return 'begins or ends with white space';
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(name)) return 'holds a control character';
  return name.startsWith('#') ? "begins with '#', which makes the line a comment" : undefined;
}

/** The file with these users in the group, which is made if need be; undefined if all are in it already. */
export function withMembers(file: Buffer, group: string, users: readonly string[]): Buffer | undefined {
  const lines = splitLines(file);
  const present = new Set(lines.flatMap((line) => membersIn(line, group) ?? []));
  const added = [...new Set(users.map(bytesOf))].filter((user) => !present.has(user));
  const at = lines.findIndex((line) => membersIn(line, group) !== undefined);
  if (at < 0) return joinLines([...lines, `${bytesOf(group)}:::${added.join(',')}`]);
  if (added.length === 0) return undefined;
  const line = lines[at] ?? '';
  lines[at] = withUsers(line, [...(membersIn(line, group) ?? []), ...added]);
  return joinLines(lines);
}

/** The file without these users in the group; undefined if none of them is in it. */
export function withoutMembers(file: Buffer, group: string, users: readonly string[]): Buffer | undefined {
  const gone = new Set(users.map(bytesOf));
  let found = false;
  const lines = splitLines(file).map((line) => {
    const members = membersIn(line, group);
    const rest = members?.filter((user) => !gone.has(user));
    if (members === undefined || rest === undefined || rest.length === members.length) return line;
    found = true;
    return withUsers(line, rest);
  });
  return found ? joinLines(lines) : undefined;
}

/** The file without the group; undefined if there is no such group. */
export function withoutGroup(file: Buffer, group: string): Buffer | undefined {
  const lines = splitLines(file);
  const rest = lines.filter((line) => membersIn(line, group) === undefined);
  return rest.length === lines.length ? undefined : joinLines(rest);
}

/** The users in a line of the group; undefined if the line is another's, or none. */
function membersIn(line: string, group: string): string[] | undefined {
  const content = bare(line.startsWith(UTF8_BOM) ? line.slice(UTF8_BOM.length) : line);
  const fields = content.split(':').map(bare);
  if (content.startsWith('#') || fields.length !== 4 || fields[0] !== bytesOf(group)) return undefined;
  return (fields[3] ?? '')
    .split(',')
    .map(bare)
    .filter((user) => user !== '');
}

function withUsers(line: string, users: readonly string[]): string {
  const end = line.endsWith('\r') ? '\r' : '';
  return `${line.slice(0, line.lastIndexOf(':') + 1)}${users.join(',')}${end}`;
}
