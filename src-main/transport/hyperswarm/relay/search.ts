import { RelayEnd } from './end.ts';
import {
  ANSWERS_MS,
  FIRST_SEARCH_REST_MS,
  MAX_ASKED,
  MAX_OUTCOMES,
  MAX_SEARCH_REST_MS,
  MAX_SEARCHES,
  OFFER_MS,
  POOR_MS,
} from './limits.ts';
import type { RelayOutcome, RelayRefusal } from './messages.ts';
import type { RelayPeer } from './peer.ts';

/** What says most about why nobody carries it comes last. */
const TELLING: readonly RelayRefusal[] = ['no-link', 'lost', 'off', 'stranger', 'busy', 'spent', 'refused'];

export interface SearchOptions {
  /** All that could be asked. */
  readonly peers: () => Iterable<RelayPeer>;
  /** Whether one more link may be carried, and this one by this neighbour. */
  readonly mayUse: (peer: RelayPeer) => boolean;
  /** A link to this node is wanted, and there is none. */
  readonly isWanted: (keyHex: string) => boolean;
  /** The neighbour, and the other end, have agreed: tells once whether a secret stream came of it. */
  readonly secure: (end: RelayEnd, publicKey: Uint8Array, onSettled: (isSecure: boolean) => void) => void;
  readonly nowMs: () => number;
}

interface Candidate {
  readonly peer: RelayPeer;
  readonly roundTripMs: number;
}

interface Search {
  readonly keyHex: string;
  readonly publicKey: Uint8Array;
  /** By the numbers of the questions, which are of one link each. */
  readonly questions: Map<RelayPeer, number>;
  readonly askedAtMs: number;
  /** There was somebody to ask. */
  readonly wasAsked: boolean;
  candidates: Candidate[];
  refusal: RelayRefusal;
  /** Undefined once it is decided who comes first. */
  timer: NodeJS.Timeout | undefined;
  end: RelayEnd | undefined;
  isCancelled: boolean;
}

interface Outcome {
  readonly refusal: RelayRefusal;
  readonly failures: number;
  readonly untilMs: number;
}

/**
 * Finds a neighbour that carries a stream to a node which cannot be reached: asks those that are nearest whether they have a link to it and how
 * far it is, and takes the shortest way that there is, then the next (as RON does: Andersen et al. 2001; one hop between is enough).
 */
export class RelaySearches {
  readonly #options: SearchOptions;
  readonly #searches = new Map<string, Search>();
  readonly #outcomes = new Map<string, Outcome>();
  /** Neighbours by which a stream came to nothing, or ended early, and until when they come after all others. */
  readonly #poor = new Map<string, number>();

  constructor(options: SearchOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#searches.size;
  }

  /** Why the last search for this node came to nothing. */
  refusalOf(keyHex: string): RelayRefusal | undefined {
    return this.#outcomes.get(keyHex)?.refusal;
  }

