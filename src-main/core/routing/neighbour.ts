import { toHex } from '../../../shared/base/bytes.ts';
import {
  MAX_PENDING_BULK_OF_LINK,
  MAX_PENDING_INTERACTIVE_OF_LINK,
  WINDOW_INTERACTIVE_EXTRA,
  WINDOW_MAX,
  WINDOW_MIN,
  WINDOW_START,
} from '../limits.ts';
import type { LinkId, LinkInfo } from '../ports.ts';
import { PRIORITY_INTERACTIVE } from '../wire/messages.ts';
import type { WirePriority } from '../wire/messages.ts';
import type { Location } from './location.ts';

/**
 * One neighbour: who it is, where on the circle, how much it can take and how well it answers.
 * The send window is AIMD as in TCP congestion avoidance (RFC 5681): one more for a window of answers, x 0.7 for a refusal.
 */
export class Neighbour {
  readonly link: LinkId;
  readonly publicKey: Uint8Array;
  readonly key: string;
  readonly sinceMs: number;
  /** HTL draws, once a link, so that asking twice tells nothing (protocol, section 3). */
  readonly decrementsAtTop: boolean;
  readonly decrementsAtOne: boolean;
  /** Set once the neighbour said hello in our network. */
  greeted = false;
  /** Set once its costly location has been computed here. */
  location: Location | undefined;
  /** Our messages that it has not answered yet. */
  waiting = 0;
  /** Its messages that we have not answered yet. */
  pendingBulk = 0;
  pendingInteractive = 0;
  sent = 0;
  answered = 0;
  refused = 0;
  silent = 0;
  garbage = 0;
  /** The transport reported its send buffer full. */
  congested = false;
  #window = WINDOW_START;

  constructor(info: LinkInfo, nowMs: number, decrementsAtTop: boolean, decrementsAtOne: boolean) {
    this.link = info.link;
    this.publicKey = info.publicKey;
    this.key = toHex(info.publicKey);
    this.sinceMs = nowMs;
    this.decrementsAtTop = decrementsAtTop;
    this.decrementsAtOne = decrementsAtOne;
  }

  get ready(): boolean {
    return this.greeted && this.location !== undefined;
  }

  /** Whether our next message fits its window. */
  takes(priority: WirePriority): boolean {
    if (this.congested && priority !== PRIORITY_INTERACTIVE) return false;
    const extra = priority === PRIORITY_INTERACTIVE ? WINDOW_INTERACTIVE_EXTRA : 0;
    return this.waiting < this.#window + extra;
  }

  /** Whether it has not more under way through us than its part. */
  mayAsk(priority: WirePriority): boolean {
    return priority === PRIORITY_INTERACTIVE
      ? this.pendingInteractive < MAX_PENDING_INTERACTIVE_OF_LINK
      : this.pendingBulk < MAX_PENDING_BULK_OF_LINK;
  }

  countPending(priority: WirePriority, change: 1 | -1): void {
    if (priority === PRIORITY_INTERACTIVE) this.pendingInteractive += change;
    else this.pendingBulk += change;
  }

  onSent(): void {
    this.waiting += 1;
    this.sent += 1;
  }

  onAnswered(): void {
    this.waiting -= 1;
    this.answered += 1;
    this.#window = Math.min(WINDOW_MAX, this.#window + 1 / this.#window);
  }

  onRefused(): void {
    this.waiting -= 1;
    this.refused += 1;
    this.#shrink();
  }

  onSilent(): void {
    this.waiting -= 1;
    this.silent += 1;
    this.#shrink();
  }

  /** The message was withdrawn, through no fault of the neighbour. */
  onWithdrawn(): void {
    this.waiting -= 1;
  }

  #shrink(): void {
    this.#window = Math.max(WINDOW_MIN, this.#window * 0.7);
  }

  /** Share of our messages that it answered, 0 ... 1; undefined before the first. */
  get answeredShare(): number | undefined {
    const ended = this.answered + this.refused + this.silent;
    return ended === 0 ? undefined : this.answered / ended;
  }
}
