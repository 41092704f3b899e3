import type HyperDHT from 'hyperdht';

import { IDLE_PING_MS, Liveness } from './liveness.ts';
import type { LivenessVerdict } from './liveness.ts';

/** What tells that the other end of a connection is there: messages, and packets of any kind. */
export class LifeSigns extends Liveness {
  readonly #raw: HyperDHT.RawStream;
  #packetsSeen = 0;
  #packetsSeenAtMs: number;

  constructor(raw: HyperDHT.RawStream, nowMs: number) {
    super(nowMs);
    this.#raw = raw;
    this.#packetsSeenAtMs = nowMs;
  }

  /** `isUnsure`: something was sent that may not have arrived. `isElsewhere`: what is sent goes another way, and this one is kept open beneath. */
  look(nowMs: number, isUnsure: boolean, isElsewhere: boolean): LivenessVerdict {
    let isIdle = false;
    // Acknowledgements are a sign of life too: with a long queue on a slow line a pong may take longer than the limit.
    if (this.#raw.packetsReceived !== this.#packetsSeen) {
      this.#packetsSeen = this.#raw.packetsReceived;
      this.#packetsSeenAtMs = nowMs;
      this.heard(nowMs);
    } else if (isElsewhere && nowMs - this.#packetsSeenAtMs >= IDLE_PING_MS) {
      this.#packetsSeenAtMs = nowMs;
      isIdle = true; // it is there to go back to
    }
    // What is not acknowledged yet may wait for somebody who is gone, even if older packets were just acknowledged.
    if (isUnsure || this.#raw.inflight > 0) this.sent(nowMs);
    const verdict = this.check(nowMs);
    return verdict === 'nothing' && isIdle ? 'ping' : verdict;
  }
}