  /** Begins, unless it is under way, or came to nothing a short while ago. */
  begin(keyHex: string, publicKey: Uint8Array): void {
    const { peers, mayUse, isWanted, nowMs } = this.#options;
    if (this.#searches.has(keyHex) || this.#searches.size >= MAX_SEARCHES || !isWanted(keyHex)) return;
    if ((this.#outcomes.get(keyHex)?.untilMs ?? 0) > nowMs()) return;
    const asked = [...peers()]
      .filter((peer) => peer.link.keyHex !== keyHex && mayUse(peer))
      .sort((a, b) => (a.link.roundTripMs ?? Infinity) - (b.link.roundTripMs ?? Infinity))
      .slice(0, MAX_ASKED);
    const search: Search = {
      keyHex,
      publicKey,
      questions: new Map(asked.map((peer) => [peer, peer.newNumber()])),
      askedAtMs: nowMs(),
      wasAsked: asked.length > 0,
      candidates: [],
      refusal: 'no-link',
      timer: undefined,
      end: undefined,
      isCancelled: false,
    };
    this.#searches.set(keyHex, search);
    for (const [peer, number] of search.questions) peer.send({ kind: 'ask', number, publicKey });
    search.timer = setTimeout(() => this.#decide(search), asked.length === 0 ? 0 : ANSWERS_MS);
  }

  /** The node is linked, or not wanted any more. */
  cancel(keyHex: string): void {
    const search = this.#searches.get(keyHex);
    if (search === undefined) return;
    search.isCancelled = true;
    this.#searches.delete(keyHex);
    clearTimeout(search.timer);
    search.end?.destroy();
  }

  /** What this neighbour carried did not last. */
  disappointed(relayKeyHex: string): void {
    this.#poor.delete(relayKeyHex);
    this.#poor.set(relayKeyHex, this.#options.nowMs() + POOR_MS);
    const [oldest] = this.#poor.keys();
    if (this.#poor.size > MAX_OUTCOMES) this.#poor.delete(oldest!);
  }

  answered(peer: RelayPeer, number: number, outcome: RelayOutcome, roundTripMs: number): void {
    for (const search of this.#searches.values()) {
      if (search.questions.get(peer) !== number) continue;
      search.questions.delete(peer);
      const ownMs = peer.link.roundTripMs ?? this.#options.nowMs() - search.askedAtMs;
      if (outcome === 'none') search.candidates.push({ peer, roundTripMs: ownMs + roundTripMs });
      else this.#refused(search, outcome);
      if (search.questions.size === 0 && search.timer !== undefined) this.#decide(search);
      return;
    }
    // Nobody waits for it any more.
  }

  stop(): void {
    for (const keyHex of [...this.#searches.keys()]) this.cancel(keyHex);
  }

  #refused(search: Search, refusal: RelayRefusal): void {
    if (TELLING.indexOf(refusal) > TELLING.indexOf(search.refusal)) search.refusal = refusal;
  }

  #decide(search: Search): void {
    clearTimeout(search.timer);
    search.timer = undefined;
    search.questions.clear();
    const isPoor = ({ peer }: Candidate): boolean => (this.#poor.get(peer.link.keyHex) ?? 0) > this.#options.nowMs();
    search.candidates.sort((a, b) => Number(isPoor(a)) - Number(isPoor(b)) || a.roundTripMs - b.roundTripMs);
    this.#openNext(search);
  }

  #openNext(search: Search): void {
    const { keyHex, publicKey } = search;
    if (this.#searches.get(keyHex) !== search) return;
    if (!this.#options.isWanted(keyHex)) return this.cancel(keyHex);
    const next = search.candidates.shift();
    if (next === undefined) return this.#failed(search);
    if (!this.#options.mayUse(next.peer)) return this.#openNext(search);
    const isCurrent = (): boolean => this.#searches.get(keyHex) === search && search.end === end;
    const end: RelayEnd = new RelayEnd(next.peer, {
      onAccepted: () => {
        clearTimeout(search.timer);
        this.#options.secure(end, publicKey, (isSecure) => {
          if (!isSecure && !search.isCancelled) this.disappointed(next.peer.link.keyHex);
          if (!isSecure || !isCurrent()) return;
          this.#searches.delete(keyHex);
          this.#outcomes.delete(keyHex);
        });
      },
      onClosed: (outcome) => {
        if (!isCurrent()) return;
        clearTimeout(search.timer);
        this.#refused(search, outcome === 'none' ? 'refused' : outcome);
        this.#openNext(search);
      },
    });
    search.end = end;
    end.on('error', () => {});
    end.open(publicKey);
    // Longer than the neighbour waits for the other end: it says how that came out.
    search.timer = setTimeout(() => end.destroy(), OFFER_MS + ANSWERS_MS);
  }

  #failed(search: Search): void {
    const { keyHex, refusal } = search;
    const failures = (this.#outcomes.get(keyHex)?.failures ?? 0) + Number(search.wasAsked);
    // Where nobody could be asked, somebody may be soon.
    const firstMs = search.wasAsked ? FIRST_SEARCH_REST_MS : 0;
    const restMs = Math.min(MAX_SEARCH_REST_MS, firstMs * 2 ** Math.min(failures - 1, 20));
    this.#searches.delete(keyHex);
    this.#outcomes.delete(keyHex);
    this.#outcomes.set(keyHex, { refusal, failures, untilMs: this.#options.nowMs() + restMs });
    const [oldest] = this.#outcomes.keys();
    if (this.#outcomes.size > MAX_OUTCOMES) this.#outcomes.delete(oldest!);
  }
}
