/**
 * A shared file on its way to disk, and what outlives an interruption:
 *
 *   .NAME.ID.part/        ID from the root; for its owner only; locked while somebody writes
 *     data                the file itself, which takes its name by a rename
 *     hashes              hashes of its chunks as far as they were proved, then those of the pages above (pages.ts)
 *     held                which chunks are in `data`: a bit each, set after the chunk was verified, written and flushed
 *     size                decimal, once it was proved
 *
 * What `held` tells of is not read again: it was verified before it was written.
 */
import { lstat, mkdir, open, readFile, rm, statfs } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesEqual, toHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { Crypto, Random } from '../../core/ports.ts';
import type { HeldPart } from '../../core/transfer/effects.ts';
import { hashesOf, PAGE_HASHES, PAGE_LEVELS, topLevelOf, nodesAt } from '../../core/transfer/pages.ts';
import type { PageAt } from '../../core/transfer/pages.ts';
import { hasBit, setBit } from '../../core/transfer/piece-map.ts';
import { chunkBytesOf, chunkCountOf, chunkHash, chunkLengthOf, HASH_BYTES } from '../../core/transfer/tree.ts';
import type { Clock } from '../jobs/clock.ts';
import { diskError, isUnreadable, writeAll } from '../read/output-disk.ts';
import { chooseTarget, outputName, OutputTree } from '../read/output-tree.ts';
import type { OutputTarget } from '../read/output-tree.ts';
import type { LockDirectory } from '../read/partial.ts';
import { platformName } from '../read/platform-names.ts';
import { AWAY_BYTES } from './store-chunk.ts';
import type { StoreChunk } from './store-chunk.ts';

/** As in read/partial.ts. */
const MAX_NAME_BYTES = 200;
const ID_DIGITS = 16;
/** What was written is flushed, and noted, so often: what a crash may cost is fetched again. */
const FLUSH_EVERY_MS = 1_000;
/** Left free on the disk: other programs need some. Guess. */
const SPARE_BYTES = 64 * 1_048_576;

export interface FilePartOptions {
  readonly crypto: Crypto;
  readonly random: Random;
  readonly clock: Clock;
  readonly root: Uint8Array;
  /** What the file is called where it comes from: a hint. */
  readonly ownName: string;
  readonly directory: string;
  /** As given by the person; absent: into `directory`, under its own name. */
  readonly path: string | undefined;
  readonly platform: string;
  readonly lock: LockDirectory | undefined;
  /** Checks and writes large chunks away from the node's thread; without it that is done here. */
  readonly storeChunk?: StoreChunk;
}

export class FilePart {
  readonly #options: FilePartOptions;
  readonly #path: string;
  readonly #tree: OutputTree;
  readonly #lock: { release(): void } | undefined;
  #sizeBytes: number | undefined;
  #data: FileHandle | undefined;
  #hashes: FileHandle | undefined;
  #held: FileHandle | undefined;
  #bitmap = new Uint8Array(0);
  /** Chunks that are written and not noted yet. */
  #written: number[] = [];
  /** Chunks that can be read: those that are noted, and those that are written. */
  #here = new Uint8Array(0);
  readonly #listeners = new Set<() => void>();
  #flushing: Promise<void> | undefined;
  #cancelFlush: (() => void) | undefined;
  #failure: unknown;
  #opening: Promise<void> = Promise.resolve();

  private constructor(options: FilePartOptions, path: string, tree: OutputTree, lock: { release(): void } | undefined) {
    this.#options = options;
    this.#path = path;
    this.#tree = tree;
    this.#lock = lock;
  }

  /** Where the person wants it; throws `usage` when that cannot be. */
  static target(options: Pick<FilePartOptions, 'directory' | 'path'>): Promise<OutputTarget> {
    return chooseTarget(options.directory, options.path);
  }

