/**
 * What is carried for others: how fast, and how much in a day, for each node that asks and for all together. It is kept by key and not by link, so
 * that hanging up renews nothing. What was spent comes back evenly over a day, as with inserts (core/routing/budgets.ts).
 */
import { TokenBucket } from '../../../../shared/base/token-bucket.ts';
import { TurnQueue } from '../turn-queue.ts';
import { ASKER_SHARE_OF_DAY, ASKER_SHARE_OF_RATE, MAX_ASKERS } from './limits.ts';

const DAY_MS = 24 * 60 * 60_000;

/** 0: no limit. */
export interface RelayLimits {
  readonly bytesPerSecond: number;
  readonly bytesPerDay: number;
}

/** Bytes that come back evenly over a day. */
class Spending {
  #bytes = 0;
  #atMs: number;

  constructor(nowMs: number) {
    this.#atMs = nowMs;
  }

  /** What of it has not come back, of a budget of so much a day. */
  left(budgetBytes: number, nowMs: number): number {
    this.#bytes = Math.max(0, this.#bytes - (budgetBytes * Math.max(0, nowMs - this.#atMs)) / DAY_MS);
    this.#atMs = nowMs;
    return this.#bytes;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
  }
}

interface Waiter {
  /** It may send now. */
  pump(): void;
}

/** What one node has carried for it. */
export class Asker {
  /** Streams that are carried for it. */
  streams = 0;
  readonly rate: TokenBucket;
  readonly turns: TurnQueue<Waiter>;
  readonly spending: Spending;

  constructor(bytesPerSecond: number, now: () => number) {
    this.rate = new TokenBucket(bytesPerSecond, now());
    this.turns = new TurnQueue(this.rate, now, (waiter) => waiter.pump());
    this.spending = new Spending(now());
  }
}

export class RelayBudgets {
  readonly #now: () => number;
  readonly #askers = new Map<string, Asker>();
  readonly #rate: TokenBucket;
  readonly #turns: TurnQueue<Waiter>;
  readonly #spending: Spending;
  #limits: RelayLimits;

  constructor(limits: RelayLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
    this.#rate = new TokenBucket(limits.bytesPerSecond, now());
    this.#turns = new TurnQueue(this.#rate, now, (waiter) => waiter.pump());
    this.#spending = new Spending(now());
  }

  /** Keys whose spending is remembered. */
  get size(): number {
    return this.#askers.size;
  }

  setLimits(limits: RelayLimits): void {
    this.#limits = limits;
    this.#rate.setLimit(limits.bytesPerSecond, this.#now());
    this.#turns.limitChanged();
    for (const asker of this.#askers.values()) {
      asker.rate.setLimit(limits.bytesPerSecond * ASKER_SHARE_OF_RATE, this.#now());
      asker.turns.limitChanged();
    }
  }

  /** Undefined while there is no room to remember one more. */
  askerOf(keyHex: string): Asker | undefined {
    const known = this.#askers.get(keyHex);
    if (known !== undefined) return known;
    if (this.#askers.size >= MAX_ASKERS) this.#forgetUnspent();
    if (this.#askers.size >= MAX_ASKERS) return undefined;
    const asker = new Asker(this.#limits.bytesPerSecond * ASKER_SHARE_OF_RATE, this.#now);
    this.#askers.set(keyHex, asker);
    return asker;
  }

  /** Its day's budget, or that of all, is used up. */
  isSpent(asker: Asker): boolean {
    const { bytesPerDay } = this.#limits;
    if (bytesPerDay === 0) return false;
    const nowMs = this.#now();
    const ofAsker = bytesPerDay * ASKER_SHARE_OF_DAY;
    return asker.spending.left(ofAsker, nowMs) >= ofAsker || this.#spending.left(bytesPerDay, nowMs) >= bytesPerDay;
  }

  /** True when something may be carried for it now; else `waiter` is pumped when it may. */
  allows(asker: Asker, waiter: Waiter): boolean {
    const nowMs = this.#now();
    if (!asker.rate.allows(nowMs)) asker.turns.add(waiter);
    else if (!this.#rate.allows(nowMs)) this.#turns.add(waiter);
    else return true;
    return false;
  }

  take(asker: Asker, bytes: number): void {
    const nowMs = this.#now();
    asker.rate.take(bytes, nowMs);
    this.#rate.take(bytes, nowMs);
    asker.spending.add(bytes);
    this.#spending.add(bytes);
  }

  /** It waits for nothing any more. */
  forget(asker: Asker, waiter: Waiter): void {
    asker.turns.delete(waiter);
    this.#turns.delete(waiter);
  }

  stop(): void {
    this.#turns.stop();
    for (const asker of this.#askers.values()) asker.turns.stop();
    this.#askers.clear();
  }

  #forgetUnspent(): void {
    const ofAsker = this.#limits.bytesPerDay * ASKER_SHARE_OF_DAY;
    for (const [keyHex, asker] of this.#askers) {
      if (asker.streams === 0 && (ofAsker === 0 || asker.spending.left(ofAsker, this.#now()) === 0))
        this.#askers.delete(keyHex);
    }
  }
}
