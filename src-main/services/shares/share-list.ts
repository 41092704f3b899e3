/**
 * The node's list of shared files, one entry for each content however often it lies there, and the changes of it that the node is
 * told of. Generation and sequence are kept over restarts, so that a list that did not change is not sent anew.
 */
import * as v from 'valibot';
import { toHex } from '../../../shared/base/bytes.ts';
import type { Random } from '../../core/ports.ts';
import type { FileEntry } from '../../core/search/entry.ts';
import type { ShelfPage, ShelfQuestion } from '../../core/transfer/shelves.ts';
import type { Clock } from '../jobs/clock.ts';
import type { KnownFile } from './catalogue.ts';
import { ShelfTree } from './shelf-tree.ts';

/** Changes that come close together are told together. Guess: hubs are told no more often than this anyway. */
const GATHER_MS = 1_000;
const DIGEST_WORDS = 8;
/** The tree of what is offered is dropped when nobody looked through it for so long. Guess: making it takes longer than a page. */
const KEEP_TREE_MS = 60_000;
/** 2^32 by the golden ratio (Knuth): spreads every bit over all. */
const MULTIPLIER = 0x9e_37_79_b1;

/** What the node is told (core/search/effects.ts, `shareList`): the first time all of it, then what changed. */
export interface ShareListChange {
  readonly generation: number;
  readonly sequence: number;
  readonly added: readonly FileEntry[];
  /** Roots. */
  readonly removed: readonly Uint8Array[];
}

const KeptSchema = v.object({ generation: v.number(), sequence: v.number(), digest: v.string() });

/** A file that is offered, and the shared folder that it lies in. */
export interface Offered {
  /** Absolute. */
  readonly folderPath: string;
  /** Its number in the store. */
  readonly folder: number;
  readonly file: KnownFile;
}

export interface ShareListDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly tell: (change: ShareListChange) => void;
  /** Keeps what `load` is given at the next start. */
  readonly keep: (value: string) => void;
}

export class ShareList {
  readonly #deps: ShareListDeps;
  /** By root in hexadecimal; the first of several is what others are told. Most are one, and need no list. */
  readonly #offered = new Map<string, Offered | readonly Offered[]>();
  readonly #added = new Map<string, FileEntry>();
  readonly #removed = new Map<string, Uint8Array>();
  /** All entries together, whatever their order: the exclusive or of what each of them comes to. */
  readonly #digest = new Uint32Array(DIGEST_WORDS);
  #kept: v.InferOutput<typeof KeptSchema> | undefined;
  #generation = 0;
  #sequence = 0;
  #isReady = false;
  #stopGathering: (() => void) | undefined;
  #tree: ShelfTree | undefined;
  #stopDropping: (() => void) | undefined;
  #closed = false;

  constructor(deps: ShareListDeps) {
    this.#deps = deps;
  }

  /** What was kept by an earlier run. */
  load(value: string | undefined): void {
    const kept = v.safeParse(v.pipe(v.string(), v.parseJson(), KeptSchema), value);
    this.#kept = kept.success ? kept.output : undefined;
  }

  /** Distinct contents. */
  get size(): number {
    return this.#offered.size;
  }

  add(offered: Offered): void {
    this.#tree?.add(offered.file);
    this.#change(offered.file.root!, (all) => (all.length === 0 ? [offered] : [...all, offered]));
  }

  remove(folder: number, file: KnownFile, root: Uint8Array): void {
    this.#tree?.remove(file);
    this.#change(root, (all) => all.filter((other) => other.file !== file || other.folder !== folder));
  }

  /** Where the content lies; several places when it lies there several times. */
  find(root: Uint8Array): readonly Offered[] {
    return this.#at(toHex(root));
  }

