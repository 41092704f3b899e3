import { toHex } from '../../../shared/base/bytes.ts';
import type { EffectId, NodeContext } from '../effects.ts';
import {
  IDLE_SLOT_MS,
  KEEP_PLACE_MS,
  MAX_FETCHES_OF_USER,
  MAX_HAVE_CHUNKS,
  MAX_PART_BYTES,
  MAX_PENDING_PAGES,
  MAX_READS_OF_USER,
  MAX_TOLD_SOURCES,
  MAX_UPLOADS_OF_USER,
  MAX_WAITING_UPLOADS,
  PARTS_AT_ONCE,
  TELL_PLACES_MS,
} from '../limits.ts';
import type { LinkId } from '../ports.ts';
import type { Timer, Timers } from '../routing/timers.ts';
import { REFUSE_LACK, REFUSE_NO_SLOT, REFUSE_UNREADABLE } from '../wire/transfer-messages.ts';
import type { RefuseReason, TransferMessage } from '../wire/transfer-messages.ts';
import type { ServedFile } from './effects.ts';
import type { TransferPeer } from './peers.ts';
import { SendingRates } from './rates.ts';
import { UploadQueue } from './upload-queue.ts';
import { User } from './upload-user.ts';
import type { Slot } from './upload-user.ts';

interface UploadsParts {
  readonly context: NodeContext;
  readonly timers: Timers;
  readonly send: (link: LinkId, message: TransferMessage) => void;
}

type Pending =
  | { readonly type: 'find'; readonly user: User; readonly root: Uint8Array }
  | { readonly type: 'page'; readonly user: User; readonly id: number }
  | { readonly type: 'chunk'; readonly user: User };

/** A file on its way to somebody. */
export interface UploadView {
  readonly publicKey: Uint8Array;
  readonly root: Uint8Array;
  readonly sentBytes: number;
}

/** What this node sends to those who load its files (docs/spec/transfers.md, "What a source does"). */
export class Uploads {
  readonly #parts: UploadsParts;
  readonly #users = new Map<string, User>();
  readonly #queue = new UploadQueue();
  readonly #pending = new Map<EffectId, Pending>();
  readonly #gained = new Map<string, { readonly root: Uint8Array; readonly chunks: number[] }>();
  #slots = 8;
  #ofUser = 2;
  #used = 0;
  #telling: Timer | undefined;
  readonly #rates: SendingRates<User>;
  #sentBytes = 0;

  constructor(parts: UploadsParts) {
    this.#parts = parts;
    this.#rates = new SendingRates(parts, (user) => this.#send(user));
  }

  /** Of files, in all, handed to links part by part. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** Who has a slot, for what, and what it was sent in it. */
  views(): UploadView[] {
    return [...this.#users.values()].flatMap(({ peer, slots }) =>
      peer === undefined
        ? []
        : [...slots.values()].map(({ root, sentBytes }) => ({ publicKey: peer.publicKey, root, sentBytes })),
    );
  }

  setRates(upBytesPerSecond: number, userUpBytesPerSecond: number): void {
    this.#rates.set(upBytesPerSecond, userUpBytesPerSecond, this.#users.values());
  }

  /** Slots that somebody has. */
  get active(): number {
    return this.#used;
  }

  /** Who asked for a file and is linked now; as many as are told of one another. */
  askersOf(root: Uint8Array): TransferPeer[] {
    const name = toHex(root);
    const askers: TransferPeer[] = [];
    for (const { asked, peer } of this.#users.values()) {
      if (peer === undefined || !asked.has(name)) continue;
      askers.push(peer);
      if (askers.length === MAX_TOLD_SOURCES) break;
    }
    return askers;
  }

