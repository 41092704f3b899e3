import { TokenBucket } from '../../../../shared/base/token-bucket.ts';
import { Credit } from '../credit.ts';
import { ownBytes } from '../raw-encoding.ts';
import type { Asker, RelayBudgets } from './budgets.ts';
import {
  ASKS_A_SECOND,
  ASKS_SAVED_SECONDS,
  CARRIED_IDLE_MS,
  CLOSING_MS,
  MAX_ASKS_IN_SECOND,
  MAX_CARRIED,
  MAX_CARRIED_OF_ASKER,
  MAX_CARRIED_OF_TARGET,
  OFFER_MS,
  RELAY_WINDOW_BYTES,
} from './limits.ts';
import type { RelayOutcome } from './messages.ts';
import type { RelayPeer, StreamSide } from './peer.ts';

export interface DeskOptions {
  readonly budgets: RelayBudgets;
  /** Whether anything is carried for this neighbour. */
  readonly consent: (peer: RelayPeer) => 'none' | 'off' | 'stranger';
  /** The neighbour with this key, if the link to it stands by itself and both ends know how to relay. */
  readonly peerOf: (publicKey: Uint8Array) => RelayPeer | undefined;
  readonly nowMs: () => number;
}

/** One of the two ends of what is carried. */
class Side implements StreamSide {
  readonly carried: Carried;
  readonly peer: RelayPeer;
  readonly number: number;
  readonly credit = new Credit();
  /** What came from here and waits to go to the other. */
  readonly queue: Uint8Array[] = [];
  queuedBytes = 0;
  isClosed = false;

  constructor(carried: Carried, peer: RelayPeer, number: number) {
    this.carried = carried;
    this.peer = peer;
    this.number = number;
    peer.add(number, this);
  }

  accepted(): boolean {
    return this.carried.accepted(this);
  }

  data(bytes: Uint8Array): 'taken' | 'violation' | 'overrun' {
    if (!this.carried.isOpen) return 'violation';
    if (!this.credit.received(bytes.length)) return 'overrun';
    this.queue.push(ownBytes(bytes));
    this.queuedBytes += bytes.length;
    this.carried.pump();
    return 'taken';
  }

  granted(totalBytes: number): void {
    this.credit.wasGranted(totalBytes);
    this.carried.pump();
  }

  ended(outcome: RelayOutcome): void {
    this.isClosed = true;
    this.carried.sideClosed(this, outcome);
  }

  pump(): void {
    this.carried.pump();
  }

  close(outcome: RelayOutcome): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.peer.remove(this.number);
    this.peer.send({ kind: 'close', number: this.number, outcome });
  }
}

/** A stream that is carried for one neighbour to another. */
class Carried {
  readonly asker: Asker;
  readonly from: Side;
  readonly to: Side;
  isOpen = false;
  readonly #desk: RelayDesk;
  readonly #bornAtMs: number;
  #movedAtMs: number;
  /** An end has closed: what it sent before goes through until then. */
  #closingUntilMs: number | undefined;

  constructor(desk: RelayDesk, asker: Asker, from: RelayPeer, number: number, to: RelayPeer) {
    this.#desk = desk;
    this.asker = asker;
    this.#bornAtMs = this.#movedAtMs = desk.nowMs();
    this.from = new Side(this, from, number);
    this.to = new Side(this, to, to.newNumber());
    to.send({ kind: 'offer', number: this.to.number, publicKey: from.link.publicKey });
  }

  accepted(side: Side): boolean {
    if (this.isOpen || side !== this.to) return false;
    this.isOpen = true;
    this.from.peer.send({ kind: 'accept', number: this.from.number });
    return true;
  }

  sideClosed(side: Side, outcome: RelayOutcome): void {
    const other = side === this.from ? this.to : this.from;
    if (!this.isOpen) return this.end(outcome === 'none' ? 'refused' : outcome);
    if (outcome !== 'none' || side.queuedBytes === 0) return this.end(outcome);
    other.queue.length = 0;
    other.queuedBytes = 0;
    this.#closingUntilMs = this.#desk.nowMs() + CLOSING_MS;
  }

