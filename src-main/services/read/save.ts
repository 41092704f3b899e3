/** Files of a publication on their way to disk, several at once, each from where an earlier run stopped. */
import type { FileHandle } from 'node:fs/promises';
import { bytesEqual, toHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { Crypto, HashStream } from '../../core/ports.ts';
import type { ManifestFile } from '../../core/publish/manifest.ts';
import { PIECE_BYTES } from '../../core/publish/piece.ts';
import { cancelled, throwIfAborted } from '../flow/waiting.ts';
import { Window } from '../flow/window.ts';
import { diskError, writeAll } from './output-disk.ts';
import type { OutputTree } from './output-tree.ts';
import { KEPT_SEGMENT_BYTES } from './partial.ts';
import type { KeptFile, Partial } from './partial.ts';
import type { PublicationReader } from './publication-reader.ts';

/** Files of a directory that are written at once, so that many small ones do not cost a round trip each. Guess. */
export const FILES_AT_ONCE = 16;

export interface SaveOptions {
  readonly crypto: Crypto;
  readonly reader: PublicationReader;
  readonly tree: OutputTree;
  readonly files: readonly ManifestFile[];
  /** Path of a file in the tree. */
  readonly pathOf: (file: ManifestFile) => string;
  /** What is noted for another run, and was by an earlier one. */
  readonly partial: Partial | undefined;
  readonly signal: AbortSignal | undefined;
  /** Bytes that were written, or found there and checked. Negative: what was found was of no use after all. */
  readonly onBytes: (sizeBytes: number, wasThere: boolean) => void;
}

/** Throws what reading and the disk throw; all files are closed by then. */
export async function saveFiles(options: SaveOptions): Promise<void> {
  const { files, tree, partial, signal } = options;
  const adopted = await adoptKept(options, tree, partial);
  const abort = new AbortController();
  const stop = (): void => abort.abort(cancelled(signal));
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  const window = new Window();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < files.length) {
      const index = next;
      next += 1;
      await new FileSaver(options, index, adopted.get(index), window, abort.signal).save();
    }
  };
  try {
    const lanes = Array.from({ length: Math.min(FILES_AT_ONCE, files.length) }, () =>
      lane().catch((thrown: unknown) => {
        // The first failure ends the others; all have closed their files before anything is removed.
        abort.abort(thrown);
        throw thrown;
      }),
    );
    const settled = await Promise.allSettled(lanes);
    throwIfAborted(signal);
    if (abort.signal.aborted) throw abort.signal.reason;
    for (const outcome of settled) if (outcome.status === 'rejected') throw outcome.reason;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** What an earlier run left and can be gone on with, by the index of its file. */
async function adoptKept(
  { files, pathOf }: SaveOptions,
  tree: OutputTree,
  partial: Partial | undefined,
): Promise<Map<number, KeptFile>> {
  if (partial === undefined) return new Map();
  const kept = [...partial.kept.values()].flatMap((file) => {
    const listed = files[file.index];
    return listed === undefined ? [] : [{ ...file, path: pathOf(listed) }];
  });
  return new Map((await tree.adopt(kept)).map((file) => [file.index, file]));
}

class FileSaver {
  readonly #options: SaveOptions;
  readonly #index: number;
  readonly #file: ManifestFile;
  readonly #kept: KeptFile | undefined;
  readonly #window: Window;
  readonly #signal: AbortSignal;
  #position = 0;
  #hash: HashStream;
  /** Of the segment that is being written. */
  #segment: HashStream | undefined;

  constructor(options: SaveOptions, index: number, kept: KeptFile | undefined, window: Window, signal: AbortSignal) {
    this.#options = options;
    this.#index = index;
    this.#file = options.files[index]!;
    this.#kept = kept;
    this.#window = window;
    this.#signal = signal;
    this.#hash = this.#wholeHash();
  }

  async save(): Promise<void> {
    const { tree, partial } = this.#options;
    const handle = await this.#open();
    let closed = false;
    try {
      if (this.#kept !== undefined) await this.#check(handle, this.#kept);
      try {
        await this.#write(handle);
      } catch (thrown) {
        // The digest of the whole is checked before the last piece.
        const isAtEnd = this.#position + PIECE_BYTES >= this.#file.sizeBytes;
        const isDamaged = thrown instanceof BroadsideError && thrown.code === 'damaged';
        if (!isDamaged || !isAtEnd || this.#kept === undefined) throw thrown;
        // What was kept may be to blame, though its digests were right: once more, from the beginning.
        await this.#anew(handle);
        await this.#write(handle);
      }
      await partial?.settled();
      closed = true;
      await tree.closeFile(handle);
    } finally {
      if (!closed) {
        // Its segments are flushed by then, and not noted for a file that is closed.
        await partial?.settled().catch(() => undefined);
        await handle.close();
      }
    }
  }

  async #open(): Promise<FileHandle> {
    const { tree, partial, pathOf } = this.#options;
    if (this.#kept !== undefined) return tree.reopen(this.#kept.name);
    const handle = await tree.createFile(pathOf(this.#file));
    partial?.begin(this.#index, tree.nameOf(handle));
    return handle;
  }

  /** Reads what is there, segment by segment, as far as it is what was noted; what comes behind that is cut off. */
  async #check(handle: FileHandle, kept: KeptFile): Promise<void> {
    const { tree, partial, onBytes } = this.#options;
    const { sizeBytes } = this.#file;
    const buffer = new Uint8Array(Math.min(KEPT_SEGMENT_BYTES, sizeBytes));
    for (const [segment, digest] of kept.segments.entries()) {
      throwIfAborted(this.#signal);
      const bytes = buffer.subarray(0, segmentLength(sizeBytes, segment));
      if (bytes.length === 0 || !(await isRead(handle, bytes, this.#position, tree.path))) break;
      const hash = this.#segmentHash(bytes.length);
      hash.update(bytes);
      if (toHex(hash.digest()) !== digest) break;
      this.#hash.update(bytes);
      this.#position += bytes.length;
      onBytes(bytes.length, true);
    }
    await this.#truncate(handle);
    const checked = Math.ceil(this.#position / KEPT_SEGMENT_BYTES);
    if (checked === kept.segments.length) return;
    // Not all of it is what it was: what is, is noted afresh.
    partial?.begin(this.#index, kept.name);
    for (const [segment, digest] of kept.segments.slice(0, checked).entries())
      partial?.written(handle, this.#index, segment, digest);
  }

  async #anew(handle: FileHandle): Promise<void> {
    const { partial, onBytes, tree } = this.#options;
    onBytes(-this.#position, true);
    this.#position = 0;
    this.#hash = this.#wholeHash();
    this.#segment = undefined;
    await this.#truncate(handle);
    partial?.begin(this.#index, tree.nameOf(handle));
  }

  async #truncate(handle: FileHandle): Promise<void> {
    try {
      await handle.truncate(this.#position);
    } catch (thrown) {
      throw diskError(thrown, this.#options.tree.path);
    }
  }

  async #write(handle: FileHandle): Promise<void> {
    const { reader, tree, onBytes } = this.#options;
    const { sizeBytes, digest, path } = this.#file;
    if (this.#position === sizeBytes && sizeBytes > 0) {
      if (bytesEqual(this.#hash.digest(), digest)) return;
      throw new BroadsideError('damaged', `What was kept of “${path}” is not what was published.`);
    }
    const chunks = reader.whole(this.#file, {
      signal: this.#signal,
      window: this.#window,
      interactivePieces: 0,
      ...(this.#position > 0 ? { from: { position: this.#position, hash: this.#hash } } : {}),
    });
    for await (const chunk of chunks) {
      await writeWhole(handle, chunk, this.#position, tree.path);
      this.#note(handle, chunk);
      onBytes(chunk.length, false);
    }
    if (this.#position !== sizeBytes)
      throw new BroadsideError('damaged', `“${path}” is shorter than its publisher says.`);
  }

  /** Chunks are pieces, of which segments are made, so none goes beyond its segment. */
  #note(handle: FileHandle, chunk: Uint8Array): void {
    const { partial } = this.#options;
    const { sizeBytes } = this.#file;
    const segment = Math.floor(this.#position / KEPT_SEGMENT_BYTES);
    this.#segment ??= this.#segmentHash(segmentLength(sizeBytes, segment));
    this.#segment.update(chunk);
    this.#position += chunk.length;
    if (this.#position % KEPT_SEGMENT_BYTES !== 0 && this.#position < sizeBytes) return;
    partial?.written(handle, this.#index, segment, toHex(this.#segment.digest()));
    this.#segment = undefined;
  }

  #wholeHash(): HashStream {
    return this.#options.crypto.hashStream('plaintext', this.#options.files[this.#index]!.sizeBytes);
  }

  #segmentHash(sizeBytes: number): HashStream {
    return this.#options.crypto.hashStream('partial segment', sizeBytes);
  }
}

function segmentLength(sizeBytes: number, segment: number): number {
  return Math.max(0, Math.min(KEPT_SEGMENT_BYTES, sizeBytes - segment * KEPT_SEGMENT_BYTES));
}

/** False when the file ends before. */
async function isRead(handle: FileHandle, bytes: Uint8Array, position: number, path: string): Promise<boolean> {
  let done = 0;
  try {
    while (done < bytes.length) {
      const { bytesRead } = await handle.read(bytes, done, bytes.length - done, position + done);
      if (bytesRead === 0) return false;
      done += bytesRead;
    }
  } catch (thrown) {
    throw diskError(thrown, path);
  }
  return true;
}

async function writeWhole(handle: FileHandle, bytes: Uint8Array, position: number, path: string): Promise<void> {
  try {
    await writeAll(handle, bytes, position);
  } catch (thrown) {
    throw diskError(thrown, path);
  }
}
