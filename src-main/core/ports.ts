/**
 * What the core needs from outside. Small and fast things are synchronous functions that are passed in; everything
 * slow or fallible (disk, network, Argon2id) is an effect with a completion event (see node.ts) or, for the services,
 * one of the asynchronous ports below. Adapters live in transport/, storage/ and workers/.
 */

/** A generator that is passed in: cryptographic in the program, seeded in the simulator. */
export interface Random {
  /** `length` fresh bytes, uniformly distributed. */
  bytes(length: number): Uint8Array;
  /** A whole number, uniform in 0 ... bound-1; `bound` is 1 ... 2^32. */
  below(bound: number): number;
}

/** An Ed25519 key pair; `secretKey` is libsodium's 64 bytes (seed, public key). */
export interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/**
 * Synchronous cryptography on small inputs, a block at most. A content block of 32 KiB is verified in about 35 us and a
 * slot in about 100 us (npm run bench -- core). That a thread would cost more than it saves is a guess, not measured yet.
 */
export interface Crypto {
  /**
   * H(tag, ...parts): BLAKE2b-256 over a length-prefixed encoding: for the tag (UTF-8) and then each part, its length
   * as 32 bits little-endian, then its bytes. 32 bytes. Lengths of 2^32 - 1 and more: see docs/spec/README.md.
   */
  hash(tag: string, ...parts: readonly Uint8Array[]): Uint8Array;
  /** Starts an incremental BLAKE2b-256 of the same framing, for one part that arrives in pieces of known total length. */
  hashStream(tag: string, totalBytes: number): HashStream;
  /** Ed25519 key pair from 32 bytes. */
  keyPairFromSeed(seed: Uint8Array): KeyPair;
  /** Ed25519 detached signature, 64 bytes. */
  sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array;
  /** False for anything that is not a valid signature, wrong lengths included; never throws. */
  verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
  /**
   * The public half of the key blinded by `tweak` (32 bytes): unlinkable to `publicKey` for who does not know the tweak.
   * Undefined when `publicKey` is not a valid point.
   */
  blindPublicKey(publicKey: Uint8Array, tweak: Uint8Array): Uint8Array | undefined;
  /** Signature that verifies, as plain Ed25519, under blindPublicKey(publicKey, tweak). */
  signBlinded(message: Uint8Array, secretKey: Uint8Array, tweak: Uint8Array): Uint8Array;
  /** XChaCha20-Poly1305: ciphertext with its 16-byte tag. Nonce 24 bytes, key 32. */
  seal(plaintext: Uint8Array, nonce: Uint8Array, key: Uint8Array, associated: Uint8Array): Uint8Array;
  /** Undefined when the tag does not match. */
  open(sealed: Uint8Array, nonce: Uint8Array, key: Uint8Array, associated: Uint8Array): Uint8Array | undefined;
}

export interface HashStream {
  update(bytes: Uint8Array): void;
  /** The digest, 32 bytes; the stream cannot be used after. */
  digest(): Uint8Array;
}

/** Linear combinations of blocks over GF(2^8) modulo 0x11d: the part of Reed-Solomon that has to be fast. */
export interface LinearCombiner {
  /**
   * Overwrites output r with the sum over s of matrix[r x sources + s] times source s. All have one length, a multiple of
   * 16; there are at most 128 sources. Some 13 ms for 64 outputs of 128 blocks.
   */
  combine(outputs: readonly Uint8Array[], sources: readonly Uint8Array[], matrix: Uint8Array): void;
}

/** Cost of Argon2id (RFC 9106), one lane as in libsodium. */
export interface KdfParameters {
  /** Passes over the memory. */
  readonly passes: number;
  /** Memory in KiB. */
  readonly memoryKib: number;
}

/** Argon2id off the main thread. */
export interface PasswordHash {
  /** `length` bytes from a password (UTF-8, NFKC applied by the caller) and a 16-byte salt. */
  derive(password: Uint8Array, salt: Uint8Array, cost: KdfParameters, length: number): Promise<Uint8Array>;
}

/** Proof of work for inserts, off the main thread (routing/stamps.ts has what is sought). */
export interface Stamper {
  /** A stamp of at least `bits` (0 ... 24) for an address; some 2^bits hashes. */
  stamp(address: Uint8Array, bits: number): Promise<Uint8Array>;
}

/** A link to a neighbour, numbered by the transport; never reused while the process lives. */
export type LinkId = number;

/** The sub-protocols; each is a channel of its own on a link, its version in the channel's name. */
export type ChannelName = 'link' | 'route' | 'search' | 'transfer';

export interface LinkInfo {
  readonly link: LinkId;
  /** The neighbour's Ed25519 public key, proved by the connection's handshake. */
  readonly publicKey: Uint8Array;
  /** True on the side that dialled. */
  readonly initiator: boolean;
  /** Network address of the other end where the transport knows it, for the two-per-/24 rule; else undefined. */
  readonly host?: string;
  /** Port that the other end says it listens on; with `host`, what others may dial it at. */
  readonly port?: number;
}

