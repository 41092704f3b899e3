/** Whether a path that is published has the name of the user of this machine in it. */

/** Names that many machines have, and that are words: they tell nothing, and would be found everywhere. */
const COMMON_NAMES = new Set([
  'admin',
  'administrator',
  'guest',
  'home',
  'me',
  'node',
  'owner',
  'root',
  'test',
  'ubuntu',
  'user',
]);
/** Shorter ones are found in too many words. A guess. */
const MIN_NAME_LENGTH = 3;

/** `path`: inside the publication. The name has to stand by itself, as in `report-ottoline.pdf`. */
export function namesUser(path: string, userName: string): boolean {
  const name = userName.toLowerCase();
  if (name.length < MIN_NAME_LENGTH || COMMON_NAMES.has(name)) return false;
  return path
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .join(' ')
    .split(name)
    .some((before, index, parts) => {
      const after = parts[index + 1];
      return after !== undefined && !/[\p{L}\p{N}]$/u.test(before) && !/^[\p{L}\p{N}]/u.test(after);
    });
}