  /** For who looks through all of it; undefined: there is no such folder. */
  page(question: ShelfQuestion): ShelfPage | undefined {
    this.#stopDropping?.();
    if (this.#tree === undefined) {
      this.#tree = new ShelfTree();
      for (const key of this.#offered.keys()) for (const { file } of this.#at(key)) this.#tree.add(file);
    }
    if (!this.#closed) this.#stopDropping = this.#deps.clock.after(KEEP_TREE_MS, () => (this.#tree = undefined));
    return this.#tree.page(question);
  }

  /** Everything that was there at the start has been looked at: the node is told now, and of each change from now on. */
  ready(): void {
    if (this.#isReady || this.#closed) return;
    this.#isReady = true;
    const digest = this.#digest.join(' ');
    const isSame = this.#kept?.digest === digest;
    this.#generation = isSame ? this.#kept!.generation : this.#newGeneration();
    this.#sequence = isSame ? this.#kept!.sequence : 1;
    this.#flush();
  }

  /** Told at once, so that nobody is offered any more what is not. */
  flush(): void {
    if (this.#isReady && this.#added.size + this.#removed.size > 0) {
      this.#sequence += 1;
      this.#flush();
    }
  }

  close(): void {
    this.#closed = true;
    this.#stopGathering?.();
    this.#stopDropping?.();
  }

  #at(key: string): readonly Offered[] {
    const offered = this.#offered.get(key);
    if (offered === undefined) return [];
    return 'file' in offered ? [offered] : offered;
  }

  #change(root: Uint8Array, change: (all: readonly Offered[]) => readonly Offered[]): void {
    const key = toHex(root);
    const before = this.#at(key);
    const after = change(before);
    if (after.length === 0) this.#offered.delete(key);
    else this.#offered.set(key, after.length === 1 ? after[0]! : after);
    if (before[0] === after[0]) return;
    if (before[0] !== undefined) this.#mix(entryOf(before[0]));
    if (after[0] === undefined) {
      this.#added.delete(key);
      this.#removed.set(key, root);
    } else {
      const entry = entryOf(after[0]);
      this.#mix(entry);
      this.#removed.delete(key);
      this.#added.set(key, entry);
    }
    if (!this.#isReady || this.#closed) return;
    this.#stopGathering ??= this.#deps.clock.after(GATHER_MS, () => this.flush());
  }

  #flush(): void {
    this.#stopGathering?.();
    this.#stopGathering = undefined;
    const [added, removed] = [[...this.#added.values()], [...this.#removed.values()]];
    this.#added.clear();
    this.#removed.clear();
    const { generation, sequence } = { generation: this.#generation, sequence: this.#sequence };
    this.#deps.tell({ generation, sequence, added, removed });
    // Who never shared anything has nothing to keep.
    if (this.#kept === undefined && this.size === 0) return;
    this.#kept = { generation, sequence, digest: this.#digest.join(' ') };
    this.#deps.keep(JSON.stringify(this.#kept));
  }

  #newGeneration(): number {
    return this.#deps.random.below(2 ** 32) * 2 ** 16 + this.#deps.random.below(2 ** 16);
  }

  /** Not by a hash of the protocol, of which a hundred thousand take half a second: who finds a collision spares himself a list. */
  #mix({ root, folder, name, sizeBytes, day }: FileEntry): void {
    let sum = textSum(`${folder}/${name} ${sizeBytes} ${day}`);
    for (let index = 0; index < DIGEST_WORDS; index += 1) {
      // Byte by byte: a view would give each of many small arrays a buffer of its own.
      const [a, b, c, d] = [root[index * 4]!, root[index * 4 + 1]!, root[index * 4 + 2]!, root[index * 4 + 3]!];
      sum = Math.imul(sum ^ ((a << 24) | (b << 16) | (c << 8) | d), MULTIPLIER);
      sum ^= sum >>> 15;
      this.#digest[index]! ^= sum;
    }
  }
}

/** Fowler, Noll, Vo: 32 bits, by 16 at a time. */
function textSum(text: string): number {
  let sum = 0x81_1c_9d_c5;
  for (let index = 0; index < text.length; index += 1) sum = Math.imul(sum ^ text.charCodeAt(index), 0x01_00_01_93);
  return sum;
}

function entryOf({ file }: Offered): FileEntry {
  const { root, name, directory, sizeBytes, day } = file;
  return { root: root!, name, folder: directory, sizeBytes, day: day! };
}