  /** A link is needed: somebody loads by it, or waits to. */
  holds(key: string): boolean {
    return (this.#users.get(key)?.asked.size ?? 0) > 0;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  get users(): number {
    return this.#users.size;
  }

  setSlots(slots: number, ofUser: number): void {
    [this.#slots, this.#ofUser] = [slots, ofUser];
    this.#grant();
  }

  /** False: it breaks the rules. */
  onAsk(peer: TransferPeer, root: Uint8Array): boolean {
    const user = this.#userOf(peer);
    const name = toHex(root);
    if (!user.asked.has(name)) {
      if (user.asked.size >= MAX_UPLOADS_OF_USER) {
        this.#parts.send(peer.link, { type: 'lack', root });
        return true;
      }
      user.asked.set(name, root);
    }
    const effect = this.#parts.context.nextEffect();
    this.#pending.set(effect, { type: 'find', user, root });
    this.#parts.context.emit({ type: 'findServed', effect, root });
    return true;
  }

  onFound(effect: EffectId, file: ServedFile | undefined): void {
    const pending = this.#pending.get(effect);
    if (pending?.type !== 'find') return;
    this.#pending.delete(effect);
    const { user, root } = pending;
    const link = user.peer?.link;
    const name = toHex(root);
    if (link === undefined || !user.asked.has(name)) return;
    const isFull = this.#queue.size >= MAX_WAITING_UPLOADS && !this.#queue.has(user.key, name);
    if (file === undefined || isFull) {
      user.asked.delete(name);
      this.#parts.send(link, { type: 'lack', root });
      return;
    }
    this.#parts.send(link, { type: 'offer', root, sizeBytes: file.sizeBytes, held: file.held });
    if (user.slots.has(name)) {
      this.#parts.send(link, { type: 'go', root });
      return;
    }
    this.#queue.add(user.key, name);
    this.#grant();
  }

  onPage(peer: TransferPeer, message: Extract<TransferMessage, { type: 'page' }>): boolean {
    const user = this.#userOf(peer);
    if (user.pages >= MAX_PENDING_PAGES) return false;
    if (!user.asked.has(toHex(message.root))) return this.#refuse(user, message.id, REFUSE_LACK);
    user.pages += 1;
    const effect = this.#parts.context.nextEffect();
    this.#pending.set(effect, { type: 'page', user, id: message.id });
    const at = { level: message.level, index: message.index };
    this.#parts.context.emit({ type: 'readPage', effect, root: message.root, at });
    return true;
  }

  onPageRead(effect: EffectId, hashes: Uint8Array | undefined): void {
    const pending = this.#pending.get(effect);
    if (pending?.type !== 'page') return;
    this.#pending.delete(effect);
    const { user, id } = pending;
    user.pages -= 1;
    if (user.peer === undefined) return;
    if (hashes === undefined) this.#refuse(user, id, REFUSE_UNREADABLE);
    else this.#parts.send(user.peer.link, { type: 'hashes', id, hashes });
  }

  onFetch(peer: TransferPeer, message: Extract<TransferMessage, { type: 'fetch' }>): boolean {
    const user = this.#userOf(peer);
    const slot = user.slots.get(toHex(message.root));
    if (slot === undefined) return this.#refuse(user, message.id, REFUSE_NO_SLOT);
    if (user.fetches.length >= MAX_FETCHES_OF_USER) return false;
    this.#parts.timers.cancel(slot.idle);
    slot.idle = undefined;
    user.fetches.push({ id: message.id, slot, chunk: message.chunk });
    this.#read(user);
    return true;
  }

  onChunkRead(effect: EffectId, bytes: Uint8Array | undefined): void {
    const pending = this.#pending.get(effect);
    if (pending?.type !== 'chunk') return;
    this.#pending.delete(effect);
    const { user } = pending;
    const asked = user.reading.get(effect);
    user.reading.delete(effect);
    if (asked !== undefined && user.peer !== undefined) {
      if (bytes === undefined) this.#refuse(user, asked.id, REFUSE_UNREADABLE);
      else user.sending.push({ id: asked.id, slot: asked.slot, bytes, offset: 0 });
    }
    this.#send(user);
    this.#read(user);
  }

  onCancel(peer: TransferPeer, id: number): void {
    const user = this.#users.get(peer.key);
    if (user === undefined) return;
    user.fetches = user.fetches.filter((fetch) => fetch.id !== id);
    user.sending = user.sending.filter((sending) => sending.id !== id);
    for (const [effect, asked] of user.reading) if (asked.id === id) user.reading.delete(effect);
    this.#restAll(user);
    this.#read(user);
  }

  onOver(peer: TransferPeer, root: Uint8Array): void {
    const user = this.#users.get(peer.key);
    if (user === undefined) return;
    this.#forget(user, toHex(root));
    this.#grant();
  }

  onWritable(link: LinkId): void {
    for (const user of this.#users.values()) if (user.peer?.link === link) this.#send(user);
  }

  onLinkDown(link: LinkId): void {
    for (const user of this.#users.values()) {
      if (user.peer?.link !== link) continue;
      user.peer = undefined;
      this.#rates.leave(user);
      user.fetches = [];
      user.sending = [];
      user.reading.clear();
      for (const [name, slot] of user.slots) {
        this.#release(user, name, slot);
        // Whose line broke goes on where it was.
        this.#queue.addFirst(user.key, name);
      }
      const { context, timers } = this.#parts;
      user.away = timers.set(context.now() + KEEP_PLACE_MS, () => {
        this.#queue.removeUser(user.key);
        this.#users.delete(user.key);
        this.#tellSoon();
      });
    }
    this.#grant();
  }

  /** A chunk of a file that is still being loaded can be had here now. */
  onHeld(root: Uint8Array, chunk: number): void {
    const name = toHex(root);
    if (![...this.#users.values()].some((user) => user.asked.has(name))) return;
    const gained = this.#gained.get(name) ?? { root, chunks: [] };
    this.#gained.set(name, gained);
    gained.chunks.push(chunk);
    if (gained.chunks.length >= MAX_HAVE_CHUNKS) this.#tell();
    else this.#tellSoon();
  }

  #userOf(peer: TransferPeer): User {
    let user = this.#users.get(peer.key);
    if (user === undefined) {
      user = new User(peer.key, this.#rates.newRate());
      this.#users.set(peer.key, user);
    }
    user.peer = peer;
    this.#parts.timers.cancel(user.away);
    user.away = undefined;
    return user;
  }

  #refuse(user: User, id: number, reason: RefuseReason): true {
    if (user.peer !== undefined) this.#parts.send(user.peer.link, { type: 'refuse', id, reason });
    return true;
  }

  /** Gives free slots to those whose turn it is. */
  #grant(): void {
    while (this.#used < this.#slots) {
      const next = this.#queue.next((key) => {
        const user = this.#users.get(key);
        return user?.peer !== undefined && user.slots.size < this.#ofUser;
      });
      if (next === undefined) break;
      const user = this.#users.get(next.user)!;
      const root = user.asked.get(next.root);
      if (root === undefined) continue;
      const slot: Slot = { root, idle: undefined, sentBytes: 0 };
      user.slots.set(next.root, slot);
      this.#used += 1;
      this.#parts.send(user.peer!.link, { type: 'go', root });
      this.#rest(user, next.root, slot);
    }
    this.#tellSoon();
  }

  /** Nothing is asked by who has the slot: it runs out. */
  #rest(user: User, name: string, slot: Slot): void {
    const { context, timers, send } = this.#parts;
    timers.cancel(slot.idle);
    slot.idle = timers.set(context.now() + IDLE_SLOT_MS, () => {
      if (user.peer !== undefined) send(user.peer.link, { type: 'over', root: slot.root });
      this.#forget(user, name);
      this.#grant();
    });
  }

