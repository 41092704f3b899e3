/**
 * The Freenet paper's experiment (Clarke et al. 2001, section 5.1) with Broadside's core: a ring lattice, random inserts and
 * requests, and the median path of the requests as time goes by.
 */
import { Network } from '../engine/network.ts';
import type { SimRandom } from '../engine/random.ts';
import type { SimNode } from '../engine/sim-node.ts';
import { runOf } from '../experiment.ts';
import type { Experiment, ExperimentContext, Run } from '../experiment.ts';
import type { Plot } from '../report/plot.ts';
import { mean, median, quantile, rounded } from '../report/statistics.ts';
import { PAPER_PROBE_HTL, pathsWithFailures, probeLinks } from '../workloads/paths.ts';
import { makeContent } from '../workloads/records.ts';
import type { MadeRecord } from '../workloads/records.ts';
import { OPERATION_LIMIT_MS } from '../workloads/spread.ts';
import { MAX_HTL } from '../../../src-main/core/limits.ts';
import { locationOf } from '../../../src-main/core/routing/location.ts';

/** The paper's: room in a store, links to the two nearest on either side, and the median that it ends at. */
const STORE_RECORDS = 50;
const LATTICE_OF_SIDE = 2;
const PUBLISHED_MEDIAN = 6;
/** Probes over the links at the end of a window. The paper sends 300, for ten trials. */
const LINK_PROBES = 200;

type Start = 'shuffled' | 'ring';

interface Window {
  readonly endsSeconds: number;
  readonly steps: number;
  asked: number;
  readonly hops: number[];
  linkPaths: readonly number[];
  links: number;
}

export const convergence: Experiment = {
  name: 'convergence',
  about: "median path by time from a ring lattice on: the Freenet paper's experiment",
  nodes: 1_000,
  options: {
    start: {
      kind: 'text',
      about:
        "order of the nodes on the lattice: shuffled (the paper's: unrelated to their places), ring (by place), both",
      default: 'both',
      choices: ['shuffled', 'ring', 'both'],
    },
    seconds: { kind: 'number', about: 'simulated time', default: 150, min: 10, isWhole: true },
    rate: { kind: 'number', about: 'steps a second of the whole network', default: 40, min: 1 },
    window: { kind: 'number', about: 'seconds that one median is taken over', default: 5, min: 1, isWhole: true },
  },
  run(context) {
    const wanted = context.text('start');
    const starts: readonly Start[] = wanted === 'both' ? ['shuffled', 'ring'] : [wanted as Start];
    const found = starts.map((start) => ({ start, ...converge(context, start) }));
    const [main] = found;
    const rows = found.flatMap(({ start, windows }) => windows.map((window) => [start, ...rowOf(window)]));
    return {
      runs: found.map(({ run }) => run),
      metrics: {
        ...metricsOf(main!.windows),
        ...Object.fromEntries(found.slice(1).map(({ start, windows }) => [start, metricsOf(windows)])),
      },
      tables: [
        {
          title: 'Requests of each window',
          columns: ['start', 'seconds', 'steps', 'median path', 'mean of found', 'found', 'links', 'probe over links'],
          rows,
        },
      ],
      plots: [plotOf(found, context.nodes)],
      notes: [
        "Median path: greedy hops of the steps' own requests; one that failed counts as the whole HTL, 18 (the paper's probes: 500).",
        'Probe over links: no message, but a depth-first walk over the links of the moment with an HTL of 500, as the paper probes; the median.',
        'Before the median path there is the stem, which the paper has not: hops says how long.',
        `Stores hold ${STORE_RECORDS} records as in the paper. A node keeps some 16 links by the production protocol where the paper allows 250 routing entries; a record has 4 copies where the paper caches along the path only.`,
        'Links are made by time, not by steps: with fewer steps a second it takes fewer steps. Every node can reach every other here (no address translation).',
        'Published: the median falls from hundreds to about 6 within some thousand steps; the points between are only drawn in the paper, so the plot has its end as a line.',
      ],
    };
  },
};

function converge(context: ExperimentContext, start: Start): { readonly windows: Window[]; readonly run: Run } {
  const { nodes, seed, say } = context;
  // Whoever cannot be reached by some would not be on a lattice.
  const network = new Network({ seed, nodes, quotaRecords: STORE_RECORDS, conditions: { natShare: 0 } });
  const random = network.newRandom(20);
  const order = [...network.nodes].sort((a, b) => a.location - b.location);
  if (start === 'shuffled') random.shuffle(order);
  for (const node of order) network.start(node);
  order.forEach((node, index) => {
    for (let step = 1; step <= LATTICE_OF_SIDE; step += 1)
      network.wires.connect(node, order[(index + step) % order.length]!);
  });
  const steps = new Steps(network, random, context.number('rate'));
  const windows: Window[] = [];
  const windowMs = context.number('window') * 1_000;
  const count = Math.ceil(context.number('seconds') / context.number('window'));
  for (let index = 0; index < count; index += 1) {
    steps.window = {
      endsSeconds: (network.nowMs + windowMs) / 1_000,
      steps: Math.round(((index + 1) * windowMs * context.number('rate')) / 1_000),
      asked: 0,
      hops: [],
      linkPaths: [],
      links: 0,
    };
    windows.push(steps.window);
    network.runFor(windowMs);
    steps.window.linkPaths = steps.probe();
    steps.window.links = mean(network.nodes.map((node) => node.core.readyLinks()));
    if ((index + 1) % 6 === 0)
      say(`${start}: ${steps.window.endsSeconds} s, ${rounded(steps.window.links, 1)} links a node`);
  }
  steps.stop();
  network.runFor(OPERATION_LIMIT_MS);
  return { windows, run: runOf(network) };
}

