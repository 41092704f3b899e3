/** Path and success when more and more of the nodes fail at once: before anybody dials anew, and after two minutes of it. */
import { Network } from '../engine/network.ts';
import type { SimNode } from '../engine/sim-node.ts';
import type { SimRandom } from '../engine/random.ts';
import type { Topology } from '../engine/topology.ts';
import { runOf } from '../experiment.ts';
import type { Experiment } from '../experiment.ts';
import { median, quantile, rounded } from '../report/statistics.ts';
import { measureRequests, storeRecords } from '../workloads/measured-requests.ts';
import { pathsWithFailures } from '../workloads/paths.ts';
import type { MadeRecord } from '../workloads/records.ts';
import { buildAndSettle } from '../workloads/settle.ts';
import { topologyNote, topologyOf, topologyOption } from './topology-option.ts';

/** By then every neighbour of a dead node has noticed: 20 s idle and 6 s without an answer (protocol, section 1). */
const NOTICED_MS = 27_000;
/** In this time links are made anew and copies handed over. */
const REPAIR_MS = 120_000;
/** The published bound, up to 30 % of the nodes (Clarke et al. 2001, section 5.3). */
const PUBLISHED_MEDIAN = 20;
/** Fractions whose repair is measured, besides the largest. */
const REPAIRED = [0.3, 0.5] as const;
const FRACTIONS = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6] as const;

interface Measurement {
  /** Records of which a node that lives has a copy. */
  readonly present: number;
  readonly median: number;
  readonly p99: number;
  readonly success: number;
  /** Of what still has a copy on a node that lives. */
  readonly ofPresent: number;
  readonly tookMedianMs: number;
}

export const tolerance: Experiment = {
  name: 'tolerance',
  about: 'median path and success with 0 ... 60 % of the nodes failed at random, before and after repair',
  nodes: 1_000,
  options: {
    requests: {
      kind: 'number',
      about: 'records stored; each is asked for before and after repair',
      default: 1_000,
      min: 1,
      isWhole: true,
    },
    worst: { kind: 'number', about: 'the largest fraction that fails', default: 0.6, min: 0, max: 0.6 },
    topology: topologyOption('placed'),
  },
  run(context) {
    const { nodes, seed, say } = context;
    const topology = topologyOf(context);
    const requests = context.number('requests');
    const fractions = FRACTIONS.filter((fraction) => fraction <= context.number('worst') + 1e-9);
    const worst = fractions.at(-1)!;
    const failing = new Failing({ seed, nodes, topology, requests });
    const before = fractions.map((fraction) => {
      const measurement = failing.failTo(fraction);
      say(`${percent(fraction)} failed: ${percent(measurement.success)} found`);
      return { fraction, ...measurement };
    });
    // The first network is repaired where it ends; each of the others loses its nodes in one stroke.
    const after = [...REPAIRED.filter((fraction) => fraction < worst), worst].map((fraction) => {
      const network = fraction === worst ? failing : new Failing({ seed, nodes, topology, requests });
      if (fraction !== worst) network.failTo(fraction);
      const measurement = network.repair();
      say(`${percent(fraction)} failed, repaired: ${percent(measurement.success)} found`);
      return { fraction, run: runOf(network.network), ...measurement };
    });
    const afterOf = (fraction: number): Measurement | undefined => after.find((each) => each.fraction === fraction);
    const at30 = before.find(({ fraction }) => fraction === 0.3);
    const to30 = before.filter(({ fraction }) => fraction <= 0.3);
    return {
      runs: after.map(({ run }) => run),
      metrics: {
        hopsMedianWorstTo30: Math.max(...to30.map((each) => each.median)),
        successAt30: at30 === undefined ? null : rounded(at30.success),
        successAt30AfterRepair: rounded(afterOf(0.3)?.success ?? Number.NaN),
        hopsMedian: byFraction(before, 'median'),
        success: byFraction(before, 'success'),
        present: byFraction(before, 'present'),
        hopsMedianAfterRepair: byFraction(after, 'median'),
        successAfterRepair: byFraction(after, 'success'),
      },
      tables: [
        {
          title: 'Requests of the nodes that are left; failures count as the whole HTL in the paths',
          columns: ['failed', 'records left', 'median', 'p99', 'found', 'found of those left', 'median ms'],
          rows: before.map(rowOf),
        },
        {
          title: 'After two minutes of dialling and handing over',
          columns: ['failed', 'records left', 'median', 'p99', 'found', 'found of those left', 'median ms'],
          rows: after.map(rowOf),
        },
      ],
      plots: [
        {
          name: 'tolerance',
          title: `Nodes failed at random, ${nodes.toLocaleString('en')} nodes`,
          x: { label: 'failed, %', scale: 'linear' },
          y: { label: 'median path, failures as the whole HTL', scale: 'linear', max: 22 },
          series: [
            { name: 'before repair', kind: 'line', points: points(before, 'median') },
            { name: 'after 2 minutes', kind: 'points', points: points(after, 'median') },
            {
              name: 'Freenet 2001: below this up to 30 %',
              kind: 'line',
              isDashed: true,
              points: [
                [0, PUBLISHED_MEDIAN],
                [30, PUBLISHED_MEDIAN],
              ],
            },
          ],
        },
        {
          name: 'success',
          title: 'Requests that are answered',
          x: { label: 'failed, %', scale: 'linear' },
          y: { label: 'share of the requests', scale: 'linear', max: 1 },
          series: [
            { name: 'before repair', kind: 'line', points: points(before, 'success') },
            { name: 'after 2 minutes', kind: 'points', points: points(after, 'success') },
            { name: 'records with a copy left', kind: 'line', isDashed: true, points: points(before, 'present') },
          ],
        },
      ],
      notes: [
        topologyNote(topology),
        'Before repair: one network that loses more and more nodes; their links were noticed and closed, but nobody dials and no copy is made anew, so it is as if all had gone at once. After repair: two simulated minutes with dialling and handing over, for the largest fraction in that network, for the others in one that lost all of them at once.',
        'Records were stored before with four copies each; where all four failed nobody can find them, and they count as failures here.',
        'Not comparable: the paper counts paths in a network grown by its own rule, with caches along all paths and up to 250 routing entries, and its probes live 500 hops where these live 18; it does not say how many probes failed.',
      ],
    };
  },
};

