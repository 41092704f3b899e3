/**
 * Shared folders and the roots of their files, in an SQLite file on a thread of its own, every row sealed: the disk tells how many
 * folders and files there are and about how large, which the folders themselves tell, and of what only who has the key.
 *
 * table     column    holds
 *   folders   folder    a number
 *             sealed    nonce (24), then what services/shares says of it, XChaCha20-Poly1305, associated data: the number (8)
 *   files     id        first 16 bytes of H("shared file", key, folder (8), path)
 *             sealed    nonce (24), then the row, associated data: id
 *             hashes    nonce (24), then the hashes of the chunks, associated data: root, for they go with the file when it moves
 *
 * row: path, size (uint), modified (8, IEEE 754), inode (8), root (32), day (uint)
 */
import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { bytesEqual } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { ErrorCode } from '../../../shared/base/errors.ts';
import type { Crypto, Random, ShareStore, SharedChange, SharedRow } from '../../core/ports.ts';
import { decode, encode } from '../../core/wire/codec.ts';
import { Sealer } from './sealer.ts';

const KEY_BYTES = 32;
const ID_BYTES = 16;
const ROOT_BYTES = 32;
/** As a walk finds them: 512 bytes of folders and 255 of a name. */
const MAX_PATH_BYTES = 1_024;
/** Rows of one message: some milliseconds of opening them. */
const PAGE_ROWS = 2_000;
const KEY_CHECK = new TextEncoder().encode('broadside shares 1');
const NOTHING = new Uint8Array(0);

interface SealedFile {
  readonly id: Uint8Array;
  readonly sealed: Uint8Array;
}

export type SharesRequest = { readonly request: number } & (
  | { readonly type: 'folders' }
  | { readonly type: 'putFolder'; readonly folder: number; readonly sealed: Uint8Array }
  | { readonly type: 'dropFolder'; readonly folder: number }
  | { readonly type: 'files'; readonly folder: number; readonly after: Uint8Array; readonly limit: number }
  | { readonly type: 'hashes'; readonly folder: number; readonly id: Uint8Array }
  | {
      readonly type: 'change';
      readonly folder: number;
      readonly put: readonly (SealedFile & { readonly hashes: Uint8Array })[];
      readonly moved: readonly (SealedFile & { readonly from: Uint8Array })[];
      readonly removed: readonly Uint8Array[];
    }
  | { readonly type: 'close' }
);

/** `id` 0 is the opening of the file. */
export type SharesAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: { readonly code: ErrorCode; readonly message: string } };

type Ask = SharesRequest extends infer Each ? (Each extends unknown ? Omit<Each, 'request'> : never) : never;

export interface SharesStoreOptions {
  readonly path: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
  readonly crypto: Crypto;
  readonly random: Random;
  /** Told where a damaged file was moved; an empty list has taken its place. */
  readonly onDamaged?: (movedTo: string) => void;
}

/**
 * Opened with the first need, and made with the first folder: most nodes that only store for others share nothing, and need no
 * thread for it. Errors of whatever comes first: 'refused' (another key), 'not-in-version', 'data-in-use', 'no-space'.
 */
export function createSharesStore(options: SharesStoreOptions): ShareStore {
  if (options.key.length !== KEY_BYTES)
    throw new BroadsideError('usage', `the key of a list of shares is ${KEY_BYTES} bytes`);
  return new SqliteSharesStore(options);
}

async function openThread({ path, onDamaged }: SharesStoreOptions, sealer: Sealer): Promise<Thread> {
  const worker = new Worker(new URL('./shares-store-worker.ts', import.meta.url), {
    workerData: { path, keyCheck: sealer.seal(KEY_CHECK, NOTHING) },
    name: 'shares',
  });
  const thread = new Thread(worker);
  const { keyCheck, movedTo } = (await thread.opened) as { keyCheck: Uint8Array; movedTo: string | undefined };
  const check = sealer.open(keyCheck, NOTHING);
  if (check === undefined || !bytesEqual(check, KEY_CHECK)) {
    await thread.close();
    throw new BroadsideError(
      'refused',
      `the list of shared folders at ${path} belongs to another key; put back the key it was made with`,
    );
  }
  if (movedTo !== undefined) onDamaged?.(movedTo);
  return thread;
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: BroadsideError) => void;
}

class Thread {
  readonly opened: Promise<unknown>;
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  readonly #exited: Promise<void>;
  #failure: BroadsideError | undefined;
  #last = 0;

