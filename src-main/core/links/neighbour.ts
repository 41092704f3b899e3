import { toHex } from '../../../shared/base/bytes.ts';
import {
  ACCEPT_TIMEOUT_MS,
  MAX_ACCEPT_TIMEOUT_MS,
  MAX_PENDING_BULK_OF_LINK,
  MAX_PENDING_INTERACTIVE_OF_LINK,
  MAX_TELLINGS,
  SLOW_WORD_MS,
  SUSPECT_AFTER_SILENCES,
  SUSPECT_MS,
} from '../limits.ts';
import type { KnownNode, LinkId, LinkInfo } from '../ports.ts';
import { PRIORITY_INTERACTIVE } from '../wire/messages.ts';
import type { WirePriority } from '../wire/messages.ts';
import type { LinkProof } from '../wire/link-messages.ts';
import type { Location } from '../routing/location.ts';
import type { Acquaintance } from './acquaintances.ts';
import { Window } from './window.ts';

/** A neighbour's link to another node, proved by that node. */
export interface ToldLink {
  readonly node: Acquaintance;
  readonly expiresMinutes: number;
}

/** One neighbour: who it is, where on the circle, whom it is linked to, how much it can take and how well it answers. */
export class Neighbour {
  readonly link: LinkId;
  readonly publicKey: Uint8Array;
  readonly key: string;
  /** This node dialled. */
  readonly initiator: boolean;
  /** What others may be told of it. */
  readonly contact: KnownNode;
  readonly sinceMs: number;
  /** HTL draws, once a link, so that asking twice tells nothing (protocol, section 3). */
  readonly decrementsAtTop: boolean;
  readonly decrementsAtOne: boolean;
  /** Set once the neighbour said hello in our network. */
  greeted = false;
  /** It was linked beside routing before. */
  adopted = false;
  /** Set once its costly location has been computed here. */
  location: Location | undefined;
  /** Its word for this link, to be shown to others. */
  proof: LinkProof | undefined;
  /** Until when it has this node's word for the link. */
  provedUntilMinutes = 0;
  /** Its own neighbours, by key, as it told and they proved; those whose place is known stand in the horizon too. */
  readonly second = new Map<string, ToldLink>();
  /** What it was told of ours: by key, until when the proof lasts. */
  readonly told = new Map<string, number>();
  /** Tellings that it may still make before the next is due: it may not make this node check signatures for ever. */
  tellings = MAX_TELLINGS;
  /** When one was added last. */
  tellingAddedMs: number;
  /** It is about to be closed: what is under way ends, nothing new begins. */
  leaving = false;
  /** Its messages that we have not answered yet. */
  pendingBulk = 0;
  pendingInteractive = 0;
  sent = 0;
  answered = 0;
  refused = 0;
  silent = 0;
  garbage = 0;
  /** Messages passed on to it lately: halved together for all neighbours, so that shares can be told (neighbours.ts). */
  recentSent = 0;
  /** Answers with a record, or with copies, that came from it lately; halved every time that links are looked after. */
  useful = 0;
  /** The transport reported its send buffer full. */
  congested = false;
  readonly #bulk = new Window();
  readonly #interactive = new Window();
  #silences = 0;
  /** Those of them that are its own fault for sure. */
  #unheard = 0;
  #suspectUntilMs = 0;
  /** Until its first word comes, smoothed, and how much that varies. */
  #wordMs: number | undefined;
  #wordSpreadMs = 0;
  #slowUntilMs = 0;

  constructor(info: LinkInfo, nowMs: number, decrementsAtTop: boolean, decrementsAtOne: boolean) {
    this.link = info.link;
    this.publicKey = info.publicKey;
    this.key = toHex(info.publicKey);
    this.initiator = info.initiator;
    const { publicKey, host, port } = info;
    this.contact = host === undefined || port === undefined ? { publicKey } : { publicKey, host, port };
    this.sinceMs = nowMs;
    this.tellingAddedMs = nowMs;
    this.decrementsAtTop = decrementsAtTop;
    this.decrementsAtOne = decrementsAtOne;
  }

  get ready(): boolean {
    return this.greeted && this.location !== undefined && !this.leaving;
  }

