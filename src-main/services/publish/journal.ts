/**
 * What is known of a publication on its way, on disk, so that a node that was killed sends only what had not arrived:
 *
 *   records          uint32 LE length, then the record sealed under a key of this installation, its number associated
 *   the first        the plan: what was asked for, K, and each file with its stamp
 *   ["arrived",F,R]  blocks of file F that the network acknowledged: R is first, count, first, count ...; F -1: manifest
 *   ["sealed",F,..]  file F was read to its end: its digest, levels and roots
 *   ["manifest",D]   this manifest and no other is sent under K; written before its first block is
 *
 * What a crash cut off, or the disk damaged, ends it there: what follows is sent again, to the same places. No passphrase
 * and no author seed is in it: neither is needed before the shares are placed (docs/spec/publications.md).
 */
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { concatBytes, fromHex, toHex } from '../../../shared/base/bytes.ts';
import { MIB } from '../../../shared/base/units.ts';
import type { Crypto, Random } from '../../core/ports.ts';
import { blockCount } from '../../core/publish/block-list.ts';
import type { ManifestFile } from '../../core/publish/manifest.ts';
import { fileKey } from '../../core/publish/piece.ts';
import { dataDiskError } from '../flow/data-disk.ts';
import { isUnreadable, writeAll } from '../read/output-disk.ts';
import { Arrived } from './arrived.ts';
import { PlanSchema } from './plan.ts';
import type { Plan, PlannedFile } from './plan.ts';

/** The plan of 100,000 files is 20 MiB; what lies beyond is sent again. */
export const MAX_JOURNAL_BYTES = 128 * MIB;
/** Acknowledged blocks that are written together: a window of them is on its way anyhow. */
const BLOCKS_A_RECORD = 32;
/** Of the blocks of a sealed manifest. */
export const MANIFEST_INDEX = -1;
const NONCE_BYTES = 24;
const LENGTH_BYTES = 4;
/** More than a digest in hexadecimal and what is around it take. */
const MANIFEST_RECORD_BYTES = 256;

const whole = v.pipe(v.number(), v.integer(), v.minValue(0));
const hex32 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const EntrySchema = v.union([
  v.strictTuple([v.literal('arrived'), v.pipe(v.number(), v.integer(), v.minValue(MANIFEST_INDEX)), v.array(whole)]),
  v.strictTuple([
    v.literal('sealed'),
    whole,
    hex32,
    v.pipe(whole, v.maxValue(3)),
    v.pipe(v.array(hex32), v.maxLength(128)),
  ]),
  v.strictTuple([v.literal('manifest'), hex32]),
]);
type Entry = v.InferOutput<typeof EntrySchema>;
type Sealed = Extract<Entry, readonly ['sealed', ...unknown[]]>;

export interface JournalDeps {
  readonly crypto: Crypto;
  readonly random: Random;
  /** Of this installation, 32 bytes: seals what is written. */
  readonly key: Uint8Array;
}

/** What is written, and what was read. */
interface State {
  readonly arrived: Map<number, Arrived>;
  readonly sealed: Map<number, Sealed>;
  manifest: string | undefined;
}

