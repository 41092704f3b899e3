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
import { setImmediate as turn } from 'node:timers/promises';
import { bytesEqual } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { Crypto, Random, ShareStore, SharedChange, SharedRow } from '../../core/ports.ts';
import { decode, encode } from '../../core/wire/codec.ts';
import { Sealer } from './sealer.ts';
import type {
  SealedFile,
  SealedFolder,
  SharesProtocol,
  SharesRequest,
  SharesSetup,
  SharesValue,
} from './shares-messages.ts';
import { StoreThread } from './store-thread.ts';
import type { Ask } from './store-thread.ts';
import { WorkerThread } from './worker-thread.ts';

const KEY_BYTES = 32;
const ID_BYTES = 16;
const ROOT_BYTES = 32;
/** As a walk finds them: 512 bytes of folders and 255 of a name. */
const MAX_PATH_BYTES = 1_024;
/** Rows of one message. */
const PAGE_ROWS = 2_000;
/** Rows that are sealed or opened before the thread looks at what else there is: about two milliseconds (`npm run bench -- event-loop`). */
const ROWS_AT_ONCE = 64;
const KEY_CHECK = new TextEncoder().encode('broadside shares 1');
const NOTHING = new Uint8Array(0);

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

type Thread = StoreThread<SharesProtocol>;
type SealedPut = Extract<SharesRequest, { type: 'change' }>['put'][number];
type SealedMove = Extract<SharesRequest, { type: 'change' }>['moved'][number];

async function openThread({ path, onDamaged }: SharesStoreOptions, sealer: Sealer): Promise<Thread> {
  const { thread, opened } = await StoreThread.start<SharesProtocol>({
    thread: new WorkerThread(new URL('./shares-store-worker.ts', import.meta.url), 'shares'),
    setup: { path, keyCheck: sealer.seal(KEY_CHECK, NOTHING) } satisfies SharesSetup,
    what: 'the list of shared folders',
    onReplaced: () => undefined,
  });
  const { keyCheck, movedTo } = opened;
  const check = sealer.open(keyCheck, NOTHING);
  if (check === undefined || !bytesEqual(check, KEY_CHECK)) {
    await thread.close({ type: 'close' });
    throw new BroadsideError(
      'refused',
      `the list of shared folders at ${path} belongs to another key; put back the key it was made with`,
    );
  }
  if (movedTo !== undefined) onDamaged?.(movedTo);
  return thread;
}

class SqliteSharesStore implements ShareStore {
  readonly #options: SharesStoreOptions;
  readonly #sealer: Sealer;
  #opening: Promise<Thread> | undefined;
  /** Changes are told in the order in which they were made. */
  #changing: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: SharesStoreOptions) {
    this.#options = options;
    this.#sealer = new Sealer(options.crypto, options.random, new Uint8Array(options.key));
  }

  async #ask(request: Ask<SharesRequest>): Promise<SharesValue> {
    this.#assertOpen();
    return this.#tell(request);
  }

  #assertOpen(): void {
    if (this.#closed) throw new BroadsideError('unexpected', 'the list of shared folders is closed');
  }

  async #tell(request: Ask<SharesRequest>): Promise<SharesValue> {
    // One that failed, on a full disk say, is tried again by the next who asks.
    this.#opening ??= openThread(this.#options, this.#sealer).catch((thrown: unknown) => {
      this.#opening = undefined;
      throw thrown;
    });
    return (await this.#opening).ask(request);
  }

  async folders(): Promise<{ folder: number; value: string }[]> {
    if (this.#opening === undefined && !existsSync(this.#options.path)) return [];
    const rows = (await this.#ask({ type: 'folders' })) as SealedFolder[];
    return rows.flatMap(({ folder, sealed }) => {
      const value = this.#sealer.open(sealed, numberBytes(folder));
      return value === undefined ? [] : [{ folder, value: new TextDecoder().decode(value) }];
    });
  }

  async putFolder(folder: number, value: string): Promise<void> {
    const sealed = this.#sealer.seal(new TextEncoder().encode(value), numberBytes(folder));
    await this.#ask({ type: 'put-folder', folder, sealed });
  }

  async dropFolder(folder: number): Promise<void> {
    await this.#ask({ type: 'drop-folder', folder });
  }

  async files(folder: number, onRows: (rows: readonly SharedRow[]) => void): Promise<void> {
    let after: Uint8Array = NOTHING;
    for (;;) {
      const page = (await this.#ask({ type: 'files', folder, after, limit: PAGE_ROWS })) as Uint8Array;
      const sealed = [...rowsIn(page)];
      await inSlices(sealed, (slice) => {
        const rows = slice.flatMap(({ id, sealed: bytes }) => this.#openRow(id, bytes) ?? []);
        if (rows.length > 0) onRows(rows);
      });
      if (sealed.length < PAGE_ROWS) return;
      after = sealed.at(-1)!.id;
    }
  }

  async change(folder: number, change: SharedChange): Promise<void> {
    this.#assertOpen();
    const changed = this.#changing.then(() => this.#change(folder, change));
    this.#changing = changed.catch(() => undefined);
    await changed;
  }

  async #change(folder: number, change: SharedChange): Promise<void> {
    const [put, moved, removed]: [SealedPut[], SealedMove[], Uint8Array[]] = [[], [], []];
    await inSlices(change.put, (slice) => {
      for (const row of slice)
        put.push({ ...this.#sealRow(folder, row), hashes: this.#sealer.seal(row.hashes, row.root) });
    });
    await inSlices(change.moved, (slice) => {
      for (const { from, row } of slice)
        moved.push({ ...this.#sealRow(folder, row), from: this.#fileId(folder, from) });
    });
    await inSlices(change.removed, (slice) => {
      for (const path of slice) removed.push(this.#fileId(folder, path));
    });
    // It may have been closed meanwhile; this was begun before.
    await this.#tell({ type: 'change', folder, put, moved, removed });
  }

  async hashes(folder: number, path: string, root: Uint8Array): Promise<Uint8Array | undefined> {
    const file = this.#fileId(folder, path);
    const sealed = (await this.#ask({ type: 'hashes', folder, file })) as Uint8Array | undefined;
    return sealed === undefined ? undefined : this.#sealer.open(sealed, root);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#changing;
    const thread = await this.#opening?.catch(() => undefined);
    await thread?.close({ type: 'close' });
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

/** Some at a time, with a turn of the event loop between. */
async function inSlices<Item>(items: readonly Item[], use: (slice: readonly Item[]) => void): Promise<void> {
  for (let from = 0; from < items.length; from += ROWS_AT_ONCE) {
    if (from > 0) await turn();
    use(items.slice(from, from + ROWS_AT_ONCE));
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