  /** Whether our next message fits its window. */
  takes(priority: WirePriority): boolean {
    if (this.congested && priority !== PRIORITY_INTERACTIVE) return false;
    return this.#window(priority).hasRoom;
  }

  /** How many of our messages it takes now. */
  room(priority: WirePriority): number {
    if (this.congested && priority !== PRIORITY_INTERACTIVE) return 0;
    return this.#window(priority).room;
  }

  /** Silent so often lately that others are asked first. */
  isSuspect(nowMs: number): boolean {
    return nowMs < this.#suspectUntilMs;
  }

  /** Silences since its last answer. */
  get silences(): number {
    return this.#unheard;
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

  onSent(priority: WirePriority): void {
    this.#window(priority).onSent();
    this.sent += 1;
  }

  onAnswered(priority: WirePriority): void {
    this.#window(priority).onAnswered();
    this.answered += 1;
    this.#silences = 0;
    this.#unheard = 0;
    this.#suspectUntilMs = 0;
  }

  onRefused(priority: WirePriority): void {
    this.#window(priority).onFailed();
    this.refused += 1;
    this.#silences = 0;
    this.#unheard = 0;
  }

  /**
   * Its first word about a message of ours, `tookMs` after that was sent: an answer, or that it took it. Of bulk alone: what is
   * waited for tries another way rather than wait longer (`npm run sim -- flood`).
   */
  onWord(priority: WirePriority, tookMs: number, nowMs: number): void {
    if (priority === PRIORITY_INTERACTIVE) return;
    // Jacobson and Karels 1988, as in RFC 6298.
    if (this.#wordMs === undefined) {
      this.#wordMs = tookMs;
      this.#wordSpreadMs = tookMs / 2;
    } else {
      this.#wordSpreadMs += (Math.abs(tookMs - this.#wordMs) - this.#wordSpreadMs) / 4;
      this.#wordMs += (tookMs - this.#wordMs) / 8;
    }
    // Once for what was sent before it shows.
    if (tookMs < SLOW_WORD_MS || nowMs < this.#slowUntilMs) return;
    this.#slowUntilMs = nowMs + tookMs;
    this.#window(priority).onSlow();
  }

  /** It was taken for silent and was only slow. */
  onLate(priority: WirePriority, tookMs: number, nowMs: number): void {
    this.onWord(priority, tookMs, nowMs);
    this.#unheard = 0;
    if (priority === PRIORITY_INTERACTIVE) return;
    this.#silences = 0;
    this.#suspectUntilMs = 0;
  }

  /** How long its first word is waited for. */
  patienceMs(priority: WirePriority): number {
    if (priority === PRIORITY_INTERACTIVE || this.#wordMs === undefined) return ACCEPT_TIMEOUT_MS;
    return Math.min(MAX_ACCEPT_TIMEOUT_MS, Math.max(ACCEPT_TIMEOUT_MS, this.#wordMs + 4 * this.#wordSpreadMs));
  }

  /** Neither took our message nor answered it. */
  onSilent(priority: WirePriority, nowMs: number): void {
    this.#unheard += 1;
    this.onSwallowed(priority, nowMs);
  }

  /** Took it, and no answer came. */
  onSwallowed(priority: WirePriority, nowMs: number): void {
    this.#window(priority).onFailed();
    this.silent += 1;
    this.#silences += 1;
    const beyond = this.#silences - SUSPECT_AFTER_SILENCES;
    if (beyond >= 0) this.#suspectUntilMs = nowMs + SUSPECT_MS * 2 ** Math.min(beyond, 5);
  }

  /** The message was withdrawn, through no fault of the neighbour. */
  onWithdrawn(priority: WirePriority): void {
    this.#window(priority).onWithdrawn();
  }

  /** Share of our messages that it answered, 0 ... 1; undefined before the first. */
  get answeredShare(): number | undefined {
    const ended = this.answered + this.refused + this.silent;
    return ended === 0 ? undefined : this.answered / ended;
  }

  #window(priority: WirePriority): Window {
    return priority === PRIORITY_INTERACTIVE ? this.#interactive : this.#bulk;
  }
}
