/**
 * What is known of one shared folder: its files with their roots, by directory, and what is left out. Told what a walk found, it says
 * what came, went and moved. Nothing of it touches the disk.
 */
import { compareUtf8 } from '../../../shared/base/paths.ts';
import type { LeftOutReason } from '../../../shared/ipc/search-model.ts';
import type { FoundReason, SharedRow, Stamp } from '../../core/ports.ts';
import type { FoundDirectory } from './ports.ts';

/** Left out that are listed by name. */
export const MAX_LEFT_OUT_LISTED = 1_000;

export interface KnownFile extends Stamp {
  readonly directory: string;
  readonly name: string;
  /** Undefined until it was hashed. */
  root: Uint8Array | undefined;
  /** Since when it is shared from here, in days since 1970; of a file that was not hashed yet, none. */
  day: number | undefined;
  /** A look has seen it as it is known; one that was only loaded is not offered. */
  isSeen: boolean;
  /** Why it has no root, and is not counted as shared. */
  problem: Extract<LeftOutReason, 'changing' | 'unreadable' | 'too-much'> | undefined;
  /** How often it was found changed while it was hashed. */
  tries: number;
}

interface KnownDirectory {
  readonly files: Map<string, KnownFile>;
  directories: ReadonlySet<string>;
  leftOut: readonly { readonly name: string; readonly reason: FoundReason | 'too-much' }[];
}

/** What a look changed. */
export interface Difference {
  readonly moved: readonly { readonly from: KnownFile; readonly to: KnownFile }[];
  /** Not there any more, or other files now: what they were. */
  readonly removed: readonly KnownFile[];
  /** To be hashed. */
  readonly waiting: readonly KnownFile[];
}

export class Catalogue {
  readonly #directories = new Map<string, KnownDirectory>();
  readonly #leftOut = new Map<LeftOutReason, number>();
  /** How many more files may be known. */
  readonly #room: () => number;
  #confirmed: KnownFile[] = [];
  #vanished: KnownFile[] = [];
  #appeared: KnownFile[] = [];
  #sorted: readonly KnownFile[] | undefined;
  /** All that are shared or wait to be. */
  files = 0;
  sizeBytes = 0;
  /** Of these, what has its root and was seen. */
  hashedFiles = 0;
  hashedBytes = 0;

  constructor(room: () => number) {
    this.#room = room;
  }

  /** What was known when the program ended. */
  load(rows: readonly SharedRow[]): void {
    for (const { path, sizeBytes, modifiedMs, inode, root, day } of rows) {
      const slash = path.lastIndexOf('/');
      const [directory, name] = [path.slice(0, Math.max(0, slash)), path.slice(slash + 1)];
      this.#put(newFile(directory, name, { sizeBytes, modifiedMs, inode }, root, day));
    }
    this.#sorted = undefined;
  }

  get(path: string): KnownFile | undefined {
    const slash = path.lastIndexOf('/');
    return this.#directories.get(path.slice(0, Math.max(0, slash)))?.files.get(path.slice(slash + 1));
  }

  /** As one directory was found; directories in it that are new, which a flat walk has not seen. */
  apply(found: FoundDirectory): string[] {
    this.#sorted = undefined;
    const { directory } = found;
    if (found.failure === 'gone') {
      this.#forget(directory);
      return [];
    }
    const known = this.#directory(directory);
    this.#applyFiles(known, found);
    const before = known.directories;
    known.directories = new Set(found.directories);
    for (const name of before) if (!known.directories.has(name)) this.#forget(join(directory, name));
    return found.directories.flatMap((name) => {
      const path = join(directory, name);
      return this.#directories.has(path) ? [] : [path];
    });
  }

