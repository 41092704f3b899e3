import { OWN_SUCCESSORS, STEM_EPOCH_MS } from '../limits.ts';
import type { NodeContext } from '../effects.ts';
import type { Neighbour } from '../links/neighbour.ts';
import type { Neighbours } from '../links/neighbours.ts';
import type { NetworkParameters } from '../network-parameters.ts';
import type { LinkId } from '../ports.ts';

/**
 * The stem's epochs (Fanti et al. 2018, Dandelion++, section 4): for about ten minutes it is fixed whether this node ends
 * the stems that it is given, which one neighbour it passes those of each link to, and which one its own begin with, so
 * that a thousand messages of one publication tell no more than one.
 *
 * Successors are drawn among the links that this node dialled itself, when there are two of them: who links to a node many
 * times does not become its successor more often (ibid., section 4.2).
 */
export class Stem {
  readonly #context: NodeContext;
  readonly #neighbours: Neighbours;
  readonly #endsOneIn: number;
  #epochEndsMs = 0;
  #ends = false;
  readonly #relayed = new Map<LinkId, LinkId>();
  #own: LinkId[] = [];

  constructor(context: NodeContext, neighbours: Neighbours, network: NetworkParameters) {
    this.#context = context;
    this.#neighbours = neighbours;
    this.#endsOneIn = network.stemEndsOneIn;
  }

  /** Whether stems that others began end here in this epoch. */
  get ends(): boolean {
    this.#roll();
    return this.#ends;
  }

  /** Where stems that come by `from` go on; undefined when there is nobody else. */
  successorOf(from: LinkId): Neighbour | undefined {
    this.#roll();
    const known = this.#usable(this.#relayed.get(from));
    if (known !== undefined) return known;
    const drawn = this.#draw([from]);
    if (drawn === undefined) this.#relayed.delete(from);
    else this.#relayed.set(from, drawn.link);
    return drawn;
  }

  /** Where this node's own messages begin: the epoch's first successor, or its second (`attempt` 1) when that failed. */
  ownSuccessor(attempt: number): Neighbour | undefined {
    this.#roll();
    const index = Math.min(attempt, OWN_SUCCESSORS - 1);
    while (this.#own.length <= index) {
      const drawn = this.#draw(this.#own);
      if (drawn === undefined) break;
      this.#own.push(drawn.link);
    }
    const known = this.#usable(this.#own[index]);
    if (known !== undefined) return known;
    const drawn = this.#draw(this.#own) ?? this.#draw([]);
    if (drawn !== undefined && index < this.#own.length) this.#own[index] = drawn.link;
    return drawn;
  }

  onLinkDown(link: LinkId): void {
    this.#relayed.delete(link);
  }

  #usable(link: LinkId | undefined): Neighbour | undefined {
    const neighbour = link === undefined ? undefined : this.#neighbours.get(link);
    return neighbour?.ready === true && !neighbour.isSuspect(this.#context.now()) ? neighbour : undefined;
  }

  #draw(except: readonly LinkId[]): Neighbour | undefined {
    const { random } = this.#context;
    const all = this.#neighbours.ready().filter((neighbour) => !except.includes(neighbour.link));
    const trusted = all.filter((neighbour) => !neighbour.isSuspect(this.#context.now()));
    const some = trusted.length > 0 ? trusted : all;
    const dialled = some.filter((neighbour) => neighbour.initiator);
    const candidates = dialled.length >= 2 ? dialled : some;
    return candidates.length === 0 ? undefined : candidates[random.below(candidates.length)];
  }

  #roll(): void {
    const { random } = this.#context;
    const nowMs = this.#context.now();
    if (nowMs < this.#epochEndsMs) return;
    // The first epoch is a part of one, so that the nodes of a network do not change together.
    const isFirst = this.#epochEndsMs === 0;
    this.#epochEndsMs = nowMs + (isFirst ? 1 + random.below(STEM_EPOCH_MS) : STEM_EPOCH_MS);
    this.#ends = random.below(this.#endsOneIn) === 0;
    this.#relayed.clear();
    this.#own = [];
  }
}
