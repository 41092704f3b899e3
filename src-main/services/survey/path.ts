/** The rules of shared/base/paths.ts, with words for each breach. */
import { isPath, isPathSegment, MAX_PATH_BYTES, utf8Length } from '../../../shared/base/paths.ts';

/** Parts of a path. A guess: ten times what people nest. */
export const MAX_DEPTH = 64;

/** What is wrong with a relative path ('/' between parts), as the end of a sentence that begins "its name"; else undefined. */
export function pathProblem(path: string): string | undefined {
  if (path === '') return 'is empty';
  if (!path.isWellFormed()) return 'is not valid Unicode';
  if (utf8Length(path) > MAX_PATH_BYTES) return `is longer than ${MAX_PATH_BYTES} bytes with its folders`;
  const parts = path.split('/');
  if (parts.length > MAX_DEPTH) return `is more than ${MAX_DEPTH} folders deep`;
  if (parts.some((part) => part === '')) return 'has an empty part';
  if (parts.some((part) => part === '.' || part === '..')) return 'points outside of its folder';
  if (/\p{Cc}/u.test(path)) return 'has a control character';
  if (path.includes('\\')) return 'has a backslash, which some systems read as a folder';
  return parts.every(isPathSegment) && isPath(path) ? undefined : 'cannot be in a link';
}