/** Each step inserts something new or asks for something that was inserted before, from a node drawn at random. */
class Steps {
  window: Window | undefined;
  readonly #network: Network;
  readonly #random: SimRandom;
  readonly #rate: number;
  readonly #inserted: MadeRecord[] = [];
  #isOn = true;

  constructor(network: Network, random: SimRandom, rate: number) {
    this.#network = network;
    this.#random = random;
    this.#rate = rate;
    this.#next();
  }

  stop(): void {
    this.#isOn = false;
  }

  /** Paths over the links as they are now, to records and from nodes drawn at random. */
  probe(): number[] {
    const network = this.#network;
    if (this.#inserted.length === 0) return [];
    return Array.from({ length: LINK_PROBES }, () => {
      const { address } = this.#random.pick(this.#inserted);
      const number = network.table.find(address);
      if (number === undefined) return PAPER_PROBE_HTL;
      return probeLinks(network, this.#random.pick(network.nodes), number, locationOf(address));
    });
  }

  #next(): void {
    this.#network.later(this.#random.exponential(1_000 / this.#rate), () => {
      if (!this.#isOn) return;
      const node = this.#random.pick(this.#network.nodes);
      if (this.#inserted.length === 0 || this.#random.below(2) === 0) this.#insert(node);
      else this.#request(node);
      this.#next();
    });
  }

  #insert(node: SimNode): void {
    const item = makeContent(this.#network, this.#random);
    this.#network.startInsert(node, item.address, item.record, (result) => {
      if (result.ok) this.#inserted.push(item);
    });
  }

  #request(node: SimNode): void {
    const window = this.window!;
    window.asked += 1;
    const { address, kind } = this.#random.pick(this.#inserted);
    this.#network.startRequest(node, address, { kind }, (result) => {
      if (result.ok && 'record' in result) window.hops.push(result.hops);
    });
  }
}

function pathMedian(window: Window): number {
  return median(pathsWithFailures(window.hops, window.asked, MAX_HTL));
}

function rowOf(window: Window): (string | number)[] {
  return [
    window.endsSeconds,
    window.steps,
    pathMedian(window),
    rounded(mean(window.hops), 2),
    rounded(window.hops.length / window.asked, 3),
    rounded(window.links, 1),
    median(window.linkPaths),
  ];
}

function metricsOf(windows: readonly Window[]): Readonly<Record<string, unknown>> {
  const medians = windows.map((window) => pathMedian(window));
  // The first window from which on the median stays there.
  let good = windows.length;
  while (good > 0 && medians[good - 1]! <= PUBLISHED_MEDIAN) good -= 1;
  const last = windows.slice(-Math.min(6, windows.length));
  const asked = last.reduce((sum, window) => sum + window.asked, 0);
  const hops = last.flatMap((window) => window.hops);
  return {
    hopsMedian: windows.map((window, index) => [window.endsSeconds, medians[index]]),
    hopsMedianFirst: medians[0],
    probeMedianFirst: median(windows[0]!.linkPaths),
    secondsToSix: windows[good]?.endsSeconds ?? null,
    stepsToSix: windows[good]?.steps ?? null,
    hopsMedianLast: median(pathsWithFailures(hops, asked, MAX_HTL)),
    hopsP75Last: quantile(pathsWithFailures(hops, asked, MAX_HTL), 0.75),
    successLast: rounded(hops.length / asked),
    probeMedianLast: median(windows.at(-1)!.linkPaths),
  };
}

function plotOf(found: readonly { readonly start: Start; readonly windows: readonly Window[] }[], nodes: number): Plot {
  const endSeconds = found[0]!.windows.at(-1)!.endsSeconds;
  return {
    name: 'convergence',
    title: `Median path from a ring lattice on, ${nodes.toLocaleString('en')} nodes`,
    x: { label: 'simulated seconds', scale: 'linear' },
    y: { label: 'median path, failures as the whole HTL', scale: 'log', min: 1, max: 500 },
    series: [
      ...found.map(({ start, windows }) => ({
        name: `requests, ${start}`,
        kind: 'line' as const,
        points: windows.map((window) => [window.endsSeconds, pathMedian(window)] as const),
      })),
      ...found.map(({ start, windows }) => ({
        name: `probes over links, ${start}`,
        kind: 'line' as const,
        points: windows.map((window) => [window.endsSeconds, median(window.linkPaths)] as const),
      })),
      {
        name: 'Freenet 2001 in the end',
        kind: 'line',
        isDashed: true,
        points: [
          [0, PUBLISHED_MEDIAN],
          [endSeconds, PUBLISHED_MEDIAN],
        ],
      },
    ],
  };
}
