import { TokenBucket } from '../../../shared/base/token-bucket.ts';
import { toHex } from '../../../shared/base/bytes.ts';
import type { EffectId, NodeContext } from '../effects.ts';
import {
  BROWSE_TIMEOUT_MS,
  MAX_BROWSES,
  MAX_SHELVES_OF_LINK,
  SHELVES_A_SECOND,
  SHELVES_A_SECOND_OF_ALL,
  SHELVES_SAVED_SECONDS,
} from '../limits.ts';
import type { KnownNode, LinkId } from '../ports.ts';
import type { Timer, Timers } from '../routing/timers.ts';
import type { TransferMessage } from '../wire/transfer-messages.ts';
import type { BrowseMessage, ShelfMessage } from '../wire/shelf-messages.ts';
import type { TransferPeer } from './peers.ts';
import { answers } from './shelves.ts';
import type { BrowseOutcome, ShelfPage, ShelfQuestion, ShelfRefusal } from './shelves.ts';

interface BrowsingParts {
  readonly context: NodeContext;
  readonly timers: Timers;
  readonly send: (link: LinkId, message: TransferMessage) => void;
  readonly linkOf: (key: string) => LinkId | undefined;
  readonly dial: (node: KnownNode) => void;
}

/** A page that this node asked for. */
interface Ask {
  readonly operation: number;
  readonly key: string;
  readonly question: ShelfQuestion;
  readonly timer: Timer;
  link: LinkId | undefined;
}

/** Who asks here. */
interface Asker {
  readonly rate: TokenBucket;
  pending: number;
}

/** Shared folders that are looked through: those of others, and one's own by others. One page at a time; nothing of it is kept. */
export class Browsing {
  readonly #parts: BrowsingParts;
  /** By operation, which is the id that is sent, too. */
  readonly #asks = new Map<number, Ask>();
  /** Bounded by the links that there are. */
  readonly #askers = new Map<LinkId, Asker>();
  readonly #looking = new Map<EffectId, { readonly link: LinkId; readonly id: number }>();
  readonly #ofAll: TokenBucket;

  constructor(parts: BrowsingParts) {
    this.#parts = parts;
    this.#ofAll = new TokenBucket(SHELVES_A_SECOND_OF_ALL, parts.context.now(), SHELVES_SAVED_SECONDS);
  }

  tableSizes(): Readonly<Record<string, number>> {
    return { browses: this.#asks.size, browsers: this.#askers.size, shelvesLooked: this.#looking.size };
  }

  /** Asks a user for a page; `browsed` follows. */
  ask(operation: number, node: KnownNode, question: ShelfQuestion): void {
    const { context, timers, linkOf, dial } = this.#parts;
    if (this.#asks.size >= MAX_BROWSES) throw new Error('more pages than the services let be asked for');
    const key = toHex(node.publicKey);
    const timer = timers.set(context.now() + BROWSE_TIMEOUT_MS, () => {
      const ask = this.#asks.get(operation);
      if (ask !== undefined) this.#end(ask, ask.link === undefined ? 'offline' : 'silent');
    });
    const ask: Ask = { operation, key, question, timer, link: undefined };
    this.#asks.set(operation, ask);
    const link = linkOf(key);
    if (link === undefined) dial(node);
    else this.#send(ask, link);
  }

  /** Nobody waits for it any more. */
  stop(operation: number): void {
    const ask = this.#asks.get(operation);
    if (ask !== undefined) this.#take(ask);
  }

  holds(key: string): boolean {
    for (const ask of this.#asks.values()) if (ask.key === key) return true;
    return false;
  }

  onPeer(peer: TransferPeer): void {
    for (const ask of this.#asks.values())
      if (ask.key === peer.key && ask.link === undefined) this.#send(ask, peer.link);
  }

  onPeerDown(link: LinkId): void {
    this.#askers.delete(link);
    for (const ask of [...this.#asks.values()]) if (ask.link === link) this.#end(ask, 'offline');
  }

  /** A user's answer. What comes for nothing that was asked of it may be late: no breach. False: no honest user answers this. */
  onShelf(peer: TransferPeer, { id, shelf }: ShelfMessage): boolean {
    const ask = this.#asks.get(id);
    if (ask === undefined || ask.link !== peer.link) return true;
    const isHonest = typeof shelf === 'string' || answers(ask.question, shelf);
    this.#end(ask, isHonest ? shelf : 'lied');
    return isHonest;
  }

  /** Somebody looks through what is shared here. False: it breaks the rules. */
  onBrowse(peer: TransferPeer, { id, folder, deep, after }: BrowseMessage): boolean {
    const { context, send } = this.#parts;
    const nowMs = context.now();
    let asker = this.#askers.get(peer.link);
    if (asker === undefined) {
      asker = { rate: new TokenBucket(SHELVES_A_SECOND, nowMs, SHELVES_SAVED_SECONDS), pending: 0 };
      this.#askers.set(peer.link, asker);
    }
    if (asker.pending >= MAX_SHELVES_OF_LINK) return false;
    if (!asker.rate.allows(nowMs) || !this.#ofAll.allows(nowMs)) {
      send(peer.link, { type: 'shelf', id, shelf: 'busy' });
      return true;
    }
    asker.rate.take(1, nowMs);
    this.#ofAll.take(1, nowMs);
    asker.pending += 1;
    const effect = context.nextEffect();
    this.#looking.set(effect, { link: peer.link, id });
    context.emit({ type: 'readShelf', effect, publicKey: peer.publicKey, question: { folder, deep, after } });
    return true;
  }

  onRead(effect: EffectId, shelf: ShelfPage | ShelfRefusal): void {
    const looking = this.#looking.get(effect);
    if (looking === undefined) return;
    this.#looking.delete(effect);
    const asker = this.#askers.get(looking.link);
    // Its link is gone, and with it whoever asked.
    if (asker === undefined) return;
    asker.pending -= 1;
    this.#parts.send(looking.link, { type: 'shelf', id: looking.id, shelf });
  }

  #send(ask: Ask, link: LinkId): void {
    ask.link = link;
    this.#parts.send(link, { type: 'browse', id: ask.operation, ...ask.question });
  }

  #end(ask: Ask, outcome: BrowseOutcome): void {
    this.#take(ask);
    this.#parts.context.emit({ type: 'browsed', operation: ask.operation, outcome });
  }

  #take(ask: Ask): void {
    this.#asks.delete(ask.operation);
    this.#parts.timers.cancel(ask.timer);
  }
}
