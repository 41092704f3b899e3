import { toHex } from '../../../shared/base/bytes.ts';
import { publicPrefix } from '../../../shared/base/ipv4.ts';
import { ATTACH_TIMEOUT_MS, CHANGE_HUB_MS, HUBS_OF_LEAF } from '../limits.ts';
import type { AttachedMessage } from '../wire/search-messages.ts';
import type { HubRecords } from './hub-records.ts';
import type { OwnList } from './own-list.ts';
import type { SearchParts } from './parts.ts';
import type { SearchPeer } from './peers.ts';

/** The hubs of a leaf: three, of different prefixes, one of which is changed each hour or so. */
export class LeafHubs {
  readonly #parts: SearchParts;
  readonly #records: HubRecords;
  readonly #list: OwnList;
  readonly #onChanged: () => void;
  /** Hubs that were dialled to be asked once there is a link. */
  readonly #wanted = new Map<string, number>();
  #changeMs: number | undefined;

  constructor(parts: SearchParts, records: HubRecords, list: OwnList, onChanged: () => void) {
    this.#parts = parts;
    this.#records = records;
    this.#list = list;
    this.#onChanged = onChanged;
  }

  /** Looks whether hubs are missing, and asks others. */
  look(): void {
    const { context, peers, links } = this.#parts;
    const nowMs = context.now();
    for (const [key, atMs] of this.#wanted) {
      if (nowMs - atMs < ATTACH_TIMEOUT_MS) continue;
      this.#wanted.delete(key);
      this.#records.doubt(key);
    }
    this.#changeOne(nowMs);
    const mine = peers.all().filter(({ asHub }) => asHub !== 'no');
    let missing = HUBS_OF_LEAF - mine.length - this.#wanted.size;
    if (missing <= 0) return;
    const prefixes = new Set(mine.map(({ where }) => publicPrefix(where.host)));
    // One that says it has room before one that says it has none: the word of either may be an hour old.
    const all = this.#records.toAsk();
    for (const { contact } of [...all.filter(({ room }) => room > 0), ...all.filter(({ room }) => room === 0)]) {
      if (missing === 0) return;
      const key = toHex(contact.publicKey);
      const peer = peers.byKey(key);
      const prefix = publicPrefix(peer?.where.host ?? contact.host);
      const isTaken = this.#wanted.has(key) || (peer !== undefined && peer.asHub !== 'no');
      if (isTaken || (prefix !== undefined && prefixes.has(prefix))) continue;
      prefixes.add(prefix);
      missing -= 1;
      if (peer !== undefined) this.#ask(peer);
      else {
        this.#wanted.set(key, nowMs);
        links.dialPeer(contact);
      }
    }
  }

  /** A link to a node that was dialled as a hub is there. */
  onPeer(peer: SearchPeer): void {
    if (this.#wanted.delete(peer.key)) this.#ask(peer);
  }

  onAttached(peer: SearchPeer, message: AttachedMessage): void {
    if (peer.asHub !== 'asked') return;
    if (message.outcome !== 'taken') {
      if (message.outcome === 'full') this.#records.rest(peer.key);
      else this.#records.doubt(peer.key);
      this.leave(peer, false);
      this.look();
      return;
    }
    peer.asHub = 'yes';
    this.#list.onHub(peer, message.state);
    this.#onChanged();
  }

  /** It is no hub of this node any more. */
  leave(peer: SearchPeer, tells: boolean): void {
    if (peer.asHub === 'no') return;
    const wasHub = peer.asHub === 'yes';
    peer.asHub = 'no';
    this.#list.onHubGone(peer);
    if (tells) this.#parts.peers.send(peer, { type: 'detach', purpose: 'leaf' });
    if (!peer.isHeld) this.#parts.links.releaseLink(peer.link);
    if (wasHub) this.#onChanged();
  }

  onDown(peer: SearchPeer): void {
    if (peer.asHub === 'no') return;
    const wasHub = peer.asHub === 'yes';
    peer.asHub = 'no';
    this.#records.doubt(peer.key);
    this.#list.onHubGone(peer);
    if (wasHub) this.#onChanged();
    this.look();
  }

  leaveAll(): void {
    this.#wanted.clear();
    for (const peer of this.#parts.peers.all()) this.leave(peer, true);
  }

  #ask(peer: SearchPeer): void {
    const { peers, timers, context } = this.#parts;
    peer.asHub = 'asked';
    peers.send(peer, { type: 'attach', purpose: 'leaf', freeSlots: this.#list.freeSlots });
    timers.set(context.now() + ATTACH_TIMEOUT_MS, () => {
      if (peers.get(peer.link) !== peer || peer.asHub !== 'asked') return;
      this.#records.doubt(peer.key);
      this.leave(peer, true);
    });
  }

  /** So that no hub sees all that a leaf asks, and leaves spread over hubs that come. */
  #changeOne(nowMs: number): void {
    const { context, peers } = this.#parts;
    this.#changeMs ??= nowMs + CHANGE_HUB_MS / 2 + context.random.below(CHANGE_HUB_MS);
    if (nowMs < this.#changeMs) return;
    this.#changeMs = undefined;
    const hubs = peers.hubs();
    if (hubs.length < HUBS_OF_LEAF || this.#records.toAsk().length <= hubs.length) return;
    const gone = hubs[context.random.below(hubs.length)]!;
    this.#records.rest(gone.key);
    this.leave(gone, true);
  }
}
