import { fromHex, toHex } from '../../../shared/base/bytes.ts';
import { MAX_LIST_PARTS, MAX_SHARED_FILES, SEARCH_PART_BYTES } from '../limits.ts';
import type { SearchEvent } from './effects.ts';
import type { FileEntry } from './entry.ts';
import type { SearchParts } from './parts.ts';
import type { SearchPeer } from './peers.ts';

type ShareList = Extract<SearchEvent, { type: 'shareList' }>;

/** What one hub has, and what is on its way to it. */
interface Upload {
  /** The last change of the list that is wholly in. */
  sequence: number;
  /** Parts that wait to be sent. */
  readonly parts: Part[];
  underway: number;
  number: number;
  /** Over a bound of the hub: nothing more is sent until the list changes. */
  isFull: boolean;
}

interface Part {
  readonly begins: boolean;
  readonly sequence: number;
  readonly added: readonly FileEntry[];
  readonly removed: readonly Uint8Array[];
}

/** Bytes of an entry beside its texts: root, lengths, size, day. */
const ENTRY_BYTES = 32 + 2 + 2 + 6 + 3;

/**
 * The list of this node's shared files, and its way to the hubs: what a hub has already is not sent again, and a part only when
 * the one before the last was answered. The list is in this node's own index too, which answers for it without hubs.
 */
export class OwnList {
  freeSlots = 0;
  readonly #parts: SearchParts;
  #generation = 0;
  #sequence = 0;
  /** Changes before this one are not known any more. */
  #since = 0;
  readonly #files = new Map<string, { readonly entry: FileEntry; readonly sequence: number }>();
  /** Roots that were taken away, and with which change. */
  readonly #removed = new Map<string, number>();
  readonly #uploads = new Map<SearchPeer, Upload>();
  #isKnown = false;

  constructor(parts: SearchParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#files.size;
  }

  get removals(): number {
    return this.#removed.size;
  }

  change(event: ShareList): void {
    const { context, keyPair } = this.#parts;
    const begins = !this.#isKnown || event.generation !== this.#generation;
    if (begins) {
      this.#files.clear();
      this.#removed.clear();
      this.#since = event.sequence;
    }
    this.#isKnown = true;
    this.#generation = event.generation;
    this.#sequence = event.sequence;
    for (const root of event.removed) this.#remove(toHex(root));
    for (const entry of event.added) this.#add(entry);
    const { generation, sequence, added, removed } = event;
    const effect = context.nextEffect();
    const change = { generation, sequence, added, removed };
    context.emit({ type: 'indexChange', effect, source: keyPair.publicKey, begins, change });
    if (begins) this.#sayPresent();
    for (const [hub, upload] of this.#uploads) {
      if (begins) upload.sequence = Number.NaN;
      upload.isFull = false;
      this.#send(hub, upload);
    }
  }

  setFreeSlots(freeSlots: number): void {
    if (freeSlots === this.freeSlots) return;
    this.freeSlots = freeSlots;
    this.#sayPresent();
    for (const hub of this.#uploads.keys()) this.#parts.peers.send(hub, { type: 'slots', freeSlots });
  }

  /** A hub took this node as a leaf; `state`: what it has of the list. */
  onHub(hub: SearchPeer, state: { readonly generation: number; readonly sequence: number } | undefined): void {
    const isKnown = this.#isKnown && state?.generation === this.#generation;
    const isWithin = isKnown && state.sequence >= this.#since && state.sequence <= this.#sequence;
    const sequence = isWithin ? state.sequence : Number.NaN;
    const upload: Upload = { sequence, parts: [], underway: 0, number: 0, isFull: false };
    this.#uploads.set(hub, upload);
    this.#send(hub, upload);
  }

  onHubGone(hub: SearchPeer): void {
    this.#uploads.delete(hub);
  }

  onChanged(hub: SearchPeer, outcome: 'done' | 'full'): void {
    const upload = this.#uploads.get(hub);
    if (upload === undefined || upload.underway === 0) return;
    upload.underway -= 1;
    if (outcome === 'full') {
      upload.isFull = true;
      upload.parts.length = 0;
    }
    this.#send(hub, upload);
  }

  onWritable(hub: SearchPeer): void {
    const upload = this.#uploads.get(hub);
    if (upload !== undefined) this.#send(hub, upload);
  }

  #add(entry: FileEntry): void {
    const key = toHex(entry.root);
    if (this.#files.size >= MAX_SHARED_FILES && !this.#files.has(key)) return;
    this.#removed.delete(key);
    this.#files.set(key, { entry, sequence: this.#sequence });
  }

  #remove(key: string): void {
    if (!this.#files.delete(key)) return;
    this.#removed.set(key, this.#sequence);
    if (this.#removed.size <= MAX_SHARED_FILES) return;
    // Who has less than this is sent the whole list.
    const [oldest, sequence] = this.#removed.entries().next().value!;
    this.#removed.delete(oldest);
    this.#since = sequence;
  }

  #sayPresent(): void {
    const { freeSlots } = this;
    this.#parts.context.emit({ type: 'indexPresent', source: this.#parts.keyPair.publicKey, where: { freeSlots } });
  }

  #send(hub: SearchPeer, upload: Upload): void {
    if (!this.#isKnown || upload.isFull) return;
    if (upload.parts.length === 0 && upload.underway === 0 && upload.sequence !== this.#sequence) {
      upload.parts.push(...this.#partsSince(upload.sequence));
      upload.sequence = this.#sequence;
    }
    while (upload.parts.length > 0 && upload.underway < MAX_LIST_PARTS && !hub.congested) {
      const part = upload.parts.shift()!;
      upload.underway += 1;
      upload.number += 1;
      const { number } = upload;
      this.#parts.peers.send(hub, { type: 'change', number, generation: this.#generation, ...part });
    }
  }

  /** The changes after `sequence` in parts that fit a message; NaN: the whole list. Only the last part says that it is all. */
  #partsSince(sequence: number): Part[] {
    const isWhole = Number.isNaN(sequence);
    const files = [...this.#files.values()].filter((file) => isWhole || file.sequence > sequence);
    const removed = isWhole ? [] : [...this.#removed].filter(([, at]) => at > sequence).map(([key]) => fromHex(key)!);
    const groups: { added: FileEntry[]; removed: Uint8Array[] }[] = [{ added: [], removed: [] }];
    let bytes = 0;
    const group = (size: number): { added: FileEntry[]; removed: Uint8Array[] } => {
      const last = groups.at(-1)!;
      bytes += size;
      const isOver = bytes > SEARCH_PART_BYTES / 2 || last.added.length + last.removed.length >= MAX_PART_ITEMS;
      if (!isOver) return last;
      bytes = size;
      groups.push({ added: [], removed: [] });
      return groups.at(-1)!;
    };
    for (const root of removed) group(root.length).removed.push(root);
    // A unit of UTF-16 is three bytes of UTF-8 at most.
    for (const { entry } of files) group(ENTRY_BYTES + 3 * (entry.name.length + entry.folder.length)).added.push(entry);
    return groups.map((part, index) => ({
      begins: isWhole && index === 0,
      sequence: index === groups.length - 1 ? this.#sequence : isWhole ? 0 : sequence,
      ...part,
    }));
  }
}

/** Entries of one part, at most: a message takes twice as many. */
const MAX_PART_ITEMS = 512;