  static #pathOf(target: OutputTarget, ownName: string, root: Uint8Array, platform: string): string {
    const short = platformName(outputName(target, ownName, platform), platform, MAX_NAME_BYTES);
    return join(target.directory, `.${short}.${toHex(root).slice(0, ID_DIGITS)}.part`);
  }

  /** Takes off what is half here of a file that nobody loads now; nothing there is no error. Throws what the disk says. */
  static async clear(directory: string, name: string, root: Uint8Array, platform: string): Promise<void> {
    const path = FilePart.#pathOf({ directory, name }, name, root, platform);
    try {
      await rm(path, { recursive: true, force: true });
    } catch (thrown) {
      throw diskError(thrown, path);
    }
  }

  /** Throws `usage`, `busy` while another download writes the same to the same place, and what the disk says. */
  static async open(options: FilePartOptions): Promise<FilePart> {
    const target = await FilePart.target(options);
    const { ownName, platform, random, root } = options;
    const path = FilePart.#pathOf(target, ownName, root, platform);
    const tree = await OutputTree.create(target, ownName, 'file', random, platform, join(path, 'data'));
    try {
      await mkdir(path, { recursive: true, mode: 0o700 });
      if (!(await lstat(path)).isDirectory()) throw Object.assign(new Error('not a directory'), { code: 'EEXIST' });
    } catch (thrown) {
      throw diskError(thrown, path);
    }
    const part = new FilePart(options, path, tree, lockPart(path, options.lock));
    try {
      await part.#load();
    } catch (thrown) {
      await part.leave();
      throw diskError(thrown, path);
    }
    return part;
  }

  /** Where it will be. */
  get path(): string {
    return this.#tree.path;
  }

  get sizeBytes(): number | undefined {
    return this.#sizeBytes;
  }

  /** Something is here that another run can go on with. */
  get hasSome(): boolean {
    return this.#written.length > 0 || this.#bitmap.some((byte) => byte !== 0);
  }

  /** What an earlier run left; undefined where there is nothing to go on with. */
  async held(): Promise<HeldPart | undefined> {
    if (this.#sizeBytes === undefined || this.#hashes === undefined) return undefined;
    const pages: { at: PageAt; hashes: Uint8Array }[] = [];
    const chunks = chunkCountOf(this.#sizeBytes);
    for (let level = topLevelOf(chunks); level >= 0; level -= PAGE_LEVELS) {
      for (let index = 0; index * PAGE_HASHES < nodesAt(chunks, level); index += 1) {
        const hashes = await this.readPage({ level, index });
        if (hashes !== undefined) pages.push({ at: { level, index }, hashes });
      }
    }
    return { sizeBytes: this.#sizeBytes, bitmap: this.#bitmap.slice(), pages };
  }

  /** Makes room for a file of this size; sparse, so that it costs nothing yet. Later calls wait for it. */
  proved(sizeBytes: number): void {
    this.#opening = this.#create(sizeBytes);
    // Whoever writes next is told.
    this.#opening.catch(() => undefined);
  }

  page(at: PageAt, hashes: Uint8Array): void {
    this.#opening = this.#opening.then(async () => {
      await writeAll(this.#hashes!, hashes, this.#placeOf(at));
    });
    this.#opening.catch(() => undefined);
  }

  /** Verified, then written; durable, and noted, within seconds. Throws what the disk says. */
  async store(chunk: number, bytes: Uint8Array, hash: Uint8Array): Promise<'stored' | 'bad'> {
    const { crypto, storeChunk } = this.#options;
    const isAway = storeChunk !== undefined && bytes.length >= AWAY_BYTES;
    if (!isAway && !bytesEqual(chunkHash(crypto, bytes), hash)) return 'bad';
    const outcome = await this.#guarded(async () => {
      await this.#opening;
      if (this.#failure !== undefined) throw diskError(this.#failure, this.#path);
      const position = chunk * chunkBytesOf(this.#sizeBytes!);
      if (isAway) return storeChunk({ bytes, hash, file: this.#data!.fd, position });
      await writeAll(this.#data!, bytes, position);
      return 'stored';
    });
    if (outcome === 'bad') return 'bad';
    this.#written.push(chunk);
    setBit(this.#here, chunk);
    this.#flushSoon();
    this.#tell();
    return 'stored';
  }

  /** Calls `listener` when the size is known and room is made, and with each chunk; the function returned ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** It was verified and written, and can be read. */
  has(chunk: number): boolean {
    return hasBit(this.#here, chunk);
  }

  /** A page that is here; undefined where it is not. */
  async readPage(at: PageAt): Promise<Uint8Array | undefined> {
    if (this.#sizeBytes === undefined || this.#hashes === undefined) return undefined;
    const count = hashesOf(chunkCountOf(this.#sizeBytes), at);
    const hashes = new Uint8Array(count * HASH_BYTES);
    const { bytesRead } = await this.#hashes.read(hashes, 0, hashes.length, this.#placeOf(at));
    const isThere =
      count > 0 && bytesRead === hashes.length && hashes.subarray(0, HASH_BYTES).some((byte) => byte !== 0);
    return isThere ? hashes : undefined;
  }

  /** Bytes of a chunk that was stored. */
  async readChunk(chunk: number): Promise<Uint8Array | undefined> {
    if (this.#sizeBytes === undefined || this.#data === undefined) return undefined;
    const bytes = new Uint8Array(chunkLengthOf(this.#sizeBytes, chunk));
    const { bytesRead } = await this.#data.read(bytes, 0, bytes.length, chunk * chunkBytesOf(this.#sizeBytes));
    return bytesRead === bytes.length ? bytes : undefined;
  }

  /** All chunks are stored: flushes, and gives the file its name. Returns where it is. */
  async finish(): Promise<string> {
    return this.#guarded(async () => {
      await this.#opening;
      await this.#settled();
      const data = this.#data!;
      this.#data = undefined;
      await this.#tree.closeFile(data);
      const path = await this.#tree.finish();
      await this.#close();
      await rm(this.#path, { recursive: true, force: true });
      return path;
    });
  }

  /** Leaves it for another run. */
  async leave(): Promise<void> {
    await this.#opening.catch(() => undefined);
    await this.#settled().catch(() => undefined);
    await this.#close();
  }

  /** Removes it. */
  async remove(): Promise<void> {
    await this.leave();
    await rm(this.#path, { recursive: true, force: true });
  }

  async #load(): Promise<void> {
    let text: string;
    try {
      text = await readFile(join(this.#path, 'size'), 'utf8');
    } catch (thrown) {
      if (isUnreadable(thrown)) throw thrown;
      text = '';
    }
    const sizeBytes = Number(text);
    try {
      if (!/^\d{1,16}$/.test(text)) throw new Error('no size');
      this.#bitmap = new Uint8Array(await readFile(join(this.#path, 'held')));
      if (this.#bitmap.length !== Math.ceil(chunkCountOf(sizeBytes) / 8)) throw new Error('another size');
      this.#data = await this.#tree.reopen('');
      this.#hashes = await open(join(this.#path, 'hashes'), 'r+');
      this.#held = await open(join(this.#path, 'held'), 'r+');
      this.#here = this.#bitmap.slice();
      this.#sizeBytes = sizeBytes;
    } catch (thrown) {
      await this.#close(false);
      if (isUnreadable(thrown)) throw thrown;
      // Cut off while it was being made: begun anew.
      await rm(join(this.#path, 'data'), { force: true });
      await rm(join(this.#path, 'size'), { force: true });
    }
  }

  async #create(sizeBytes: number): Promise<void> {
    if (this.#sizeBytes !== undefined) return;
    const { bavail, bsize } = await statfs(this.#path);
    if (bavail * bsize < sizeBytes + SPARE_BYTES) {
      throw Object.assign(new Error('not enough room'), { code: 'ENOSPC' });
    }
    this.#data = await this.#tree.createFile('');
    await this.#data.truncate(sizeBytes);
    this.#hashes = await open(join(this.#path, 'hashes'), 'w+', 0o600);
    this.#held = await open(join(this.#path, 'held'), 'w+', 0o600);
    this.#bitmap = new Uint8Array(Math.ceil(chunkCountOf(sizeBytes) / 8));
    this.#here = this.#bitmap.slice();
    await writeAll(this.#held, this.#bitmap, 0);
    await this.#held.datasync();
    const size = await open(join(this.#path, 'size'), 'w', 0o600);
    try {
      await size.writeFile(String(sizeBytes));
      await size.datasync();
    } finally {
      await size.close();
    }
    this.#sizeBytes = sizeBytes;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #placeOf({ level, index }: PageAt): number {
    const chunks = chunkCountOf(this.#sizeBytes!);
    let before = 0;
    for (let below = 0; below < level; below += PAGE_LEVELS) before += nodesAt(chunks, below);
    return (before + index * PAGE_HASHES) * HASH_BYTES;
  }

  #flushSoon(): void {
    if (this.#cancelFlush !== undefined || this.#flushing !== undefined) return;
    this.#cancelFlush = this.#options.clock.after(FLUSH_EVERY_MS, () => {
      this.#cancelFlush = undefined;
      void this.#flush();
    });
  }

  /** First the bytes, then the word that they are there. */
  #flush(): Promise<void> {
    this.#flushing ??= this.#flushOnce()
      .catch((thrown: unknown) => {
        this.#failure = thrown;
      })
      .finally(() => {
        this.#flushing = undefined;
        if (this.#written.length > 0 && this.#failure === undefined) this.#flushSoon();
      });
    return this.#flushing;
  }

  async #flushOnce(): Promise<void> {
    const written = this.#written;
    if (written.length === 0 || this.#data === undefined) return;
    this.#written = [];
    await this.#hashes!.datasync();
    await this.#data.datasync();
    for (const chunk of written) setBit(this.#bitmap, chunk);
    const places = written.map((chunk) => chunk >> 3);
    const [first, last] = [Math.min(...places), Math.max(...places)];
    await writeAll(this.#held!, this.#bitmap.subarray(first, last + 1), first);
    await this.#held!.datasync();
  }

  async #settled(): Promise<void> {
    while (this.#flushing !== undefined || (this.#written.length > 0 && this.#failure === undefined)) {
      this.#rest();
      await this.#flush();
    }
    this.#rest();
    if (this.#failure !== undefined) throw diskError(this.#failure, this.#path);
  }

  #rest(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
  }

  async #close(release = true): Promise<void> {
    const files = [this.#data, this.#hashes, this.#held];
    [this.#data, this.#hashes, this.#held] = [undefined, undefined, undefined];
    for (const file of files) await file?.close().catch(() => undefined);
    if (release) this.#lock?.release();
  }

  async #guarded<Value>(action: () => Promise<Value>): Promise<Value> {
    try {
      return await action();
    } catch (thrown) {
      throw diskError(thrown, this.#tree.path);
    }
  }
}

export function lockPart(path: string, lock: LockDirectory | undefined): { release(): void } | undefined {
  try {
    return lock?.(path);
  } catch (thrown) {
    if (!(thrown instanceof BroadsideError) || thrown.code !== 'data-in-use') return undefined;
    throw new BroadsideError(
      'busy',
      'The same file is being loaded to the same place already. Wait until that has ended, or give another name with -o.',
      { cause: thrown },
    );
  }
}