export interface TransportHandlers {
  linkUp(info: LinkInfo): void;
  linkDown(link: LinkId): void;
  /** One whole message. `bytes` belongs to the receiver. Never more than the limit given to the transport. */
  message(link: LinkId, channel: ChannelName, bytes: Uint8Array): void;
  /** The link's send buffer, reported full by `send`, has room again. */
  writable(link: LinkId): void;
}

/** Address of a node as kept in the cache of known nodes and in invites. */
export interface KnownNode {
  readonly publicKey: Uint8Array;
  readonly host?: string;
  readonly port?: number;
}

export interface LinkStats {
  /** Smoothed round trip, measured by the transport's own pings; undefined until the first answer. */
  readonly roundTripMs?: number;
  /** Bytes of messages since the link came up. */
  readonly inBytes: number;
  readonly outBytes: number;
  /** What carries what is sent, where the transport has a choice. */
  readonly path?: 'udx' | 'tcp' | 'relay';
  /** Key of the neighbour that carries it, for 'relay'. */
  readonly relay?: Uint8Array;
}

/** Links to neighbours: authenticated, encrypted, ordered, with whole messages and back-pressure. */
export interface Transport {
  readonly publicKey: Uint8Array;
  /** Begins to dial and to accept; resolves when listening (not when connected). Handlers are called from then on. */
  start(handlers: TransportHandlers): Promise<void>;
  /** Closes every link and socket; idempotent. No handler is called after it resolves. */
  stop(): Promise<void>;
  /**
   * Queues a message. False when the link's buffer is full (the message is queued all the same): wait for `writable`.
   * Sending on a link that is gone is a no-op that returns false.
   */
  send(link: LinkId, channel: ChannelName, bytes: Uint8Array): boolean;
  /** Bytes queued on a link and not yet handed to the network. */
  pendingBytes(link: LinkId): number;
  close(link: LinkId): void;
  /** Asks for a link to a node; the outcome is a linkUp or nothing. Bounded and de-duplicated. */
  dial(node: KnownNode): void;
  /** Totals since start, in bytes of messages. */
  traffic(): { readonly inBytes: number; readonly outBytes: number };
  /** Limits in bytes a second, 0 for none; take effect at once. */
  setLimits(limits: { readonly upBytesPerSecond: number; readonly downBytesPerSecond: number }): void;
  /** What the transport knows about a link that is up; undefined for any other. */
  linkStats?(link: LinkId): LinkStats | undefined;
}

/** What a block is filed as: kept because it is near the node's location, or because it passed by. */
export type Place = 'store' | 'cache';

export interface StoreEntry {
  /** 32 bytes. */
  readonly address: Uint8Array;
  /** The record as it travels (wire/record.ts). */
  readonly record: Uint8Array;
  readonly kind: 'content' | 'slot' | 'tombstone';
  readonly place: Place;
  /**
   * For slots and tombstones: 14 bytes, the version in an order that compares as bytes (wire/record.ts); a higher rank
   * replaces a lower. Undefined: the first seen stays (content, fixed slots).
   */
  readonly rank?: Uint8Array;
  /** Of what is put as 'store': the proof of work that it came with (routing/stamps.ts), so that copies can be made of it. */
  readonly stamp?: Uint8Array;
}

/** What a store keeps for its place, for who looks after the copies. */
export interface KeptAddress {
  readonly address: Uint8Array;
  readonly stamp: Uint8Array;
}

/**
 * `stored`: durable. `present`: the same or a higher rank is held already (durable too).
 * `full`: no room by quota or on the disk; nothing changed.
 */
export type PutOutcome = 'stored' | 'present' | 'full';

export interface StoreStats {
  readonly usedBytes: number;
  readonly quotaBytes: number;
  readonly blocks: number;
  readonly storeBlocks: number;
  readonly cacheBlocks: number;
  readonly slots: number;
}

export interface KeptPage {
  readonly addresses: readonly KeptAddress[];
  /** For the next page; undefined when this was the last. */
  readonly next: Uint8Array | undefined;
}

/**
 * Blocks on disk, encrypted by keys from their addresses and indexed by salted hashes, so that a seized disk lists no
 * content. Quotas and eviction (least recently used, cache before store) are the adapter's.
 */
