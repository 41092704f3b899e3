/**
 * What the real transport does by itself (src-main/transport/hyperswarm): a node with few links dials nodes that it
 * knows, and asks the network's topic, where the last announcers are found. Every ten minutes it announces itself again and
 * dials one stranger, so that halves of a network that grew apart meet again. The core does the rest.
 */
import { UPKEEP } from './event-kinds.ts';
import type { Network } from './network.ts';
import type { SimNode } from './sim-node.ts';

/** Below so many links the transport dials by itself; above it is for the core to choose. */
const MIN_LINKS = 4;
/** First delay between two look-ups, then doubled (hyperswarm/discovery.ts). */
const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 10 * 60_000;
/** Announced again so often, spread by a fifth (hyperswarm/discovery.ts). */
const ANNOUNCE_EVERY_MS = 10 * 60_000;
/** What an UPKEEP event is for. */
const LOOK = 0;
const ANNOUNCE = 1;
/** Announcers that a look-up finds: as many records as a node of the DHT gives for one topic. */
const TOPIC_SAMPLE = 20;
/** Kept of nodes that were heard of; a thousandth of the real bound is enough to come back after a restart. Guess. */
const MAX_KNOWN = 64;

export class TransportUpkeep {
  /** False: nobody finds the topic, and only nodes that are known are dialled. */
  canLookUp = true;
  readonly #network: Network;
  /** The nodes that announced themselves last, oldest first. */
  readonly #announced: number[] = [];

  constructor(network: Network) {
    this.#network = network;
  }

  onStart(node: SimNode): void {
    node.upkeepDelayMs = 0;
    this.#announce(node);
    this.#scheduleAnnouncing(node);
    this.#schedule(node, 0);
  }

  onLinkUp(a: SimNode, b: SimNode): void {
    this.#learn(a, b, true);
    this.#learn(b, a, true);
  }

  onLinkDown(node: SimNode): void {
    if (node.isAlive && node.ends.size < MIN_LINKS && node.upkeepDelayMs === 0) this.#schedule(node, FIRST_DELAY_MS);
  }

  heardOf(node: SimNode, other: SimNode): void {
    this.#learn(node, other, node.known.get(other.index) === true);
  }

  onUpkeep(node: SimNode, purpose: number, incarnation: number): void {
    if (!node.isAlive || node.incarnation !== incarnation) return;
    if (purpose === ANNOUNCE) this.#announceAgain(node);
    else this.#look(node);
  }

  #look(node: SimNode): void {
    const missing = MIN_LINKS - node.ends.size;
    if (missing <= 0) {
      node.upkeepDelayMs = 0;
      return;
    }
    this.#hearTopic(node);
    this.#dialSome(node, [...node.known.keys()], missing);
    this.#schedule(node, Math.min(MAX_DELAY_MS, Math.max(FIRST_DELAY_MS, node.upkeepDelayMs * 2)));
  }

  #announceAgain(node: SimNode): void {
    this.#announce(node);
    this.#hearTopic(node);
    const strangers = [...node.known].filter(([, wasLinked]) => !wasLinked).map(([other]) => other);
    this.#dialSome(node, strangers, 1);
    this.#scheduleAnnouncing(node);
  }

  /** Looks again soon, as after a change of the network. */
  hurry(node: SimNode): void {
    if (node.isAlive && node.ends.size < MIN_LINKS) this.#schedule(node, FIRST_DELAY_MS);
  }

  #dialSome(node: SimNode, candidates: readonly number[], count: number): void {
    const { random, wires, nodes } = this.#network;
    const free = candidates.filter((other) => other !== node.index && !node.ends.has(other));
    for (const other of random.shuffle(free).slice(0, count)) wires.dial(node, nodes[other]!, false);
  }

  #hearTopic(node: SimNode): void {
    if (!this.canLookUp) return;
    for (const other of this.#announced) {
      const heard = this.#network.nodes[other]!;
      // Whoever is on the other side of a partition is not found either.
      if (heard !== node && heard.side === node.side) this.heardOf(node, heard);
    }
  }

  #learn(node: SimNode, other: SimNode, wasLinked: boolean): void {
    node.known.delete(other.index);
    node.known.set(other.index, wasLinked);
    if (node.known.size > MAX_KNOWN) node.known.delete(node.known.keys().next().value!);
  }

  #announce(node: SimNode): void {
    const known = this.#announced.indexOf(node.index);
    if (known >= 0) this.#announced.splice(known, 1);
    this.#announced.push(node.index);
    if (this.#announced.length > TOPIC_SAMPLE) this.#announced.shift();
  }

  #schedule(node: SimNode, delayMs: number): void {
    const { random, queue, nowMs } = this.#network;
    node.upkeepDelayMs = delayMs;
    queue.add(nowMs + delayMs * random.between(0.8, 1.2), UPKEEP, node.index, LOOK, node.incarnation);
  }

  #scheduleAnnouncing(node: SimNode): void {
    const { random, queue, nowMs } = this.#network;
    queue.add(nowMs + ANNOUNCE_EVERY_MS * random.between(0.8, 1.2), UPKEEP, node.index, ANNOUNCE, node.incarnation);
  }
}