  #restAll(user: User): void {
    if (user.fetches.length > 0 || user.sending.length > 0 || user.reading.size > 0) return;
    for (const [name, slot] of user.slots) if (slot.idle === undefined) this.#rest(user, name, slot);
  }

  #release(user: User, name: string, slot: Slot): void {
    this.#parts.timers.cancel(slot.idle);
    user.slots.delete(name);
    this.#used -= 1;
  }

  #forget(user: User, name: string): void {
    const slot = user.slots.get(name);
    if (slot !== undefined) this.#release(user, name, slot);
    this.#queue.remove(user.key, name);
    user.asked.delete(name);
    user.fetches = user.fetches.filter((fetch) => toHex(fetch.slot.root) !== name);
    user.sending = user.sending.filter((sending) => toHex(sending.slot.root) !== name);
    if (user.asked.size > 0 || user.reading.size > 0 || user.pages > 0) return;
    this.#rates.leave(user);
    this.#users.delete(user.key);
  }

  #read(user: User): void {
    const { context } = this.#parts;
    while (user.reading.size + user.sending.length < MAX_READS_OF_USER && user.peer !== undefined) {
      const asked = user.fetches.shift();
      if (asked === undefined) return;
      const effect = context.nextEffect();
      user.reading.set(effect, asked);
      this.#pending.set(effect, { type: 'chunk', user });
      context.emit({ type: 'readChunk', effect, root: asked.slot.root, chunk: asked.chunk });
    }
  }

  /** A few parts at once, then the link is asked whether it has room: others have their turns between. */
  #send(user: User): void {
    const { context, send } = this.#parts;
    const { peer } = user;
    if (peer === undefined || peer.congested) return;
    for (let parts = 0; parts < PARTS_AT_ONCE; parts += 1) {
      const sending = user.sending[0];
      if (sending === undefined) break;
      if (!this.#rates.allows(user)) return;
      const bytes = sending.bytes.subarray(sending.offset, sending.offset + MAX_PART_BYTES);
      send(peer.link, { type: 'part', id: sending.id, offset: sending.offset, bytes });
      sending.offset += bytes.length;
      sending.slot.sentBytes += bytes.length;
      this.#sentBytes += bytes.length;
      this.#rates.sent(user, bytes.length);
      if (sending.offset < sending.bytes.length) continue;
      user.sending.shift();
      this.#read(user);
    }
    if (user.sending.length > 0) context.emit({ type: 'roomAsked', link: peer.link });
    else this.#restAll(user);
  }

  #tellSoon(): void {
    const { context, timers } = this.#parts;
    if (this.#telling !== undefined || (this.#queue.size === 0 && this.#gained.size === 0)) return;
    this.#telling = timers.set(context.now() + TELL_PLACES_MS, () => this.#tell());
  }

  /** Places to those who wait, new chunks to those who load them. */
  #tell(): void {
    const { timers, send } = this.#parts;
    timers.cancel(this.#telling);
    this.#telling = undefined;
    let place = 0;
    for (const { user: key, root: name } of this.#queue.order()) {
      place += 1;
      const user = this.#users.get(key);
      const root = user?.asked.get(name);
      if (user?.peer === undefined || root === undefined) continue;
      send(user.peer.link, { type: 'place', root, place, waiting: this.#queue.size });
    }
    for (const [name, { root, chunks }] of this.#gained) {
      for (const user of this.#users.values()) {
        if (user.peer !== undefined && user.asked.has(name)) send(user.peer.link, { type: 'have', root, chunks });
      }
    }
    this.#gained.clear();
  }
}
