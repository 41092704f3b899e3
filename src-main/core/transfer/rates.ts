/** Limits of what transfers send and ask for, in bytes a second; they change while it runs. Whoever has to wait is called when it may go on. */
import { TokenBucket } from '../../../shared/base/token-bucket.ts';
import type { NodeContext } from '../effects.ts';
import type { Timer, Timers } from '../routing/timers.ts';

interface RateParts {
  readonly context: NodeContext;
  readonly timers: Timers;
}

interface Sender {
  readonly rate: TokenBucket;
}

/** Who may send a part now: in turn where the limit of all holds them back, each by its own limit besides. */
export class SendingRates<User extends Sender> {
  readonly #parts: RateParts;
  readonly #send: (user: User) => void;
  readonly #all: TokenBucket;
  #ofUser = 0;
  /** In the order of their turns. */
  readonly #waiting = new Set<User>();
  #serving: User | undefined;
  #timer: Timer | undefined;

  /** `send`: it may send now; it then asks `allows` for each part. */
  constructor(parts: RateParts, send: (user: User) => void) {
    this.#parts = parts;
    this.#send = send;
    this.#all = new TokenBucket(0, parts.context.now());
  }

  /** For a user that is new. */
  newRate(): TokenBucket {
    return new TokenBucket(this.#ofUser, this.#parts.context.now());
  }

  set(bytesPerSecond: number, ofUser: number, users: Iterable<User>): void {
    const nowMs = this.#parts.context.now();
    this.#all.setLimit(bytesPerSecond, nowMs);
    this.#ofUser = ofUser;
    for (const { rate } of users) rate.setLimit(ofUser, nowMs);
    this.#serve();
  }

  /** False: `send` is called when it may. */
  allows(user: User): boolean {
    if (!this.#all.limited && !user.rate.limited) return true;
    const isBehind = this.#all.limited && this.#waiting.size > 0 && this.#serving !== user;
    if (!isBehind && this.#waitMs(user) === 0) return true;
    this.#waiting.add(user);
    this.#wakeLater();
    return false;
  }

  sent(user: User, bytes: number): void {
    const nowMs = this.#parts.context.now();
    this.#all.take(bytes, nowMs);
    user.rate.take(bytes, nowMs);
  }

  leave(user: User): void {
    this.#waiting.delete(user);
  }

  #waitMs(user: User): number {
    const nowMs = this.#parts.context.now();
    return Math.max(this.#all.waitMs(nowMs), user.rate.waitMs(nowMs));
  }

  #serve(): void {
    for (const user of [...this.#waiting]) {
      if (this.#waitMs(user) > 0 || !this.#waiting.delete(user)) continue;
      this.#serving = user;
      this.#send(user);
      this.#serving = undefined;
    }
    this.#wakeLater();
  }

  #wakeLater(): void {
    const { context, timers } = this.#parts;
    timers.cancel(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.size === 0) return;
    // While somebody is served the others get their turn right after.
    const waitMs = Math.min(...[...this.#waiting].map((user) => this.#waitMs(user)));
    this.#timer = timers.set(context.now() + Math.max(1, waitMs), () => this.#serve());
  }
}

/**
 * What may be asked of sources. Who asks for a chunk has spent it: it comes as fast as the line goes, and the next is asked for when the
 * limit allows, so that over some chunks the limit is kept.
 */
export class AskingRate {
  readonly #parts: RateParts;
  readonly #onRoom: () => void;
  readonly #bucket: TokenBucket;
  #timer: Timer | undefined;

  constructor(parts: RateParts, onRoom: () => void) {
    this.#parts = parts;
    this.#onRoom = onRoom;
    this.#bucket = new TokenBucket(0, parts.context.now());
  }

  set(bytesPerSecond: number): void {
    this.#bucket.setLimit(bytesPerSecond, this.#parts.context.now());
    this.#parts.timers.cancel(this.#timer);
    this.#timer = undefined;
    this.#onRoom();
  }

  /** False: `onRoom` is called when it may. */
  allows(): boolean {
    const { context, timers } = this.#parts;
    const waitMs = this.#bucket.waitMs(context.now());
    if (waitMs === 0) return true;
    if (this.#timer?.cancelled !== false) {
      this.#timer = timers.set(context.now() + waitMs, () => {
        this.#timer = undefined;
        this.#onRoom();
      });
    }
    return false;
  }

  asked(bytes: number): void {
    this.#bucket.take(bytes, this.#parts.context.now());
  }

  /** They will not come. */
  giveBack(bytes: number): void {
    this.#bucket.giveBack(bytes);
  }
}
