/**
 * Blocks in an SQLite file, written by one thread and read by another. What is on disk names nothing:
 *
 * column     holds
 *   hash       H("store index", salt, address); the salt is random for each store
 *   location   first 16 bits of the address, to hand a range over to a nearer node
 *   bucket     kind, place, asked for or not (quotas.ts); used: order of use; size
 *   rank       of a slot that may be replaced
 *   sealed     the record under H("store key", address), XChaCha20-Poly1305, random nonce, associated data: hash
 *   address    of what is kept for its place: address and stamp, sealed in the same way with a key of this installation
 *
 * Who has the disk but neither that key nor an address can neither list nor read; who has an address can test for it, as on
 * the network. Who has the key as well can list what is kept for others, and read nothing that the network would not tell.
 */
import { concatBytes } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { BlockStore, Crypto, KeptAddress, KeptPage, PutOutcome, Random, StoreEntry } from '../../core/ports.ts';
import { entrySizeBytes } from '../quotas.ts';
import type { BlockStoreStats, PlaceQuotas } from '../quotas.ts';
import type { BlockProtocol, GetAnswer, Role, SealedAddress, WorkerSetup } from './messages.ts';
import { ownBytes } from './own-bytes.ts';
import { Sealer } from './sealer.ts';
import { StoreThread } from './store-thread.ts';
import { WorkerThread } from './worker-thread.ts';
import { WriteGatherer } from './write-gatherer.ts';

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

/** Stores may share them: who reads waits for no disk, so one reader is enough for several; writes wait for each other's commits. */
export interface BlockThreads {
  readonly writer: WorkerThread;
  readonly reader: WorkerThread;
}

/** `name`: for whoever looks at a process. */
export function blockThread(name: string): WorkerThread {
  return new WorkerThread(new URL('./block-store-worker.ts', import.meta.url), name);
}

export interface SqliteBlockStoreOptions {
  readonly path: string;
  readonly quotaBytes: number;
  readonly placeQuotas?: PlaceQuotas;
  readonly crypto: Crypto;
  readonly random: Random;
  /** Seals the addresses of what is kept for its place, so that the node knows them at its next start; without it, none are noted. */
  readonly addressKey?: Uint8Array;
  /** Those of this store alone when undefined. */
  readonly threads?: BlockThreads;
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
  const setup: Omit<WorkerSetup, 'role'> = {
    path: options.path,
    limits: { quotaBytes: options.quotaBytes, placeQuotas: options.placeQuotas ?? {} },
    freshSalt: ownBytes(options.random.bytes(SALT_BYTES)),
    maxPages: options.maxPages ?? 0,
    reserveBytes: options.reserveBytes ?? DISK_RESERVE_BYTES,
  };
  let store: ThreadedBlockStore | undefined;
  const start = (role: Role, onReplaced: (notice: { readonly movedTo: string }) => void) =>
    StoreThread.start<BlockProtocol>({
      thread: options.threads?.[role] ?? blockThread(`store ${role}`),
      setup: { ...setup, role },
      what: 'the block store',
      onReplaced,
    });
  const writer = await start('writer', ({ movedTo }) => {
    store?.reopenReader();
    options.onDamaged?.(movedTo);
  });
  try {
    const reader = await start('reader', () => undefined);
    store = new ThreadedBlockStore(options, writer.opened.salt, writer.thread, reader.thread);
    writer.thread.tell({ type: 'begin' });
  } catch (thrown) {
    await writer.thread.close({ type: 'close' });
    throw thrown;
  }
  const { movedTo } = writer.opened;
  if (movedTo !== undefined) options.onDamaged?.(movedTo);
  return store;
}

class ThreadedBlockStore implements SqliteBlockStore {
  readonly #crypto: Crypto;
  readonly #random: Random;
  readonly #addressSealer: Sealer | undefined;
  readonly #salt: Uint8Array;
  readonly #writer: StoreThread<BlockProtocol>;
  readonly #reader: StoreThread<BlockProtocol>;
  readonly #gatherer = new WriteGatherer(() => performance.now(), afterMs);
  /** At most TOLD_USES. */
  #uses: Uint8Array[] = [];
  #closing: Promise<void> | undefined;