export interface BlockStore {
  /** The record, or undefined. Counts as a use. A record that fails its check on disk is dropped and is undefined. */
  get(address: Uint8Array): Promise<Uint8Array | undefined>;
  has(address: Uint8Array): Promise<boolean>;
  /** What is filed as 'store' under an address, looked at to look after its copies: this is no use. */
  peek(address: Uint8Array): Promise<Uint8Array | undefined>;
  /**
   * Addresses of what was put as 'store' with a stamp, in no order to rely on: `limit` at most, after those of the page
   * that told `next`. On disk they are sealed with a key of this installation.
   */
  kept(limit: number, after?: Uint8Array): Promise<KeptPage>;
  /** Resolves when the outcome is durable (fsync'd on disk); puts that arrive together share one commit. */
  put(entry: StoreEntry): Promise<PutOutcome>;
  remove(address: Uint8Array): Promise<void>;
  /** Takes effect at once: what is over the new quota is evicted and the disk freed. */
  setQuota(quotaBytes: number): Promise<void>;
  stats(): Promise<StoreStats>;
  /** How many records filed as 'store' lie in each 256th of the circle, by the first byte of their address; 256 counts. */
  spread(): Promise<readonly number[]>;
  /** Flushes and closes; idempotent. */
  close(): Promise<void>;
}

/** One line of the library: what was published from here, or opened here; and what services/addresses keeps in it. */
export interface LibraryRow {
  readonly origin:
    | ('published' | 'opened' | 'bookmark' | 'claim' | 'pen' | 'following' | 'download' | 'listing')
    | ('wish' | 'hidden' | 'user' | 'rating' | 'past-searches' | 'loaded' | 'folder' | 'transfer-totals' | 'secret')
    | ('loaded-folder' | 'loaded-files');
  /** With `origin`, the key: there is one row for both together. At most 4,096 characters. */
  readonly link: string;
  /** JSON that services/library or services/addresses owns; at most 1 MiB as UTF-8. */
  readonly value: string;
}

/** The library on disk, every row sealed with a key of this installation. */
export interface LibraryStore {
  /** All rows, in no order to rely on. A row that fails its check is left out. */
  list(): Promise<LibraryRow[]>;
  /** Adds or replaces the row of (origin, link); resolves when durable. */
  put(row: LibraryRow): Promise<void>;
  /** Resolves when the row is durably gone; a row that is not there is no error. */
  remove(origin: LibraryRow['origin'], link: string): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

/** What tells a file from what it was before, and from others. */
export interface Stamp {
  readonly sizeBytes: number;
  /** Since 1970, with its fraction. */
  readonly modifiedMs: number;
  readonly inode: bigint;
}

/** Why something in a shared folder was left out when it was walked through. */
export type FoundReason = 'hidden' | 'system' | 'link' | 'unreadable' | 'special' | 'name';

/** A file of a shared folder that was hashed. */
export interface SharedRow extends Stamp {
  /** Below the folder, '/' between. */
  readonly path: string;
  /** docs/spec/search.md, 32 bytes. */
  readonly root: Uint8Array;
  /** Days since 1970 at which it was first shared from there. */
  readonly day: number;
}

/** What changes of a folder's files, all of it or nothing. */
export interface SharedChange {
  /** New or in the place of an older one, with the hashes of its chunks (transfer/tree.ts), which travel with the file when it moves. */
  readonly put: readonly (SharedRow & { readonly hashes: Uint8Array })[];
  readonly moved: readonly { readonly from: string; readonly row: SharedRow }[];
  readonly removed: readonly string[];
}

/** Shared folders and the roots of their files on disk, sealed with a key of this installation. */
export interface ShareStore {
  /** JSON that services/shares owns, by the number that it gave. */
  folders(): Promise<{ readonly folder: number; readonly value: string }[]>;
  /** Durable when it resolves. */
  putFolder(folder: number, value: string): Promise<void>;
  /** With all of its files; resolves when that is durable and their room on the disk is free. */
  dropFolder(folder: number): Promise<void>;
  /** All of a folder, some thousands at a time. A row that fails its check is left out. */
  files(folder: number, onRows: (rows: readonly SharedRow[]) => void): Promise<void>;
  /** Durable when it resolves. */
  change(folder: number, change: SharedChange): Promise<void>;
  /** Of the chunks of the file that has this root; undefined when it is not there. */
  hashes(folder: number, path: string, root: Uint8Array): Promise<Uint8Array | undefined>;
  /** Idempotent. */
  close(): Promise<void>;
}

/** Secrets of 32 bytes, each in a file that only its owner may read. */
export interface SecretStore {
  /** Undefined when there is none. `id`: lower-case hexadecimal digits, 64 at most. */
  read(id: string): Promise<Uint8Array | undefined>;
  /** Durable when it resolves. A secret that is there already is not replaced: 'refused'. */
  create(id: string, secret: Uint8Array): Promise<void>;
}

/** The settings that differ from their defaults. Names and values are checked by who reads them. */
export interface SettingsStore {
  read(): Promise<Record<string, unknown>>;
  /** Replaces everything; resolves when durable. */
  write(values: Readonly<Record<string, unknown>>): Promise<void>;
}