export class PublishJournal {
  readonly plan: Plan;
  /** K. A copy: who uses it may wipe it. */
  readonly contentKey: Uint8Array;
  readonly #deps: JournalDeps;
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #state: State;
  readonly #indices: ReadonlyMap<string, number>;
  #records: number;
  #sizeBytes: number;
  /** Acknowledged, and not written yet. */
  #waiting: { readonly index: number; readonly blocks: Arrived; count: number } | undefined;
  #writing: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(
    deps: JournalDeps,
    path: string,
    file: FileHandle,
    plan: Plan,
    state: State,
    records: number,
    sizeBytes: number,
  ) {
    this.#deps = deps;
    this.#path = path;
    this.#file = file;
    this.plan = plan;
    this.contentKey = fromHex(plan.contentKey)!;
    this.#state = state;
    this.#indices = new Map(plan.files.map(({ path: name }, index) => [name, index]));
    this.#records = records;
    this.#sizeBytes = sizeBytes;
  }

  /** Begins one, in place of any of its name, durably. `before`: what of it goes on, by the paths of files. */
  static async create(deps: JournalDeps, path: string, plan: Plan, before?: ReadState): Promise<PublishJournal> {
    const temporary = `${path}.new`;
    let file: FileHandle;
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await rm(temporary, { force: true });
      file = await open(temporary, 'wx', 0o600);
    } catch (thrown) {
      throw dataDiskError(thrown);
    }
    try {
      const state = before === undefined ? emptyState() : carried(plan, before);
      const journal = new PublishJournal(deps, path, file, plan, state, 0, 0);
      await journal.#append(plan);
      for (const [index, blocks] of state.arrived) await journal.#append(['arrived', index, blocks.ranges()]);
      for (const sealed of state.sealed.values()) await journal.#append(sealed);
      if (state.manifest !== undefined) await journal.#append(['manifest', state.manifest]);
      await file.datasync();
      await rename(temporary, path);
      return journal;
    } catch (thrown) {
      await file.close();
      await rm(temporary, { force: true });
      throw dataDiskError(thrown);
    }
  }

  /** The key of a file that goes on under the one that it was begun with, which does not follow from K any more. */
  ownKeyOf(path: string): Uint8Array | undefined {
    const ownKey = this.#planned(path)?.ownKey;
    return ownKey === undefined ? undefined : fromHex(ownKey);
  }

  /** Acknowledged so far, in all runs. */
  get blocksArrived(): number {
    let sum = 0;
    for (const { count } of this.#state.arrived.values()) sum += count;
    return sum;
  }

  /** Of a file, as it is to be. */
  stampOf(path: string): string | undefined {
    return this.#planned(path)?.stamp;
  }

  indexOf(path: string): number {
    return this.#indices.get(path) ?? MANIFEST_INDEX;
  }

  /** Whether the network acknowledged this block, counted in the order in which the blocks of its file are made. */
  hasArrived(index: number, block: number): boolean {
    return this.#state.arrived.get(index)?.has(block) === true;
  }

  /** Notes that the network has it. */
  arrived(index: number, block: number): void {
    this.#arrivedOf(index).add(block);
    if (this.#waiting?.index !== index) this.#writeWaiting();
    this.#waiting ??= { index, blocks: new Arrived(), count: 0 };
    this.#waiting.blocks.add(block);
    this.#waiting.count += 1;
    if (this.#waiting.count >= BLOCKS_A_RECORD) this.#writeWaiting();
  }

  /** A file all of whose blocks are there, as the manifest lists it; it need not be read again. */
  wholeFile(path: string, type: string, least: number): ManifestFile | undefined {
    const index = this.indexOf(path);
    const [sealed, planned] = [this.#state.sealed.get(index), this.#planned(path)];
    if (sealed === undefined || planned === undefined) return undefined;
    const { sizeBytes } = planned;
    if (this.#state.arrived.get(index)?.count !== blockCount(sizeBytes, least)) return undefined;
    const [, , digest, levels, roots] = sealed;
    const list = { sizeBytes, least, levels, roots: roots.map((root) => fromHex(root)!) };
    const content = { kind: 'blocks', list, key: this.ownKeyOf(path) } as const;
    return { path, type, sizeBytes, digest: fromHex(digest)!, content };
  }

  /** Notes that a file was read to its end. */
  sealed(file: ManifestFile): void {
    const index = this.indexOf(file.path);
    if (file.content.kind !== 'blocks' || index === MANIFEST_INDEX) return;
    const { levels, roots } = file.content.list;
    const entry: Sealed = ['sealed', index, toHex(file.digest), levels, roots.map((root) => toHex(root))];
    this.#state.sealed.set(index, entry);
    this.#later(entry);
  }

  /**
   * Durable before a block of the manifest is sent. False when another was begun under this K: this one must not be. Throws what the
   * disk says: what could not be noted must not be sent either, or the next run might send another under this K.
   */
  async manifest(digest: Uint8Array): Promise<boolean> {
    const text = toHex(digest);
    if (this.#state.manifest !== undefined) return this.#state.manifest === text;
    const noted = this.#writing.then(async () => {
      await this.#append(['manifest', text]);
      await this.#file.datasync();
    });
    this.#writing = noted.catch(() => undefined);
    try {
      await noted;
    } catch (thrown) {
      throw dataDiskError(thrown);
    }
    this.#state.manifest = text;
    return true;
  }

  /** Leaves it for another run. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#writeWaiting();
    await this.#writing.catch(() => undefined);
    await this.#file.close();
  }

  /** It is published, or given up. */
  async remove(): Promise<void> {
    await this.close();
    await rm(this.#path, { force: true });
  }

  #planned(path: string): PlannedFile | undefined {
    return this.plan.files[this.indexOf(path)];
  }

  #arrivedOf(index: number): Arrived {
    let blocks = this.#state.arrived.get(index);
    if (blocks === undefined) {
      blocks = new Arrived();
      this.#state.arrived.set(index, blocks);
    }
    return blocks;
  }

  #writeWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) this.#later(['arrived', waiting.index, waiting.blocks.ranges()]);
  }

  /** In turn. A disk that fails keeps nobody from publishing: more is sent again, should it come to that. */
  #later(entry: Entry): void {
    this.#writing = this.#writing.then(() => this.#append(entry)).catch(() => undefined);
  }

  async #append(value: Plan | Entry): Promise<void> {
    const { crypto, random, key } = this.#deps;
    const plaintext = new TextEncoder().encode(JSON.stringify(value));
    const nonce = random.bytes(NONCE_BYTES);
    const sealed = crypto.seal(plaintext, nonce, key, uint32(this.#records));
    const bytes = concatBytes(uint32(nonce.length + sealed.length), nonce, sealed);
    // That of the manifest, of which there is one, is written in any case.
    const isFull = this.#sizeBytes + bytes.length > MAX_JOURNAL_BYTES - MANIFEST_RECORD_BYTES;
    if (isFull && !(Array.isArray(value) && value[0] === 'manifest')) return;
    // Where the one before ended: what a failed write left there is written over, and its number given again.
    await writeAll(this.#file, bytes, this.#sizeBytes);
    this.#sizeBytes += bytes.length;
    this.#records += 1;
  }
}

/** What was read of a journal. */
export interface ReadState extends State {
  readonly plan: Plan;
}

/** Undefined for a file that is none, or of another installation. Throws what the disk says of one that it does not let read. */
export async function readPublishJournal(
  { crypto, key }: Pick<JournalDeps, 'crypto' | 'key'>,
  path: string,
): Promise<ReadState | undefined> {
  let bytes: Uint8Array;
  try {
    if ((await stat(path)).size > MAX_JOURNAL_BYTES) return undefined;
    bytes = await readFile(path);
  } catch (thrown) {
    if (isUnreadable(thrown)) throw dataDiskError(thrown);
    return undefined;
  }
  const state = emptyState();
  let plan: Plan | undefined;
  let offset = 0;
  for (let number = 0; offset + LENGTH_BYTES <= bytes.length; number += 1) {
    const length = new DataView(bytes.buffer, bytes.byteOffset + offset).getUint32(0, true);
    const sealed = bytes.subarray(offset + LENGTH_BYTES, offset + LENGTH_BYTES + length);
    if (sealed.length < length || length < NONCE_BYTES) break;
    const nonce = sealed.subarray(0, NONCE_BYTES);
    const opened = crypto.open(sealed.subarray(NONCE_BYTES), nonce, key, uint32(number));
    if (opened === undefined) break;
    const value: unknown = JSON.parse(new TextDecoder().decode(opened));
    if (plan === undefined) {
      const parsed = v.safeParse(PlanSchema, value);
      if (!parsed.success) return undefined;
      plan = parsed.output;
    } else {
      const parsed = v.safeParse(EntrySchema, value);
      if (!parsed.success) break;
      note(state, parsed.output);
    }
    offset += LENGTH_BYTES + length;
  }
  return plan === undefined ? undefined : { ...state, plan };
}

function emptyState(): State {
  return { arrived: new Map(), sealed: new Map(), manifest: undefined };
}

function note(state: State, entry: Entry): void {
  if (entry[0] === 'manifest') {
    state.manifest = entry[1];
  } else if (entry[0] === 'sealed') {
    state.sealed.set(entry[1], entry);
  } else {
    const blocks = state.arrived.get(entry[1]) ?? new Arrived();
    blocks.addRanges(entry[2]);
    state.arrived.set(entry[1], blocks);
  }
}

/**
 * What holds under another plan: of files that are as they were, all; of the manifest, only where K is the same, for else
 * another is made.
 */
function carried(plan: Plan, before: ReadState): State {
  const state = emptyState();
  const earlier = new Map(before.plan.files.map((file, index) => [file.path, index]));
  for (const [index, file] of plan.files.entries()) {
    const was = earlier.get(file.path);
    if (was === undefined || before.plan.files[was]!.stamp !== file.stamp) continue;
    const [arrived, sealed] = [before.arrived.get(was), before.sealed.get(was)];
    if (arrived !== undefined) state.arrived.set(index, arrived);
    if (sealed !== undefined) state.sealed.set(index, ['sealed', index, sealed[2], sealed[3], sealed[4]]);
  }
  if (plan.contentKey !== before.plan.contentKey) return state;
  const manifest = before.arrived.get(MANIFEST_INDEX);
  if (manifest !== undefined) state.arrived.set(MANIFEST_INDEX, manifest);
  state.manifest = before.manifest;
  return state;
}

/** Key of a file of a plan. */
export function plannedKey(crypto: Crypto, plan: Plan, file: PlannedFile): Uint8Array {
  return file.ownKey === undefined ? fileKey(crypto, fromHex(plan.contentKey)!, file.path) : fromHex(file.ownKey)!;
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(LENGTH_BYTES);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}
