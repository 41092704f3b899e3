import { concatBytes, u32Bytes } from '../../../shared/base/bytes.ts';
import { MAX_REMEMBERED_SUCCESSORS, OWN_SUCCESSORS } from '../limits.ts';
import type { NodeContext } from '../effects.ts';
import type { Neighbour } from '../links/neighbour.ts';
import type { Neighbours } from '../links/neighbours.ts';
import type { NetworkParameters } from '../network-parameters.ts';
import type { KeyPair, LinkId } from '../ports.ts';
import { locationOf } from './location.ts';

/**
 * The stem's choices (Fanti et al. 2018, Dandelion++, section 4), fixed for an epoch: whether a stem that comes by a link
 * ends here, which one neighbour those of a link go to, and which ones this node's own begin with; so that a thousand
 * messages of one publication tell no more than one.
 *
 * An epoch is long, months, where Dandelion++ has ten minutes: who can be recognised (a reader of one publication, an author
 * who updates) is found by whoever intersects epochs, each of which is another draw of a first successor (docs/THREATS.md has the
 * figures; Tor keeps its guards for the same reason). So choices are drawn by a hash with a secret of the node, which
 * gives the same after a restart, and stand while their links do.
 *
 * Successors are drawn among the links that this node dialled itself, when there are two of them: who links to a node many
 * times does not become its successor more often.
 */
export class Stem {
  readonly #context: NodeContext;
  readonly #neighbours: Neighbours;
  readonly #network: NetworkParameters;
  readonly #ownKey: Uint8Array;
  readonly #secret: Uint8Array;
  #epoch = Number.NaN;
  readonly #ends = new Map<LinkId, boolean>();
  readonly #relayed = new Map<LinkId, LinkId>();
  #own: LinkId[] = [];
  /** Keys of nodes that were own successors in this epoch: they are so again when they come back, before others learn of it. */
  readonly #remembered = new Set<string>();

  constructor(context: NodeContext, neighbours: Neighbours, network: NetworkParameters, keyPair: KeyPair) {
    this.#context = context;
    this.#neighbours = neighbours;
    this.#network = network;
    this.#ownKey = keyPair.publicKey;
    this.#secret = context.crypto.hash('stem secret', keyPair.secretKey);
  }

  /** Whether stems that come by this neighbour end here. */
  endsOf(from: Neighbour): boolean {
    this.#roll();
    const known = this.#ends.get(from.link);
    if (known !== undefined) return known;
    const ends = this.#lot('ends', from.publicKey, this.#ownKey) * this.#network.stemEndsOneIn < 1;
    this.#ends.set(from.link, ends);
    return ends;
  }

  /** Where stems that come by `from` go on; undefined when there is nobody else. */
  successorOf(from: Neighbour): Neighbour | undefined {
    this.#roll();
    const link = this.#relayed.get(from.link);
    const known = link === undefined ? undefined : this.#neighbours.get(link);
    if (known?.ready === true && !known.isSuspect(this.#context.now())) return known;
    const drawn = this.#draw(from.publicKey, [from.link]);
    if (drawn === undefined) this.#relayed.delete(from.link);
    else this.#relayed.set(from.link, drawn.link);
    return drawn;
  }

  /**
   * Where this node's own messages begin: the first of its successors, or a later one, in turn (`attempt` above 0), none of
   * those `tried` for this message if there is another. Others are drawn only where a link is gone: who swallows would otherwise
   * be shown to one neighbour after the other.
   */
  ownSuccessor(attempt: number, tried: ReadonlySet<LinkId>): Neighbour | undefined {
    this.#roll();
    this.#own = this.#own.filter((link) => this.#neighbours.get(link)?.ready === true);
    while (this.#own.length < OWN_SUCCESSORS) {
      const drawn = this.#rememberedOne() ?? this.#draw(this.#ownKey, this.#own);
      if (drawn === undefined) break;
      this.#own.push(drawn.link);
      if (this.#remembered.size < MAX_REMEMBERED_SUCCESSORS) this.#remembered.add(drawn.key);
    }
    const turn = attempt % Math.max(1, this.#own.length);
    const order = [...this.#own.slice(turn), ...this.#own.slice(0, turn)];
    const link = order.find((each) => !tried.has(each)) ?? order[0];
    return link === undefined ? undefined : this.#neighbours.get(link);
  }

  /** Its own stems begin with this neighbour: the link is worth more than others. */
  isOwnSuccessor(link: LinkId): boolean {
    return this.#own.includes(link);
  }

  /** An own message was swallowed: the other successors come first from now on. */
  onOwnSilent(link: LinkId): void {
    if (this.#own[0] !== link) return;
    this.#own.shift();
    this.#own.push(link);
  }

  onLinkDown(link: LinkId): void {
    this.#relayed.delete(link);
    this.#ends.delete(link);
  }

  #rememberedOne(): Neighbour | undefined {
    for (const key of this.#remembered) {
      const neighbour = this.#neighbours.byKey(key);
      if (neighbour?.ready === true && !this.#own.includes(neighbour.link)) return neighbour;
    }
    return undefined;
  }

  /** The candidate with the lowest lot (rendezvous hashing, Thaler and Ravishankar 1998): most keep theirs when others come and go. */
  #draw(from: Uint8Array, except: readonly LinkId[]): Neighbour | undefined {
    const nowMs = this.#context.now();
    const all = this.#neighbours.ready().filter((neighbour) => !except.includes(neighbour.link));
    const trusted = all.filter((neighbour) => !neighbour.isSuspect(nowMs));
    const some = trusted.length > 0 ? trusted : all;
    const dialled = some.filter((neighbour) => neighbour.initiator);
    const candidates = dialled.length >= 2 ? dialled : some;
    let drawn: Neighbour | undefined;
    let lowest = 1;
    for (const candidate of candidates) {
      const lot = this.#lot('successor', from, candidate.publicKey);
      if (lot >= lowest) continue;
      drawn = candidate;
      lowest = lot;
    }
    return drawn;
  }

  /** A number in 0 ... 1 that only this node can tell beforehand, the same for all of an epoch. */
  #lot(purpose: 'ends' | 'successor', from: Uint8Array, to: Uint8Array): number {
    const choice = concatBytes(u32Bytes(this.#epoch), from, to);
    return locationOf(this.#context.crypto.hash(`stem ${purpose}`, this.#secret, choice));
  }

  #roll(): void {
    const { stemEpochMs } = this.#network;
    // Each node's own phase, so that the nodes of a network do not change together.
    const phaseMs = locationOf(this.#secret) * stemEpochMs;
    const epoch = Math.floor((this.#context.wallMs() + phaseMs) / stemEpochMs);
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    this.#ends.clear();
    this.#relayed.clear();
    this.#own = [];
    this.#remembered.clear();
  }
}
