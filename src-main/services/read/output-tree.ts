/**
 * Writes a file or a directory so that nothing half-written is ever seen under its final name: all goes to
 * `.NAME.PID-RANDOM.part` beside the target, or to `data` in a directory there that outlives an interruption (partial.ts),
 * is flushed to disk, and takes its name by one rename.
 */
import { constants } from 'node:fs';
import { link, mkdir, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { toHex } from '../../../shared/base/bytes.ts';
import type { Random } from '../../core/ports.ts';
import { codeOf, diskError, fileKindOf, linkKindOf, NO_FOLLOW, openNew, syncDirectory } from './output-disk.ts';
import { numberedName, platformName } from './platform-names.ts';

/** Where the result goes, decided before anything is fetched as far as it can be. */
export interface OutputTarget {
  /** Existing directory that will hold it. */
  readonly directory: string;
  /** Name in it when the person gave one. */
  readonly name?: string;
}

/** How many ` (2)`, ` (3)` ... are tried for names that the file system takes for the same. Guess. */
const MAX_NUMBERED = 1_000;
/** `.` + name + `.` + PID (at most 7 digits) + `-` + 8 hex digits + `.part` fits 255 bytes. */
const MAX_NAME_IN_TEMPORARY_BYTES = 200;

/**
 * `path` as given with -o, relative to `directory`; absent: into `directory` under its own name. An existing directory
 * gets the thing inside it; anything else is the name to take. Throws `usage`.
 */
export async function chooseTarget(directory: string, path: string | undefined): Promise<OutputTarget> {
  if (path === '') throw new BroadsideError('usage', 'The path to write to is empty. Name a file or a directory.');
  const whole = resolve(directory, path ?? '.');
  const kind = await kindOf(whole);
  if (kind === 'directory') return { directory: whole };
  if (path === undefined || path.endsWith('/') || path.endsWith(sep)) {
    throw new BroadsideError('usage', `There is no directory ${whole}. Make it first, or name another.`);
  }
  if (kind === 'other') {
    throw new BroadsideError('usage', `${whole} is neither a file nor a directory. Give another name with -o.`);
  }
  const parent = dirname(whole);
  if ((await kindOf(parent)) !== 'directory') {
    throw new BroadsideError('usage', `There is no directory ${parent}. Make it first, or name another.`);
  }
  return { directory: parent, name: basename(whole) };
}

type Kind = 'file' | 'directory' | 'other';

/** Kind of what a path leads to, symbolic links followed. */
async function kindOf(path: string): Promise<Kind | undefined> {
  try {
    const found = await stat(path);
    return found.isDirectory() ? 'directory' : found.isFile() ? 'file' : 'other';
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT' || codeOf(thrown) === 'ENOTDIR') return undefined;
    throw diskError(thrown, path);
  }
}

/** What was written to a tree before, by an earlier run: its place in the tree, and what it is called on disk. */
export interface EarlierFile {
  /** As given to `createFile`. */
  readonly path: string;
  /** As `nameOf` told it. */
  readonly name: string;
}

export class OutputTree {
  readonly #directory: string;
  readonly #temporary: string;
  /** Where it will be. */
  readonly path: string;
  readonly #replace: boolean;
  readonly #shape: 'file' | 'directory';
  readonly #platform: string;
  /** Directories made so far, by their path in the manifest. */
  readonly #made = new Map<string, Promise<string>>();
  readonly #names = new WeakMap<FileHandle, string>();
  #finished = false;

  private constructor(options: {
    directory: string;
    name: string;
    temporary: string;
    replace: boolean;
    shape: 'file' | 'directory';
    platform: string;
  }) {
    this.#directory = options.directory;
    this.path = join(options.directory, options.name);
    this.#temporary = resolve(options.directory, options.temporary);
    this.#replace = options.replace;
    this.#shape = options.shape;
    this.#platform = options.platform;
  }

  /**
   * `ownName`: what it is called when the person gave no name. A name that is taken is replaced only if the person gave
   * it and both are files; else it throws `usage`. Nothing is written yet, but for the directory of a directory.
   * `temporaryPath`: on the same file system; else one beside the target.
   */
  static async create(
    target: OutputTarget,
    ownName: string,
    shape: 'file' | 'directory',
    random: Random,
    platform: string = process.platform,
    temporaryPath?: string,
  ): Promise<OutputTree> {
    const given = target.name !== undefined;
    const name = outputName(target, ownName, platform);
    const path = join(target.directory, name);
    const taken = await linkKindOf(path);
    if (taken !== undefined && (!given || shape === 'directory' || taken === 'directory')) {
      throw new BroadsideError('usage', `${path} is there already. Give another name with -o, or move it away.`);
    }
    const short = platformName(name, platform, MAX_NAME_IN_TEMPORARY_BYTES);
    const temporary = temporaryPath ?? `.${short}.${process.pid}-${toHex(random.bytes(4))}.part`;
    const tree = new OutputTree({ directory: target.directory, name, temporary, replace: given, shape, platform });
    if (shape === 'directory') {
      await tree.#guarded(() => makeDirectory(tree.#temporary, temporaryPath !== undefined));
      tree.#made.set('', Promise.resolve(tree.#temporary));
    }
    return tree;
  }

  /**
   * Opens a new file of the tree for writing; never one that is there, never through a symbolic link. `path` is as in
   * the manifest, and '' when the whole is one file. The caller writes, then calls `closeFile`.
   */
  async createFile(path: string): Promise<FileHandle> {
    return this.#createFile(path);
  }

  /** Where a file that `createFile` or `reopen` gave is within the tree, for `adopt` in a later run. */
  nameOf(file: FileHandle): string {
    return this.#names.get(file) ?? '';
  }

  /**
   * Takes over what an earlier run wrote under the same temporary path, before any file is created: what is not in `files`
   * is removed. Returns those that are there as they should be, regular files in directories of the tree.
   */
  async adopt<File extends EarlierFile>(files: readonly File[]): Promise<File[]> {
    if (this.#shape === 'file') {
      const kind = await this.#guarded(() => fileKindOf(this.#temporary));
      if (kind === 'file' && files.length === 1 && files[0]!.name === '') return [...files];
      await rm(this.#temporary, { recursive: true, force: true });
      return [];
    }
    const there: File[] = [];
    const wanted = new Set<string>();
    for (const file of files) {
      if (!isTreeName(file) || wanted.has(file.name)) continue;
      wanted.add(file.name);
      there.push(file);
    }
    const found = new Set<string>();
    await this.#guarded(() => this.#sweep(this.#temporary, '', wanted, found));
    const kept = there.filter(({ name }) => found.has(name));
    for (const { path, name } of kept) {
      const parts = path.split('/').slice(0, -1);
      const onDisk = name.split('/');
      for (let depth = 1; depth <= parts.length; depth += 1) {
        const at = join(this.#temporary, ...onDisk.slice(0, depth));
        this.#made.set(parts.slice(0, depth).join('/'), Promise.resolve(at));
      }
    }
    return kept;
  }

  /** Opens a file that `adopt` gave, for reading and writing. */
  async reopen(name: string): Promise<FileHandle> {
    const file = await this.#guarded(() => open(join(this.#temporary, name), constants.O_RDWR | NO_FOLLOW));
    this.#names.set(file, name);
    return file;
  }

  /** Removes what is not wanted; directories that hold nothing wanted leave with it. True when something is left. */
  async #sweep(directory: string, prefix: string, wanted: ReadonlySet<string>, found: Set<string>): Promise<boolean> {
    let left = false;
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      const [path, name] = [join(directory, entry.name), prefix + entry.name];
      if (entry.isDirectory() && (await this.#sweep(path, `${name}/`, wanted, found))) {
        left = true;
      } else if (entry.isFile() && wanted.has(name)) {
        found.add(name);
        left = true;
      } else {
        await rm(path, { recursive: true, force: true });
      }
    }
    return left;
  }

  async #createFile(path: string): Promise<FileHandle> {
    if (this.#shape === 'file') return this.#guarded(() => openNew(this.#temporary));
    const parts = path.split('/');
    if (parts.some((part) => !isPlainPart(part))) throw unsafe(path);
    const name = platformName(parts.pop()!, this.#platform);
    let directory = this.#temporary;
    let walked = '';
    for (const part of parts) {
      walked = walked === '' ? part : `${walked}/${part}`;
      directory = await this.#directoryFor(walked, directory, part);
    }
    return this.#unused(directory, name, async (at) => {
      const file = await openNew(at);
      this.#names.set(file, relative(this.#temporary, at).replaceAll(sep, '/'));
      return file;
    });
  }

  /** Flushes to disk and closes. */
  async closeFile(file: FileHandle): Promise<void> {
    try {
      await this.#guarded(() => file.sync());
    } finally {
      await file.close();
    }
  }

  /** All files are closed: gives the whole its name. Returns where it is. */
  async finish(): Promise<string> {
    for (const directory of this.#made.values()) await syncDirectory(await directory);
    await this.#guarded(() => this.#takeName());
    this.#finished = true;
    await syncDirectory(this.#directory);
    return this.path;
  }

  /** Removes whatever is under the temporary name. No effect after `finish`. */
  async discard(): Promise<void> {
    if (this.#finished) return;
    await rm(this.#temporary, { recursive: true, force: true });
  }

  async #takeName(): Promise<void> {
    if (this.#replace && this.#shape === 'file') {
      await rename(this.#temporary, this.path);
      return;
    }
    if (this.#shape === 'file') {
      // A hard link fails where the name was taken meanwhile; rename would replace it.
      try {
        await link(this.#temporary, this.path);
        await unlink(this.#temporary);
        return;
      } catch (thrown) {
        if (codeOf(thrown) === 'EEXIST') throw thrown;
        // A file system without hard links: look, then rename.
      }
    }
    if ((await linkKindOf(this.path)) !== undefined) {
      throw Object.assign(new Error(`${this.path} is there already`), { code: 'EEXIST' });
    }
    await rename(this.#temporary, this.path);
  }

  async #directoryFor(walked: string, parent: string, part: string): Promise<string> {
    let making = this.#made.get(walked);
    if (making === undefined) {
      making = this.#makeDirectory(parent, part);
      // Noted before it is there: files of one directory are created at the same time.
      this.#made.set(walked, making);
      return making;
    }
    const made = await making;
    // The tree is ours and fresh: what is no directory any more was put there by somebody else.
    if ((await linkKindOf(made)) !== 'directory') throw unsafe(walked);
    return made;
  }

  #makeDirectory(parent: string, part: string): Promise<string> {
    return this.#unused(parent, platformName(part, this.#platform), async (path) => {
      await mkdir(path);
      return path;
    });
  }

  /** Names that differ in the manifest may be one to the file system (case, normal form): the later gets a number. */
  async #unused<Value>(directory: string, name: string, make: (path: string) => Promise<Value>): Promise<Value> {
    for (let count = 1; count <= MAX_NUMBERED; count += 1) {
      const path = join(directory, count === 1 ? name : numberedName(name, count));
      if (dirname(path) !== directory) throw unsafe(name);
      try {
        return await make(path);
      } catch (thrown) {
        if (codeOf(thrown) !== 'EEXIST') throw diskError(thrown, path);
      }
    }
    throw new BroadsideError('usage', `${MAX_NUMBERED} files would be called ${name} here. Use another file system.`);
  }

  async #guarded<Value>(action: () => Promise<Value>): Promise<Value> {
    try {
      return await action();
    } catch (thrown) {
      throw diskError(thrown, this.path);
    }
  }
}

/** Its name in the target's directory. Throws `damaged` for one that leads out of it. */
export function outputName(target: OutputTarget, ownName: string, platform: string): string {
  const name = target.name ?? platformName(ownName, platform);
  if (dirname(join(target.directory, name)) !== resolve(target.directory)) throw unsafe(ownName);
  return name;
}

async function makeDirectory(path: string, mayBeThere: boolean): Promise<void> {
  if (mayBeThere && (await linkKindOf(path)) === 'directory') return;
  await mkdir(path);
}

function isPlainPart(part: string): boolean {
  return part !== '' && part !== '.' && part !== '..' && !part.includes('\0');
}

/** Read from disk, so it is looked at as if somebody else had written it. */
function isTreeName({ path, name }: EarlierFile): boolean {
  const parts = name.split('/');
  const isPlain = parts.every((part) => isPlainPart(part) && !(sep !== '/' && part.includes(sep)));
  return isPlain && parts.length === path.split('/').length;
}

function unsafe(path: string): BroadsideError {
  return new BroadsideError(
    'damaged',
    `The publication names a file ${JSON.stringify(path)}, which would be written outside of its directory. Nothing was written.`,
  );
}
