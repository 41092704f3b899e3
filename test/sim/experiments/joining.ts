/** How long a newcomer takes until it is as well off as the old nodes, and what it costs. */
import { distance } from '../../../src-main/core/routing/location.ts';
import { Network } from '../engine/network.ts';
import type { Observer } from '../engine/observer.ts';
import type { SimNode } from '../engine/sim-node.ts';
import { runOf } from '../experiment.ts';
import type { Experiment } from '../experiment.ts';
import { mean, median, quantile, rounded } from '../report/statistics.ts';
import { measureRequests, storeRecords } from '../workloads/measured-requests.ts';
import type { MadeRecord } from '../workloads/records.ts';
import { OPERATION_LIMIT_MS } from '../workloads/spread.ts';
import { buildAndSettle } from '../workloads/settle.ts';
import { topologyNote, topologyOf, topologyOption } from './topology-option.ts';

/** A newcomer's requests a second, and how many of the last must be as good as those of the old nodes. */
const REQUESTS_PER_SECOND = 4;
const LAST_REQUESTS = 20;
/** "Within 1 %" of the old nodes' success is all of the last twenty; within 20 % of their hops. */
const HOPS_FACTOR = 1.2;
/** Nearest nodes of either side that it must be linked to, of those that it can reach. */
const NEAR_OF_SIDE = 2;
/** A newcomer that is not good by then counts as never. */
const GIVEN_UP_MS = 180_000;
/** Between two newcomers, so that one does not begin while the neighbours of the last still move. */
const PAUSE_MS = 2_000;
/** Types of the route channel that joining needs (core/wire/messages.ts). */
const SEEK = 15;
const SOUGHT = 16;

interface Newcomer {
  readonly linkedSeconds: number;
  readonly nearSeconds: number;
  readonly goodSeconds: number;
  readonly messages: number;
  readonly seeks: number;
  readonly all: number;
  readonly dials: number;
  readonly links: number;
}

export const joining: Experiment = {
  name: 'joining',
  about: 'time and messages until newcomers with one bootstrap contact are as well off as the old nodes',
  nodes: 1_000,
  options: {
    newcomers: { kind: 'number', about: 'how many join, one after the other', default: 20, min: 1, isWhole: true },
    records: {
      kind: 'number',
      about: 'records stored before, for the requests',
      default: 1_000,
      min: 100,
      isWhole: true,
    },
    topic: {
      kind: 'flag',
      about: "the network's topic can be asked too, not the bootstrap contact alone",
      default: false,
    },
    topology: topologyOption('placed'),
  },
  run(context) {
    const { nodes, seed, say } = context;
    const topology = topologyOf(context);
    const network = new Network({ seed, nodes });
    const random = network.newRandom(10);
    buildAndSettle(network, topology);
    const old = [...network.nodes];
    const { items } = storeRecords(network, random, context.number('records'));
    const reference = measureRequests(network, random, items, old);
    const hopsMean = mean(reference.hops);
    say(`old nodes: ${rounded(reference.success * 100, 1)} % found, ${rounded(hopsMean, 2)} hops`);
    network.upkeep.canLookUp = context.flag('topic');
    const found = Array.from({ length: context.number('newcomers') }, (_, index) => {
      const reachable = old.filter((node) => !node.isBehindNat);
      const newcomer = new Newcoming(network, network.addNode(), items, hopsMean).join(random.pick(reachable));
      network.runFor(PAUSE_MS);
      say(`newcomer ${index + 1}: good after ${rounded(newcomer.goodSeconds, 1)} s and ${newcomer.messages} messages`);
      return newcomer;
    });
    const seconds = found.map(({ goodSeconds }) => goodSeconds);
    const messages = found.map((newcomer) => newcomer.messages);
    const metrics = {
      secondsToGood: finite(median(seconds)),
      secondsToGoodP95: finite(quantile(seconds, 0.95)),
      messagesToGood: median(messages),
      messagesToGoodP95: quantile(messages, 0.95),
      goodShare: rounded(seconds.filter(Number.isFinite).length / seconds.length),
      secondsToFirstLink: finite(median(found.map(({ linkedSeconds }) => linkedSeconds))),
      secondsToNearest: finite(median(found.map(({ nearSeconds }) => nearSeconds))),
      secondsToNearestP95: finite(
        quantile(
          found.map(({ nearSeconds }) => nearSeconds),
          0.95,
        ),
      ),
      seekMessages: median(found.map(({ seeks }) => seeks)),
      dials: median(found.map(({ dials }) => dials)),
      allMessages: median(found.map(({ all }) => all)),
      links: rounded(mean(found.map(({ links }) => links)), 1),
      oldNodes: nodes,
      oldSuccess: rounded(reference.success),
      oldHopsMean: rounded(hopsMean, 3),
    };
    return {
      runs: [runOf(network)],
      metrics,
      tables: [
        {
          title: 'All newcomers',
          columns: ['metric', 'value'],
          rows: Object.entries(metrics).map(([name, value]) => [name, value ?? '-']),
        },
        {
          title: 'Each',
          columns: ['seconds', 'nearest linked at', 'messages', 'of them seeks', 'dials', 'links'],
          rows: found.map((each) => [
            rounded(each.goodSeconds, 1),
            rounded(each.nearSeconds, 1),
            each.messages,
            each.seeks,
            each.dials,
            each.links,
          ]),
        },
      ],
      plots: [],
      notes: [
        topologyNote(topology),
        `Good: its last ${LAST_REQUESTS} requests (${REQUESTS_PER_SECOND} a second from its first link on) were all answered, their mean hops within 20 % of the old nodes', and it is linked to the ${NEAR_OF_SIDE} nearest nodes of either side that it can reach. Twenty requests take ${LAST_REQUESTS / REQUESTS_PER_SECOND} s, so no time below is shown.`,
        'messagesToGood: what it sent and got for its links, from its start until it was good: hello, proofs, tellings of neighbours, seeks and their answers (its own and those that it passed on), and two for each of its dials. Not in it: its own requests, what it relays for others, copies that it is given to keep, pings of the transport. allMessages has all but the pings.',
        context.flag('topic')
          ? 'It knows one old node, and the topic names twenty that joined lately.'
          : 'It knows one old node that is drawn at random and can be reached; the topic is silent.',
        'The 60 ms for each place (Argon2id) that the newcomer computes are in the time.',
      ],
    };
  },
};