  constructor(
    { crypto, random, addressKey }: SqliteBlockStoreOptions,
    salt: Uint8Array,
    writer: StoreThread<BlockProtocol>,
    reader: StoreThread<BlockProtocol>,
  ) {
    this.#crypto = crypto;
    this.#random = random;
    this.#addressSealer = addressKey === undefined ? undefined : new Sealer(crypto, random, addressKey);
    this.#salt = salt;
    this.#writer = writer;
    this.#reader = reader;
  }

  async get(address: Uint8Array): Promise<Uint8Array | undefined> {
    const hash = this.#hash(address);
    const record = await this.#read(address, hash, false);
    if (record !== undefined) this.#noteUse(hash);
    return record;
  }

  async peek(address: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#read(address, this.#hash(address), true);
  }

  async kept(limit: number, after?: Uint8Array): Promise<KeptPage> {
    this.#assertOpen();
    this.#admitRead();
    const cursor = ownBytes(after ?? new Uint8Array(0));
    const rows = (await this.#reader.ask({ type: 'kept', after: cursor, limit })) as SealedAddress[];
    const addresses = rows.map((row) => this.#openAddress(row));
    return {
      addresses: addresses.filter((each) => each !== undefined),
      next: rows.length < limit ? undefined : rows.at(-1)?.hash,
    };
  }

  async #read(address: Uint8Array, hash: Uint8Array, keptOnly: boolean): Promise<Uint8Array | undefined> {
    this.#admitRead();
    const answer = (await this.#reader.ask({ type: 'get', hash, keptOnly })) as GetAnswer;
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
    const sealedEntry = {
      hash,
      location: address[0]! * 256 + address[1]!,
      kind,
      place,
      rank: rank === undefined ? undefined : ownBytes(rank),
      sizeBytes: entrySizeBytes(record.length),
      nonce,
      sealed,
      sealedAddress: place === 'store' ? this.#sealAddress(hash, address, entry.stamp) : undefined,
    };
    return new Promise((resolve, reject) => {
      this.#gatherer.add(() => {
        this.#tellUses();
        const written = this.#writer.ask({ type: 'put', entry: sealedEntry }, [sealed.buffer as ArrayBuffer]);
        written.then((outcome) => resolve(outcome as PutOutcome), reject);
      });
    });
  }

  async remove(address: Uint8Array): Promise<void> {
    const hash = this.#hash(address);
    this.#admitWrite();
    this.#gatherer.flush();
    await this.#writer.ask({ type: 'remove', hash });
  }

  async setQuota(quotaBytes: number): Promise<void> {
    this.#assertOpen();
    this.#gatherer.flush();
    this.#tellUses();
    await this.#writer.ask({ type: 'set-quota', quotaBytes });
  }

  async stats(): Promise<BlockStoreStats> {
    this.#assertOpen();
    this.#gatherer.flush();
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
    this.#gatherer.flush();
    this.#tellUses();
    await this.#reader.close({ type: 'close' });
    await this.#writer.close({ type: 'close' });
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

  #sealAddress(hash: Uint8Array, address: Uint8Array, stamp: Uint8Array | undefined): Uint8Array | undefined {
    if (stamp === undefined || this.#addressSealer === undefined) return undefined;
    return ownBytes(this.#addressSealer.seal(concatBytes(address, stamp), hash));
  }

  /** Undefined for what was sealed with another key, or is damaged. */
  #openAddress({ hash, address: sealed }: SealedAddress): KeptAddress | undefined {
    const opened = this.#addressSealer?.open(sealed, hash);
    if (opened === undefined) return undefined;
    return { address: opened.slice(0, ADDRESS_BYTES), stamp: opened.slice(ADDRESS_BYTES) };
  }

  #key(address: Uint8Array): Uint8Array {
    return this.#crypto.hash('store key', address);
  }

  #admitRead(): void {
    if (this.#reader.pending >= MAX_PENDING_READS) throw busy();
  }

  #admitWrite(): void {
    if (this.#writer.pending + this.#gatherer.size >= MAX_PENDING_WRITES) throw busy();
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new BroadsideError('unexpected', 'the block store is closed');
  }
}

function afterMs(delayMs: number, action: () => void): () => void {
  const timer = setTimeout(action, delayMs);
  return () => clearTimeout(timer);
}

function busy(): BroadsideError {
  return new BroadsideError('busy', 'the disk does not keep up with the block store; try again in a moment');
}
