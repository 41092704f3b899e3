/** Without an answer to something sent, a ping goes out every so often (protocol, section 1). */
export const WAITING_PING_MS = 2_000;
/** And after so long the other end is taken for gone (protocol, section 1). */
export const GONE_MS = 6_000;
/** An idle link is tried every so often (protocol, section 1); under the 30 s after which routers forget a mapping. */
export const IDLE_PING_MS = 20_000;

export type LivenessVerdict = 'nothing' | 'ping' | 'gone';

/**
 * Tells when a link wants a ping and when its other end is gone. Anything heard counts as life, and anything sent since
 * then waits for it. Times are milliseconds of a monotonic clock.
 */
export class Liveness {
  #heardAtMs: number;
  #waitingSinceMs: number | undefined;
  #pingedAtMs: number;
  #roundTripMs: number | undefined;

  constructor(nowMs: number) {
    this.#heardAtMs = nowMs;
    this.#pingedAtMs = nowMs;
  }

  /** Smoothed as TCP does (RFC 6298: an eighth of each new sample). */
  get roundTripMs(): number | undefined {
    return this.#roundTripMs;
  }

  heard(nowMs: number): void {
    this.#heardAtMs = nowMs;
    this.#waitingSinceMs = undefined;
  }

  sent(nowMs: number): void {
    this.#waitingSinceMs ??= nowMs;
  }

  pinged(nowMs: number): void {
    this.#pingedAtMs = nowMs;
    this.sent(nowMs);
  }

  measured(roundTripMs: number): void {
    this.#roundTripMs = this.#roundTripMs === undefined ? roundTripMs : (this.#roundTripMs * 7 + roundTripMs) / 8;
  }

  check(nowMs: number): LivenessVerdict {
    if (this.#waitingSinceMs !== undefined) {
      if (nowMs - this.#waitingSinceMs >= GONE_MS) return 'gone';
      if (nowMs - this.#waitingSinceMs >= WAITING_PING_MS && nowMs - this.#pingedAtMs >= WAITING_PING_MS) return 'ping';
      return 'nothing';
    }
    if (nowMs - this.#heardAtMs >= IDLE_PING_MS && nowMs - this.#pingedAtMs >= WAITING_PING_MS) return 'ping';
    return 'nothing';
  }
}
