/**
 * What files and folders of others are called on this machine's disk. A name that can be held stays as it is; of another, the
 * letters that cannot be are written as %XX, the bytes of their UTF-8, so that the name can be told again from the one on the disk. The same
 * keeps two names apart that the disk takes for one (case, normal form), and names that stand for work of our own.
 */
import { platformName } from '../read/platform-names.ts';

/** Of a file that is on its way, and of a folder that is (file-part.ts, folder-state.ts): no name of others is one. */
const OWN_WORK = /^\..*\.(?:part|folder)$/i;
const ESCAPED = /%[0-9a-f]{2}/i;

/** `isTaken`: whether the disk has another file under this name, or one that it takes for the same. */
export function heldName(name: string, platform: string, isTaken: (candidate: string) => boolean): string {
  const letters = [...name];
  const escaped = letters.map((letter, index) => isBad(letter, platform) || isEscape(letters, index));
  const candidate = (): string =>
    letters.map((letter, index) => (escaped[index]! ? escapedLetter(letter) : letter)).join('');
  const isHeld = (): boolean => {
    const held = candidate();
    return !OWN_WORK.test(held) && platformName(held, platform) === held;
  };
  // What is reserved is so by how it begins; a dot or a blank at the end cannot be; the one, the other, or both.
  const last = letters.length - 1;
  const [firstBefore, lastBefore] = [escaped[0]!, escaped[last]!];
  for (const [first, end] of [
    [true, lastBefore],
    [firstBefore, true],
    [true, true],
  ] as const) {
    if (isHeld()) break;
    if (last > 0) [escaped[0], escaped[last]] = [first, end];
    else escaped[0] = true;
  }
  // Too long with all this: cut, and what was cut is told by nothing on the disk.
  if (!isHeld()) return cut(candidate(), platform, isTaken);
  for (let index = 0; index < letters.length && isTaken(candidate()); index += 1) escaped[index] = true;
  return isHeld() && !isTaken(candidate()) ? candidate() : cut(candidate(), platform, isTaken);
}

/** The name from the one on the disk. */
export function originalName(held: string): string {
  return held.replace(/(?:%[0-9A-F]{2})+/g, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'));
}

/** One name to disks that do not tell case, or the ways to write an accent, apart. */
export function blindName(name: string): string {
  return name.normalize('NFD').toUpperCase().toLowerCase();
}

/** Places of files below a folder: each folder has its own names. */
export class NamePlan {
  readonly #platform: string;
  readonly #isBlind: boolean;
  /** By what it is called by its user: what it is called here, and what is taken in it. */
  readonly #folders = new Map<string, { readonly path: string; readonly taken: Set<string> }>();

  constructor(platform: string, isBlind: boolean) {
    this.#platform = platform;
    this.#isBlind = isBlind;
    this.#folders.set('', { path: '', taken: new Set() });
  }

  /** Below the target, '/' between. */
  place(folder: string, name: string): string {
    const { path, taken } = this.#folder(folder);
    const held = this.#take(name, taken);
    return path === '' ? held : `${path}/${held}`;
  }

  #folder(folder: string): { readonly path: string; readonly taken: Set<string> } {
    const known = this.#folders.get(folder);
    if (known !== undefined) return known;
    const slash = folder.lastIndexOf('/');
    const above = this.#folder(folder.slice(0, Math.max(0, slash)));
    const held = this.#take(folder.slice(slash + 1), above.taken);
    const made = { path: above.path === '' ? held : `${above.path}/${held}`, taken: new Set<string>() };
    this.#folders.set(folder, made);
    return made;
  }

  #take(name: string, taken: Set<string>): string {
    const key = (held: string): string => (this.#isBlind ? blindName(held) : held);
    const held = heldName(name, this.#platform, (candidate) => taken.has(key(candidate)));
    taken.add(key(held));
    return held;
  }
}

/** A letter that the platform cannot hold in the middle of a name. */
function isBad(letter: string, platform: string): boolean {
  const around = `a${letter}a`;
  return platformName(around, platform) !== around;
}

/** What would be read as one of ours. */
function isEscape(letters: readonly string[], index: number): boolean {
  return letters[index] === '%' && ESCAPED.test(letters.slice(index, index + 3).join(''));
}

function escapedLetter(letter: string): string {
  return [...Buffer.from(letter, 'utf8')]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');
}

/** Numbered until it is nobody else's. */
function cut(name: string, platform: string, isTaken: (candidate: string) => boolean): string {
  const MAX_BYTES = 240;
  const short = platformName(name.replace(/^\.(?=.*\.(?:part|folder)$)/i, '_'), platform, MAX_BYTES);
  let candidate = short;
  for (let count = 2; isTaken(candidate); count += 1) candidate = `${short}~${count}`;
  return candidate;
}