/** A network with records in it, and nodes that fail. */
class Failing {
  readonly network: Network;
  readonly #random: SimRandom;
  readonly #items: readonly MadeRecord[];
  readonly #order: readonly SimNode[];

  constructor(given: {
    readonly seed: number;
    readonly nodes: number;
    readonly topology: Topology;
    readonly requests: number;
  }) {
    const network = new Network(given);
    this.network = network;
    this.#random = network.newRandom(10);
    buildAndSettle(network, given.topology);
    this.#items = storeRecords(network, this.#random, given.requests).items;
    this.#order = this.#random.shuffle([...network.nodes]);
    network.canDial = false;
    // No copy is made anew before the repair: whatever is handed over finds the disks full, and nothing is cached.
    for (const node of network.nodes) node.store.isFull = true;
  }

  /** Those that failed before are among them. */
  failTo(fraction: number): Measurement {
    for (const node of this.#order.slice(0, Math.round(this.#order.length * fraction))) this.network.kill(node);
    this.network.runFor(NOTICED_MS);
    return this.#measure();
  }

  repair(): Measurement {
    const { network } = this;
    for (const node of network.nodes) node.store.isFull = false;
    network.canDial = true;
    for (const node of network.alive()) network.upkeep.hurry(node);
    network.runFor(REPAIR_MS);
    return this.#measure();
  }

  #measure(): Measurement {
    const { network } = this;
    const items = this.#items;
    const present = items.filter(({ address }) => this.#isPresent(address)).length;
    const result = measureRequests(network, this.#random, items, network.alive());
    const paths = pathsWithFailures(result.hops, items.length, network.parameters.maxHtl);
    return {
      present: present / items.length,
      median: median(paths),
      p99: quantile(paths, 0.99),
      success: result.success,
      ofPresent: result.hops.length / Math.max(1, present),
      tookMedianMs: median(result.tookMs),
    };
  }

  #isPresent(address: Uint8Array): boolean {
    const number = this.network.table.find(address);
    return number !== undefined && this.network.nodes.some((node) => node.isAlive && node.store.has(number));
  }
}

interface OfFraction extends Measurement {
  readonly fraction: number;
}

function rowOf(of: OfFraction): (string | number)[] {
  const { fraction, present, median: middle, p99, success, ofPresent, tookMedianMs } = of;
  return [
    percent(fraction),
    rounded(present),
    middle,
    p99,
    rounded(success),
    rounded(ofPresent),
    Math.round(tookMedianMs),
  ];
}

function byFraction(all: readonly OfFraction[], name: keyof Measurement): Record<string, number> {
  return Object.fromEntries(all.map((of) => [String(of.fraction), rounded(of[name])]));
}

function points(all: readonly OfFraction[], name: keyof Measurement): [number, number][] {
  return all.map((of) => [of.fraction * 100, of[name]]);
}

function percent(share: number): string {
  return `${rounded(share * 100, 1)} %`;
}