  constructor(worker: Worker) {
    this.#worker = worker;
    this.opened = new Promise((resolve, reject) => this.#pending.set(0, { resolve, reject }));
    worker.on('message', (answer: SharesAnswer) => {
      const pending = this.#pending.get(answer.id);
      this.#pending.delete(answer.id);
      if ('error' in answer) pending?.reject(new BroadsideError(answer.error.code, answer.error.message));
      else pending?.resolve(answer.value);
    });
    worker.on('error', (error) =>
      this.#fail(new BroadsideError('unexpected', `the list of shared folders stopped: ${error.message}`)),
    );
    this.#exited = new Promise((resolve) => {
      worker.on('exit', () => {
        this.#fail(new BroadsideError('unexpected', 'the list of shared folders is closed'));
        resolve();
      });
    });
  }

  ask(request: Ask): Promise<unknown> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#worker.postMessage({ ...request, request: id });
    });
  }

  /** Never rejects. */
  async close(): Promise<void> {
    await this.ask({ type: 'close' }).catch(() => this.#worker.terminate());
    await this.#exited;
  }

  #fail(error: BroadsideError): void {
    this.#failure ??= error;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}

class SqliteSharesStore implements ShareStore {
  readonly #options: SharesStoreOptions;
  readonly #sealer: Sealer;
  #opening: Promise<Thread> | undefined;
  #closed = false;

  constructor(options: SharesStoreOptions) {
    this.#options = options;
    this.#sealer = new Sealer(options.crypto, options.random, new Uint8Array(options.key));
  }

  async #ask(request: Ask): Promise<unknown> {
    if (this.#closed) throw new BroadsideError('unexpected', 'the list of shared folders is closed');
    this.#opening ??= openThread(this.#options, this.#sealer);
    return (await this.#opening).ask(request);
  }

  async folders(): Promise<{ folder: number; value: string }[]> {
    if (this.#opening === undefined && !existsSync(this.#options.path)) return [];
    const rows = (await this.#ask({ type: 'folders' })) as { folder: number; sealed: Uint8Array }[];
    return rows.flatMap(({ folder, sealed }) => {
      const value = this.#sealer.open(sealed, numberBytes(folder));
      return value === undefined ? [] : [{ folder, value: new TextDecoder().decode(value) }];
    });
  }

  async putFolder(folder: number, value: string): Promise<void> {
    const sealed = this.#sealer.seal(new TextEncoder().encode(value), numberBytes(folder));
    await this.#ask({ type: 'putFolder', folder, sealed });
  }

  async dropFolder(folder: number): Promise<void> {
    await this.#ask({ type: 'dropFolder', folder });
  }

  async files(folder: number, onRows: (rows: readonly SharedRow[]) => void): Promise<void> {
    let after: Uint8Array = NOTHING;
    for (;;) {
      const page = (await this.#ask({ type: 'files', folder, after, limit: PAGE_ROWS })) as Uint8Array;
      const rows: SharedRow[] = [];
      let count = 0;
      for (const { id, sealed } of rowsIn(page)) {
        const row = this.#openRow(id, sealed);
        if (row !== undefined) rows.push(row);
        after = id;
        count += 1;
      }
      if (rows.length > 0) onRows(rows);
      if (count < PAGE_ROWS) return;
    }
  }

  async change(folder: number, { put, moved, removed }: SharedChange): Promise<void> {
    await this.#ask({
      type: 'change',
      folder,
      put: put.map((row) => ({ ...this.#sealRow(folder, row), hashes: this.#sealer.seal(row.hashes, row.root) })),
      moved: moved.map(({ from, row }) => ({
        ...this.#sealRow(folder, row),
        from: this.#fileId(folder, from),
      })),
      removed: removed.map((path) => this.#fileId(folder, path)),
    });
  }

  async hashes(folder: number, path: string, root: Uint8Array): Promise<Uint8Array | undefined> {
    const id = this.#fileId(folder, path);
    const sealed = (await this.#ask({ type: 'hashes', folder, id })) as Uint8Array | null;
    return sealed === null ? undefined : this.#sealer.open(sealed, root);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const thread = await this.#opening?.catch(() => undefined);
    await thread?.close();
  }

  #fileId(folder: number, path: string): Uint8Array {
    return this.#sealer.rowId('shared file', numberBytes(folder), new TextEncoder().encode(path)).slice(0, ID_BYTES);
  }

  #sealRow(folder: number, row: SharedRow): SealedFile {
    const id = this.#fileId(folder, row.path);
    return { id, sealed: this.#sealer.seal(encodeRow(row), id) };
  }

  #openRow(id: Uint8Array, sealed: Uint8Array): SharedRow | undefined {
    const plaintext = this.#sealer.open(sealed, id);
    return plaintext === undefined ? undefined : decodeRow(plaintext);
  }
}

/** As the thread puts them together. */
function* rowsIn(page: Uint8Array): Generator<SealedFile, void, void> {
  const view = new DataView(page.buffer, page.byteOffset, page.length);
  for (let offset = 0; offset < page.length;) {
    const start = offset + 4;
    const end = start + view.getUint32(offset, true);
    yield { id: page.subarray(start, start + ID_BYTES), sealed: page.subarray(start + ID_BYTES, end) };
    offset = end;
  }
}

function encodeRow({ path, sizeBytes, modifiedMs, inode, root, day }: SharedRow): Uint8Array {
  const stamp = new Uint8Array(16);
  const view = new DataView(stamp.buffer);
  view.setFloat64(0, modifiedMs);
  view.setBigUint64(8, inode);
  return encode((writer) => {
    writer.text(path).uint(sizeBytes).fixed(stamp, 16).fixed(root, ROOT_BYTES).uint(day);
  });
}

function decodeRow(bytes: Uint8Array): SharedRow | undefined {
  const row = decode(bytes, (reader) => {
    const [path, sizeBytes] = [reader.text(MAX_PATH_BYTES), reader.uint()];
    const stamp = reader.fixed(16);
    const view = new DataView(stamp.buffer, stamp.byteOffset, 16);
    const root = reader.fixed(ROOT_BYTES).slice();
    return {
      ...{ path, sizeBytes, root },
      modifiedMs: view.getFloat64(0),
      inode: view.getBigUint64(8),
      day: reader.uint(),
    };
  });
  return row.ok ? row.value : undefined;
}

/** 8 bytes, big-endian. */
function numberBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}
