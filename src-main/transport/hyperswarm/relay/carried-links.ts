import {
  DIAL_ALONE_MS,
  FIRST_DIRECT_TRY_MS,
  LASTING_MS,
  MAX_DIRECT_TRY_MS,
  MAX_OUTCOMES,
  NEEDS_RELAY_MS,
} from './limits.ts';

interface CarriedLink {
  readonly publicKey: Uint8Array;
  restMs: number;
  nextMs: number;
}

/** What is remembered of a node that needed a neighbour. */
interface Needy {
  /** Neighbours are asked at once until then. */
  readonly untilMs: number;
  /** When a way of its own opened, and how long it was waited for before that one was tried. */
  readonly metAtMs?: number;
  readonly restMs: number;
}

/**
 * Links of this node that neighbours carry: when each is tried without, and who needed a neighbour lately. A way of its own that did not last is
 * tried less often: a link is not to go to and fro (as RON switches with hysteresis).
 */
export class CarriedLinks {
  readonly #links = new Map<string, CarriedLink>();
  readonly #needy = new Map<string, Needy>();
  readonly #dial: (keyHex: string, publicKey: Uint8Array) => void;

  constructor(dial: (keyHex: string, publicKey: Uint8Array) => void) {
    this.#dial = dial;
  }

  /** The end that began it also tries to come back from it. */
  up(keyHex: string, publicKey: Uint8Array, isOurs: boolean, nowMs: number): void {
    const restMs = this.#needy.get(keyHex)?.restMs ?? FIRST_DIRECT_TRY_MS;
    this.#remember(keyHex, { untilMs: Number.POSITIVE_INFINITY, restMs });
    if (isOurs) this.#links.set(keyHex, { publicKey, restMs, nextMs: nowMs + restMs });
  }

  down(keyHex: string, nowMs: number): void {
    this.#links.delete(keyHex);
    const needy = this.#needy.get(keyHex);
    if (needy?.metAtMs === undefined && needy !== undefined)
      this.#remember(keyHex, { ...needy, untilMs: nowMs + NEEDS_RELAY_MS });
  }

  /** The node was met without a neighbour. */
  met(keyHex: string, nowMs: number): void {
    const needy = this.#needy.get(keyHex);
    if (needy === undefined) return;
    this.#links.delete(keyHex);
    this.#remember(keyHex, { untilMs: 0, metAtMs: nowMs, restMs: needy.restMs });
  }

  /** A way of its own was lost. */
  lost(keyHex: string, nowMs: number): void {
    const needy = this.#needy.get(keyHex);
    if (needy?.metAtMs === undefined) return;
    this.#needy.delete(keyHex);
    if (nowMs - needy.metAtMs >= LASTING_MS) return;
    this.#remember(keyHex, { untilMs: nowMs + NEEDS_RELAY_MS, restMs: Math.min(MAX_DIRECT_TRY_MS, needy.restMs * 2) });
  }

  /** How long a dial is given before neighbours are asked. */
  aloneMs(keyHex: string, nowMs: number): number {
    return (this.#needy.get(keyHex)?.untilMs ?? 0) > nowMs ? 0 : DIAL_ALONE_MS;
  }

  /** The network changed: what could not be met may be met now. */
  hurry(nowMs: number): void {
    for (const link of this.#links.values()) Object.assign(link, { restMs: FIRST_DIRECT_TRY_MS, nextMs: nowMs });
  }

  tick(nowMs: number): void {
    for (const [keyHex, link] of this.#links) {
      if (nowMs < link.nextMs) continue;
      link.restMs = Math.min(MAX_DIRECT_TRY_MS, link.restMs * 2);
      link.nextMs = nowMs + link.restMs;
      this.#dial(keyHex, link.publicKey);
    }
  }

  #remember(keyHex: string, needy: Needy): void {
    this.#needy.delete(keyHex);
    this.#needy.set(keyHex, needy);
    const [oldest] = this.#needy.keys();
    if (this.#needy.size > MAX_OUTCOMES) this.#needy.delete(oldest!);
  }
}