  #applyFiles(known: KnownDirectory, found: FoundDirectory): void {
    const tooMuch: { name: string; reason: 'too-much' }[] = [];
    const names = new Set(found.names);
    for (const file of known.files.values()) if (!names.has(file.name)) this.#vanish(known, file);
    found.names.forEach((name, index) => {
      const stamp = {
        sizeBytes: found.sizes[index]!,
        modifiedMs: found.modifiedMs[index]!,
        inode: found.inodes[index]!,
      };
      const file = known.files.get(name);
      if (file !== undefined && isSame(file, stamp)) this.#see(file);
      else {
        if (file !== undefined) this.#vanish(known, file);
        if (this.#room() > 0) this.#appear(newFile(found.directory, name, stamp, undefined, undefined), file?.tries);
        else tooMuch.push({ name, reason: 'too-much' });
      }
    });
    const unreadable = found.failure === 'unreadable' ? [{ name: '', reason: 'unreadable' as const }] : [];
    this.#setLeftOut(known, [...found.leftOut, ...tooMuch, ...unreadable]);
  }

  /** Loaded, and found as they were since this was asked last. */
  confirmed(): readonly KnownFile[] {
    const confirmed = this.#confirmed;
    this.#confirmed = [];
    return confirmed;
  }

  /** Ends a look: what it changed since the last one ended. */
  settle(): Difference {
    const byStamp = new Map<string, KnownFile[]>();
    for (const file of this.#vanished) {
      if (file.root === undefined) continue;
      const key = keyOf(file);
      const same = byStamp.get(key);
      if (same === undefined) byStamp.set(key, [file]);
      else same.push(file);
    }
    const moved: { from: KnownFile; to: KnownFile }[] = [];
    const waiting: KnownFile[] = [];
    const gone = new Set(this.#vanished);
    for (const file of this.#appeared) {
      // It may have gone again within the same look.
      if (this.get(pathOf(file)) !== file) continue;
      const from = byStamp.get(keyOf(file))?.pop();
      if (from === undefined) waiting.push(file);
      else {
        gone.delete(from);
        this.setHashed(file, file, from.root!, from.day!);
        moved.push({ from, to: file });
      }
    }
    [this.#vanished, this.#appeared] = [[], []];
    return { moved, removed: [...gone].filter((file) => file.root !== undefined), waiting };
  }

  /** `stamp`: of what was hashed, which may be newer than what was found. The file as it is known now; undefined when it left meanwhile. */
  setHashed(file: KnownFile, stamp: Stamp, root: Uint8Array, day: number): KnownFile | undefined {
    const known = this.#directories.get(file.directory);
    if (known?.files.get(file.name) !== file) return undefined;
    this.#uncount(file);
    const { sizeBytes, modifiedMs, inode } = stamp;
    Object.assign(file, { sizeBytes, modifiedMs, inode, root, day, isSeen: true, problem: undefined, tries: 0 });
    this.#count(file);
    return file;
  }

  setProblem(file: KnownFile, problem: KnownFile['problem']): void {
    if (this.#directories.get(file.directory)?.files.get(file.name) !== file) return;
    this.#uncount(file);
    file.problem = problem;
    this.#count(file);
  }

  /** The folder is not there: nothing of it is sure until it was looked at again. */
  unsee(): void {
    for (const file of this.all()) {
      this.#uncount(file);
      file.isSeen = false;
      this.#count(file);
    }
  }

  *all(): Generator<KnownFile, void, void> {
    for (const { files } of this.#directories.values()) yield* files.values();
  }

  directories(): IterableIterator<string> {
    return this.#directories.keys();
  }

  /** Directory by directory, in the order of their paths and names; those with a problem not among them. */
  sorted(): readonly KnownFile[] {
    this.#sorted ??= [...this.#directories]
      .toSorted(([a], [b]) => compareUtf8(a, b))
      .flatMap(([, { files }]) =>
        [...files.values()]
          .filter(({ problem }) => problem === undefined)
          .toSorted((a, b) => compareUtf8(a.name, b.name)),
      );
    return this.#sorted;
  }

  leftOutCounts(): ReadonlyMap<LeftOutReason, number> {
    return this.#leftOut;
  }

  /** By path, as many as are listed; those that were only counted have none. */
  leftOut(): { path: string; reason: LeftOutReason }[] {
    const listed: { path: string; reason: LeftOutReason }[] = [];
    for (const [directory, known] of this.#directories) {
      for (const { name, reason } of known.leftOut) {
        if (name !== '' || reason === 'unreadable') listed.push({ path: join(directory, name), reason });
      }
      for (const file of known.files.values())
        if (file.problem !== undefined) listed.push({ path: pathOf(file), reason: file.problem });
    }
    return listed.toSorted((a, b) => compareUtf8(a.path, b.path)).slice(0, MAX_LEFT_OUT_LISTED);
  }

  #directory(path: string): KnownDirectory {
    let known = this.#directories.get(path);
    if (known === undefined) {
      known = { files: new Map(), directories: new Set(), leftOut: [] };
      this.#directories.set(path, known);
    }
    return known;
  }

  /** A directory went, and all in it. */
  #forget(path: string): void {
    const waiting = [path];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const known = this.#directories.get(next);
      if (known === undefined) continue;
      for (const file of known.files.values()) this.#vanish(known, file);
      this.#setLeftOut(known, []);
      this.#directories.delete(next);
      for (const name of known.directories) waiting.push(join(next, name));
    }
  }

  #put(file: KnownFile): void {
    this.#directory(file.directory).files.set(file.name, file);
    // Directories on the way to it, so that it goes when one of them does.
    for (let child = file.directory; child !== '';) {
      const slash = child.lastIndexOf('/');
      const parent = child.slice(0, Math.max(0, slash));
      const { directories } = this.#directory(parent);
      const name = child.slice(slash + 1);
      if (directories.has(name)) break;
      (directories as Set<string>).add(name);
      child = parent;
    }
    this.#count(file);
  }