/** One newcomer on its way, watched. */
class Newcoming implements Observer {
  readonly #network: Network;
  readonly #node: SimNode;
  readonly #items: readonly MadeRecord[];
  readonly #hopsMean: number;
  /** Hops of each request that ended, in order; undefined for those that failed. */
  readonly #last: (number | undefined)[] = [];
  #messages = 0;
  #seeks = 0;
  #all = 0;
  #next = 0;
  #asks = true;
  /** Something that the judgement depends on happened since it was made last. */
  #changed = true;
  #underway = 0;
  /** Nobody else comes or goes meanwhile. */
  #nearest: readonly SimNode[] = [];

  constructor(network: Network, node: SimNode, items: readonly MadeRecord[], hopsMean: number) {
    this.#network = network;
    this.#node = node;
    this.#items = items;
    this.#hopsMean = hopsMean;
  }

  join(bootstrap: SimNode): Newcomer {
    const network = this.#network;
    const node = this.#node;
    const startMs = network.nowMs;
    const since = (): number => (network.nowMs - startMs) / 1_000;
    let [linkedSeconds, nearSeconds] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    network.upkeep.heardOf(node, bootstrap);
    network.observe(this);
    network.start(node);
    this.#nearest = this.#findNearest();
    const isGood = network.runUntil(() => {
      if (linkedSeconds === Number.POSITIVE_INFINITY && node.core.readyLinks() > 0) {
        linkedSeconds = since();
        this.#ask();
      }
      if (!this.#changed) return false;
      this.#changed = false;
      const isNear = this.#hasNearest();
      if (isNear && nearSeconds === Number.POSITIVE_INFINITY) nearSeconds = since();
      return isNear && this.#asksWell();
    }, GIVEN_UP_MS);
    const goodSeconds = isGood ? since() : Number.POSITIVE_INFINITY;
    network.observers.remove(this);
    this.#asks = false;
    const { dials } = node.core.statistics;
    const [messages, seeks, all, links] = [this.#messages + 2 * dials, this.#seeks, this.#all, node.core.readyLinks()];
    network.runUntil(() => this.#underway === 0, OPERATION_LIMIT_MS);
    for (const each of network.nodes) each.store.clearCache();
    return { linkedSeconds, nearSeconds, goodSeconds, messages, seeks, all, dials, links };
  }

  onMessage(_nowMs: number, from: number, _to: number, channel: string, bytes: Uint8Array): void {
    if (from === this.#node.index) this.#count(channel, bytes);
  }

  onDelivered(_nowMs: number, _from: number, to: number, channel: string, bytes: Uint8Array): void {
    if (to === this.#node.index) this.#count(channel, bytes);
  }

  onLink(): void {
    this.#changed = true;
  }

  #count(channel: string, bytes: Uint8Array): void {
    this.#all += 1;
    const isSeek = channel === 'route' && (bytes[0] === SEEK || bytes[0] === SOUGHT);
    if (isSeek) this.#seeks += 1;
    if (isSeek || channel === 'link') {
      this.#messages += 1;
      this.#changed = true;
    }
  }

  #ask(): void {
    if (!this.#asks) return;
    const item = this.#items[this.#next % this.#items.length]!;
    this.#next += 1;
    this.#underway += 1;
    this.#network.startRequest(this.#node, item.address, { kind: item.kind }, (result) => {
      this.#underway -= 1;
      this.#changed = true;
      this.#last.push(result.ok ? result.hops : undefined);
      if (this.#last.length > LAST_REQUESTS) this.#last.shift();
    });
    this.#network.later(1_000 / REQUESTS_PER_SECOND, () => this.#ask());
  }

  #asksWell(): boolean {
    const hops = this.#last.filter((value) => value !== undefined);
    return hops.length === LAST_REQUESTS && mean(hops) <= this.#hopsMean * HOPS_FACTOR;
  }

  #hasNearest(): boolean {
    return this.#nearest.every((other) => this.#node.ends.has(other.index));
  }

  /** Two of either side, of those that it can reach. */
  #findNearest(): SimNode[] {
    const node = this.#node;
    const { nodes, wires } = this.#network;
    const others = nodes
      .filter((other) => wires.canMeet(node, other))
      .sort((a, b) => distance(a.location, node.location) - distance(b.location, node.location))
      .filter((other) => other !== node);
    const side = (clockwise: boolean): SimNode[] =>
      others.filter((other) => isAfter(node, other) === clockwise).slice(0, NEAR_OF_SIDE);
    return [...side(true), ...side(false)];
  }
}

/** Whether the shorter way from one to the other is clockwise. */
function isAfter(node: SimNode, other: SimNode): boolean {
  const ahead = other.location - node.location;
  return (ahead < 0 ? ahead + 1 : ahead) < 0.5;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? rounded(value, 2) : null;
}