  /** Passes on what the ends, their links and the budgets let it. */
  pump(): void {
    if (!this.isOpen) return;
    this.#pass(this.from, this.to);
    this.#pass(this.to, this.from);
    const isThrough = this.from.queuedBytes === 0 && this.to.queuedBytes === 0;
    if (this.#closingUntilMs !== undefined && isThrough) this.end('none');
  }

  tick(nowMs: number): void {
    if (!this.isOpen && nowMs - this.#bornAtMs >= OFFER_MS) this.end('refused');
    else if (nowMs - this.#movedAtMs >= CARRIED_IDLE_MS) this.end('lost');
    else if (nowMs >= (this.#closingUntilMs ?? Number.POSITIVE_INFINITY)) this.end('none');
  }

  end(outcome: RelayOutcome): void {
    this.from.close(outcome);
    this.to.close(outcome);
    this.#desk.ended(this);
  }

  #pass(from: Side, to: Side): void {
    const { budgets } = this.#desk;
    while (from.queue.length > 0 && !to.isClosed && to.credit.maySend) {
      if (budgets.isSpent(this.asker)) return this.end('spent');
      if (!to.peer.hasRoomFor(to) || !budgets.allows(this.asker, this)) return;
      const bytes = from.queue.shift()!;
      from.queuedBytes -= bytes.length;
      to.credit.sent(bytes.length);
      budgets.take(this.asker, bytes.length);
      this.#desk.carriedBytes += bytes.length;
      this.#movedAtMs = this.#desk.nowMs();
      to.peer.send({ kind: 'data', number: to.number, bytes });
    }
    if (from.isClosed || from.queuedBytes > RELAY_WINDOW_BYTES / 2) return;
    if (!from.credit.wantsGrant(RELAY_WINDOW_BYTES)) return;
    from.peer.send({ kind: 'grant', number: from.number, totalBytes: from.credit.grant(RELAY_WINDOW_BYTES) });
  }
}

/** How often one neighbour asks. */
class Pace {
  readonly #bucket: TokenBucket;
  #second = 0;
  #inSecond = 0;

  constructor(nowMs: number) {
    this.#bucket = new TokenBucket(ASKS_A_SECOND, nowMs, ASKS_SAVED_SECONDS);
  }

  ask(nowMs: number): 'none' | 'busy' | 'violation' {
    const second = Math.floor(nowMs / 1_000);
    this.#inSecond = second === this.#second ? this.#inSecond + 1 : 1;
    this.#second = second;
    if (this.#inSecond > MAX_ASKS_IN_SECOND) return 'violation';
    if (!this.#bucket.allows(nowMs)) return 'busy';
    this.#bucket.take(1, nowMs);
    return 'none';
  }
}

/**
 * What this node carries for others, as far as its person consents: streams from one neighbour that asks to another that agrees, each
 * neighbour under credit, the one that asks under a budget.
 */
export class RelayDesk {
  readonly budgets: RelayBudgets;
  /** Since the start, both ways. */
  carriedBytes = 0;
  streamsInAll = 0;
  readonly #options: DeskOptions;
  readonly #carried = new Set<Carried>();
  readonly #paces = new WeakMap<RelayPeer, Pace>();

  constructor(options: DeskOptions) {
    this.#options = options;
    this.budgets = options.budgets;
  }

  get streams(): number {
    return this.#carried.size;
  }

  nowMs(): number {
    return this.#options.nowMs();
  }

  onAsk(from: RelayPeer, number: number, publicKey: Uint8Array): void {
    const found = this.#judge(from, publicKey);
    if (found === 'violation') return from.link.destroy('violation');
    const isYes = typeof found !== 'string';
    const roundTripMs = isYes ? (found.to.link.roundTripMs ?? 0) : 0;
    return from.send({ kind: 'answer', number, outcome: isYes ? 'none' : found, roundTripMs });
  }

  onOpen(from: RelayPeer, number: number, publicKey: Uint8Array): void {
    const found = this.#judge(from, publicKey);
    if (found === 'violation' || !from.isTheirs(number)) return from.link.destroy('violation');
    if (typeof found === 'string') return from.send({ kind: 'close', number, outcome: found });
    this.streamsInAll += 1;
    found.asker.streams += 1;
    this.#carried.add(new Carried(this, found.asker, from, number, found.to));
    return undefined;
  }

  ended(carried: Carried): void {
    if (!this.#carried.delete(carried)) return;
    carried.asker.streams -= 1;
    this.budgets.forget(carried.asker, carried);
  }

  /** The person withdrew the consent, in whole or in part. */
  review(): void {
    for (const carried of [...this.#carried]) {
      const consent = this.#options.consent(carried.from.peer);
      if (consent !== 'none') carried.end(consent);
    }
  }

  tick(nowMs: number): void {
    for (const carried of [...this.#carried]) carried.tick(nowMs);
  }

  #judge(
    from: RelayPeer,
    publicKey: Uint8Array,
  ): { readonly asker: Asker; readonly to: RelayPeer } | Exclude<RelayOutcome, 'none'> | 'violation' {
    const { consent, peerOf, budgets, nowMs } = this.#options;
    let pace = this.#paces.get(from);
    if (pace === undefined) this.#paces.set(from, (pace = new Pace(nowMs())));
    const paced = pace.ask(nowMs());
    if (paced !== 'none') return paced;
    const agreed = consent(from);
    if (agreed !== 'none') return agreed;
    const to = peerOf(publicKey);
    if (to === undefined || to === from) return 'no-link';
    const asker = budgets.askerOf(from.link.keyHex);
    if (asker === undefined || asker.streams >= MAX_CARRIED_OF_ASKER || this.#carried.size >= MAX_CARRIED)
      return 'busy';
    let ofTarget = 0;
    for (const carried of this.#carried) if (carried.to.peer === to) ofTarget += 1;
    if (ofTarget >= MAX_CARRIED_OF_TARGET) return 'busy';
    return budgets.isSpent(asker) ? 'spent' : { asker, to };
  }
}