  #see(file: KnownFile): void {
    if (file.isSeen && file.problem === undefined) return;
    this.#uncount(file);
    const isLoaded = !file.isSeen && file.root !== undefined;
    file.isSeen = true;
    // What could not be hashed is tried again.
    if (file.root === undefined) this.#appeared.push(file);
    file.problem = undefined;
    this.#count(file);
    if (isLoaded) this.#confirmed.push(file);
  }

  #appear(file: KnownFile, tries = 0): void {
    file.isSeen = true;
    file.tries = tries;
    this.#put(file);
    this.#appeared.push(file);
  }

  #vanish(known: KnownDirectory, file: KnownFile): void {
    known.files.delete(file.name);
    this.#uncount(file);
    this.#vanished.push(file);
  }

  #count(file: KnownFile, sign = 1): void {
    this.#sorted = undefined;
    if (file.problem !== undefined) {
      this.#countLeftOut(file.problem, sign);
      return;
    }
    this.files += sign;
    this.sizeBytes += sign * file.sizeBytes;
    if (file.root === undefined || !file.isSeen) return;
    this.hashedFiles += sign;
    this.hashedBytes += sign * file.sizeBytes;
  }

  #uncount(file: KnownFile): void {
    this.#count(file, -1);
  }

  #setLeftOut(known: KnownDirectory, leftOut: KnownDirectory['leftOut']): void {
    for (const { reason } of known.leftOut) this.#countLeftOut(reason, -1);
    known.leftOut = leftOut;
    for (const { reason } of leftOut) this.#countLeftOut(reason, 1);
  }

  #countLeftOut(reason: LeftOutReason, sign: number): void {
    this.#leftOut.set(reason, (this.#leftOut.get(reason) ?? 0) + sign);
  }
}

export function pathOf({ directory, name }: Pick<KnownFile, 'directory' | 'name'>): string {
  return join(directory, name);
}

function join(directory: string, name: string): string {
  if (name === '') return directory;
  return directory === '' ? name : `${directory}/${name}`;
}

function newFile(
  directory: string,
  name: string,
  stamp: Stamp,
  root: Uint8Array | undefined,
  day: number | undefined,
): KnownFile {
  return { directory, name, ...stamp, root, day, isSeen: false, problem: undefined, tries: 0 };
}

function isSame(a: Stamp, b: Stamp): boolean {
  return a.sizeBytes === b.sizeBytes && a.modifiedMs === b.modifiedMs && a.inode === b.inode;
}

function keyOf({ inode, sizeBytes, modifiedMs }: Stamp): string {
  return `${inode} ${sizeBytes} ${modifiedMs}`;
}
