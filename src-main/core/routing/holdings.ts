/**
 * Whether a node has the copy that it says it has. Who is asked (`check`) hashes each record together with the id of the
 * question and its own key: no answer can be given without the record, none given a second time, and none passed off as
 * one's own. So `stored` need not be believed for longer than until the next question.
 */
import type { EffectId, NodeContext } from '../effects.ts';
import { MAX_CHECKS_ANSWERED } from '../limits.ts';
import type { Neighbour } from '../links/neighbour.ts';
import type { Crypto, LinkId } from '../ports.ts';
import { HELD_PROOF_BYTES, PRIORITY_BULK } from '../wire/messages.ts';
import type { CheckMessage, RouteMessage } from '../wire/messages.ts';

/** The proof that stands for "not kept here". */
const NOT_HELD = new Uint8Array(HELD_PROOF_BYTES);

/** What `holder` answers when it is asked under `id` and keeps this very record. */
export function heldProof(crypto: Crypto, id: Uint8Array, holder: Uint8Array, record: Uint8Array): Uint8Array {
  return crypto.hash('held', id, holder, record).subarray(0, HELD_PROOF_BYTES);
}

export function isNotHeld(proof: Uint8Array): boolean {
  return proof.every((byte) => byte === 0);
}

interface HoldingsParts {
  readonly context: NodeContext;
  readonly ownKey: Uint8Array;
  readonly send: (link: LinkId, message: RouteMessage) => void;
}

interface Answering {
  readonly from: Neighbour;
  readonly id: Uint8Array;
  readonly proofs: Uint8Array[];
  left: number;
}

/** Answers the checks of neighbours. At most MAX_CHECKS_ANSWERED at once, beyond it `overload`. */
export class Holdings {
  readonly #parts: HoldingsParts;
  readonly #reads = new Map<EffectId, { readonly answering: Answering; readonly index: number }>();
  #underway = 0;

  constructor(parts: HoldingsParts) {
    this.#parts = parts;
  }

  onCheck(from: Neighbour, { id, addresses }: CheckMessage): void {
    const { context, send } = this.#parts;
    if (this.#underway >= MAX_CHECKS_ANSWERED || !from.mayAsk(PRIORITY_BULK)) {
      send(from.link, { type: 'overload', id, htl: 0 });
      return;
    }
    this.#underway += 1;
    from.countPending(PRIORITY_BULK, 1);
    const answering = { from, id, proofs: addresses.map(() => NOT_HELD), left: addresses.length };
    for (const [index, address] of addresses.entries()) {
      const effect = context.nextEffect();
      this.#reads.set(effect, { answering, index });
      // Of what only passed by nothing is told: a cached copy is soon gone.
      context.emit({ type: 'read', effect, address, isUse: false });
    }
  }

  /** True if the read was for an answer. */
  onReadDone(effect: EffectId, record: Uint8Array | undefined): boolean {
    const read = this.#reads.get(effect);
    if (read === undefined) return false;
    this.#reads.delete(effect);
    const { answering, index } = read;
    const { context, ownKey } = this.#parts;
    if (record !== undefined) answering.proofs[index] = heldProof(context.crypto, answering.id, ownKey, record);
    answering.left -= 1;
    if (answering.left === 0) this.#answer(answering);
    return true;
  }

  #answer({ from, id, proofs }: Answering): void {
    this.#underway -= 1;
    from.countPending(PRIORITY_BULK, -1);
    this.#parts.send(from.link, { type: 'checked', id, proofs });
  }
}
