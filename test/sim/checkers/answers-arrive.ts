/** An answer arrives or an error does: every operation ends once, in time, as long as its node lives. */
import { WALK_DEADLINE_MS } from '../../../src-main/core/limits.ts';
import type { Network } from '../engine/network.ts';
import type { Checker, Complain } from './checker.ts';

/** The core gives everything up after WALK_DEADLINE_MS; reading, stamping and writing may come on top. */
export const ANSWER_LIMIT_MS = WALK_DEADLINE_MS + 5_000;

export class AnswersArrive implements Checker {
  readonly name = 'answers arrive';
  readonly #network: Network;
  readonly #complain: Complain;
  readonly #said = new Set<number>();
  #endedTwice = 0;

  constructor(network: Network, complain: Complain) {
    this.#network = network;
    this.#complain = complain;
  }

  inspect(): void {
    const { nowMs, nodes, unknownEnds } = this.#network;
    for (const { id, node, kind, startedMs } of this.#network.operationsUnderway()) {
      if (nowMs - startedMs <= ANSWER_LIMIT_MS || this.#said.has(id) || nodes[node]!.isHostile) continue;
      this.#said.add(id);
      this.#complain(
        node,
        `its ${kind} of ${Math.round((nowMs - startedMs) / 1_000)} s ago has neither answer nor error`,
      );
    }
    if (unknownEnds > this.#endedTwice)
      this.#complain(undefined, `${unknownEnds - this.#endedTwice} operations ended that were not under way`);
    this.#endedTwice = unknownEnds;
  }
}
