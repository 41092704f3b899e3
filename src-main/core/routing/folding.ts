import { FOLD_ONE_IN, OFFER_ONE_IN, REPLACE_ONE_IN } from '../limits.ts';
import type { NodeContext } from '../effects.ts';
import type { Neighbour } from '../links/neighbour.ts';
import { bytesEqual } from '../../../shared/base/bytes.ts';
import type { KnownNode } from '../ports.ts';
import type { Location } from './location.ts';

/** What folding asks of whoever keeps the links. */
export interface LinkWishes {
  /** Whether a link to about this place would be better than one there is: `needed` when links are missing. */
  wants(place: Location): 'needed' | 'useful' | 'no';
  dial(node: KnownNode): void;
}

/**
 * Path folding (Clarke et al. 2001, section 3.4; Sandberg 2006): with an answer travels the offer of a neighbour, first the
 * node that has the record. A hop takes it when the link would be useful, seldom if it has links enough, and puts
 * itself in its place, which it also does at random: so an offer does not tell who has what. It stops where the stem ended.
 */
export class Folding {
  readonly #context: NodeContext;
  readonly #self: KnownNode;
  readonly #wishes: LinkWishes;

  constructor(context: NodeContext, self: KnownNode, wishes: LinkWishes) {
    this.#context = context;
    this.#self = self;
    this.#wishes = wishes;
  }

  /** The offer that goes with an answer from this node's own store. */
  atSource(): KnownNode | undefined {
    return this.#context.random.below(OFFER_ONE_IN) === 0 ? this.#self : undefined;
  }

  /** What goes on of an offer that came from `from` with the answer for `target`; nothing goes on into a stem. */
  pass(from: Neighbour, offer: KnownNode | undefined, target: Location, intoStem: boolean): KnownNode | undefined {
    const { random } = this.#context;
    let passed = offer;
    if (offer !== undefined && !bytesEqual(offer.publicKey, this.#self.publicKey)) {
      // Who offers itself is known here already, with the address that its link has.
      const isSender = bytesEqual(offer.publicKey, from.publicKey);
      if (isSender) passed = from.contact;
      const wants = isSender ? 'no' : this.#wishes.wants(target);
      if (wants === 'needed' || (wants === 'useful' && random.below(FOLD_ONE_IN) === 0)) {
        this.#wishes.dial(offer);
        passed = this.#self;
      }
    }
    if (intoStem) return undefined;
    return random.below(REPLACE_ONE_IN) === 0 ? this.#self : passed;
  }
}
