/**
 * Blocks in an SQLite file on threads of their own. What is on disk names nothing:
 *
 * column     holds
 *   hash       H("store index", salt, address); the salt is random for each store
 *   location   first 16 bits of the address, to hand a range over to a nearer node
 *   bucket     kind, place, asked for or not (quotas.ts); used: order of use; size
 *   rank       of a slot that may be replaced
 *   sealed     the record under H("store key", address), XChaCha20-Poly1305, random nonce, associated data: hash
 *
 * Who has the disk but not an address can neither list nor read; who has an address can test for it, as on the network.
 */
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { BlockStore, Crypto, PutOutcome, Random, StoreEntry } from '../../core/ports.ts';
import { entrySizeBytes } from '../quotas.ts';
import type { BlockStoreStats, PlaceQuotas } from '../quotas.ts';
import type { GetAnswer, WorkerSetup } from './messages.ts';
import { StoreThread } from './store-thread.ts';

const NONCE_BYTES = 24;
const ADDRESS_BYTES = 32;
const SALT_BYTES = 32;
/** Largest record, 1 MiB: thirty times what the protocol has, so that what is put here by mistake is refused. */
const MAX_RECORD_BYTES = 1024 * 1024;
/** Puts and removals not yet durable: 64 MiB of records. More are refused as busy; callers keep fewer under way. */
export const MAX_PENDING_WRITES = 2_048;
/** Reads not yet answered. The answers are 32 KiB each; more are refused as busy. */
export const MAX_PENDING_READS = 4_096;
/**
 * A disk with less free room than this takes no more records: removing and shrinking need room too, for the log (16 MiB)
 * and for writing it back, and a log that has filled a disk can do neither.
 */
export const DISK_RESERVE_BYTES = 64 * 1024 * 1024;
/** Uses are told to the writer in lists of so many, or before the next write, whichever comes first. */
const TOLD_USES = 256;

export interface SqliteBlockStoreOptions {
  readonly path: string;
  readonly quotaBytes: number;
  readonly placeQuotas?: PlaceQuotas;
  readonly crypto: Crypto;
  readonly random: Random;
  /** Where the built program has block-store-worker; beside this file when undefined. */
  readonly workerUrl?: URL;
  /** Told where a damaged file was moved, when opening or later; a fresh store has taken its place. */
  readonly onDamaged?: (movedTo: string) => void;
  /** Most pages (16 KiB) that the file may have, as on a disk that is full; for tests. */
  readonly maxPages?: number;
  /** DISK_RESERVE_BYTES when undefined. */
  readonly reserveBytes?: number;
}

export interface SqliteBlockStore extends BlockStore {
  stats(): Promise<BlockStoreStats>;
}

/**
 * Opens or creates the store; its folder too. Errors: 'not-in-version' (written by a newer version), 'data-in-use',
 * 'no-space', 'unexpected'. A damaged file is no error: it is moved to `path.damaged-N`.
 */
export async function openSqliteBlockStore(options: SqliteBlockStoreOptions): Promise<SqliteBlockStore> {
  const workerUrl = options.workerUrl ?? new URL('./block-store-worker.ts', import.meta.url);
  const setup: Omit<WorkerSetup, 'role'> = {
    path: options.path,
    limits: { quotaBytes: options.quotaBytes, placeQuotas: options.placeQuotas ?? {} },
    freshSalt: ownBytes(options.random.bytes(SALT_BYTES)),
    maxPages: options.maxPages ?? 0,
    reserveBytes: options.reserveBytes ?? DISK_RESERVE_BYTES,
  };
  let store: ThreadedBlockStore | undefined;
  const writer = await StoreThread.start(workerUrl, { ...setup, role: 'writer' }, (movedTo) => {
    store?.reopenReader();
    options.onDamaged?.(movedTo);
  });
  try {
    const reader = await StoreThread.start(workerUrl, { ...setup, role: 'reader' }, () => undefined);
    store = new ThreadedBlockStore(options.crypto, options.random, writer.salt, writer.thread, reader.thread);
    writer.thread.tell({ type: 'begin' });
  } catch (thrown) {
    await writer.thread.close();
    throw thrown;
  }
  if (writer.movedTo !== undefined) options.onDamaged?.(writer.movedTo);
  return store;
}

class ThreadedBlockStore implements SqliteBlockStore {
  readonly #crypto: Crypto;
  readonly #random: Random;
  readonly #salt: Uint8Array;
  readonly #writer: StoreThread;
  readonly #reader: StoreThread;
  /** At most TOLD_USES. */
  #uses: Uint8Array[] = [];
  #closing: Promise<void> | undefined;

  constructor(crypto: Crypto, random: Random, salt: Uint8Array, writer: StoreThread, reader: StoreThread) {
    this.#crypto = crypto;
    this.#random = random;
    this.#salt = salt;
    this.#writer = writer;
    this.#reader = reader;
  }

  async get(address: Uint8Array): Promise<Uint8Array | undefined> {
    const hash = this.#hash(address);
    this.#admitRead();
    const answer = (await this.#reader.ask({ type: 'get', hash })) as GetAnswer;
    if (answer === undefined) return undefined;
    if (answer === 'unreadable') {
      await this.#dropDamaged(hash, undefined);
      return undefined;
    }
    const { nonce, sealed } = answer;
    const record =
      nonce.length === NONCE_BYTES ? this.#crypto.open(sealed, nonce, this.#key(address), hash) : undefined;
    if (record === undefined) {
      await this.#dropDamaged(hash, nonce);
      return undefined;
    }
    this.#noteUse(hash);
    return record;
  }

  async has(address: Uint8Array): Promise<boolean> {
    const hash = this.#hash(address);
    this.#admitRead();
    return (await this.#reader.ask({ type: 'has', hash })) as boolean;
  }

  async put(entry: StoreEntry): Promise<PutOutcome> {
    const { address, record, kind, place, rank } = entry;
    if (record.length > MAX_RECORD_BYTES) throw new BroadsideError('usage', 'a record is 1 MiB at most');
    const hash = this.#hash(address);
    this.#admitWrite();
    const nonce = ownBytes(this.#random.bytes(NONCE_BYTES));
    const sealed = ownBytes(this.#crypto.seal(record, nonce, this.#key(address), hash));
    this.#tellUses();
    const sealedEntry = {
      hash,
      location: address[0]! * 256 + address[1]!,
      kind,
      place,
      rank: rank === undefined ? undefined : ownBytes(rank),
      sizeBytes: entrySizeBytes(record.length),
      nonce,
      sealed,
    };
    return (await this.#writer.ask({ type: 'put', entry: sealedEntry }, [sealed.buffer as ArrayBuffer])) as PutOutcome;
  }

  async remove(address: Uint8Array): Promise<void> {
    const hash = this.#hash(address);
    this.#admitWrite();
    await this.#writer.ask({ type: 'remove', hash });
  }

  async setQuota(quotaBytes: number): Promise<void> {
    this.#assertOpen();
    this.#tellUses();
    await this.#writer.ask({ type: 'set-quota', quotaBytes });
  }

  async stats(): Promise<BlockStoreStats> {
    this.#assertOpen();
    return (await this.#writer.ask({ type: 'stats' })) as BlockStoreStats;
  }

  async spread(): Promise<readonly number[]> {
    this.#assertOpen();
    return (await this.#reader.ask({ type: 'spread' })) as number[];
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#tellUses();
    await this.#reader.close();
    await this.#writer.close();
  }

  /** When the writer has replaced a damaged file, the reader still has the old one. */
  reopenReader(): void {
    this.#reader.ask({ type: 'reopen' }).catch(() => undefined);
  }

  /** A failure to drop it is not the reader's concern: it will be found damaged again. */
  async #dropDamaged(hash: Uint8Array, nonce: Uint8Array | undefined): Promise<void> {
    await this.#writer.ask({ type: 'drop-damaged', hash, nonce }).catch(() => undefined);
  }

  #noteUse(hash: Uint8Array): void {
    this.#uses.push(hash);
    if (this.#uses.length >= TOLD_USES) this.#tellUses();
  }

  #tellUses(): void {
    if (this.#uses.length === 0) return;
    this.#writer.tell({ type: 'touch', hashes: this.#uses });
    this.#uses = [];
  }

  #hash(address: Uint8Array): Uint8Array {
    this.#assertOpen();
    if (address.length !== ADDRESS_BYTES) throw new BroadsideError('usage', `an address is ${ADDRESS_BYTES} bytes`);
    return ownBytes(this.#crypto.hash('store index', this.#salt, address));
  }

  #key(address: Uint8Array): Uint8Array {
    return this.#crypto.hash('store key', address);
  }

  #admitRead(): void {
    if (this.#reader.pending >= MAX_PENDING_READS) throw busy();
  }

  #admitWrite(): void {
    if (this.#writer.pending >= MAX_PENDING_WRITES) throw busy();
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new BroadsideError('unexpected', 'the block store is closed');
  }
}

function busy(): BroadsideError {
  return new BroadsideError('busy', 'the disk does not keep up with the block store; try again in a moment');
}

/**
 * The bytes in a buffer of their own and as a plain Uint8Array: a message to a thread copies or takes along the whole
 * buffer behind a view, which for Node's pooled Buffers is other people's memory.
 */
function ownBytes(bytes: Uint8Array): Uint8Array {
  const whole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength;
  return whole ? new Uint8Array(bytes.buffer) : new Uint8Array(bytes);
}
