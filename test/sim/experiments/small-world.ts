/** Degrees and lengths of the links of a network, beside the 1/d that makes greedy routing short, and the hops that follow. */
import { distance } from '../../../src-main/core/routing/location.ts';
import { Network } from '../engine/network.ts';
import { runOf } from '../experiment.ts';
import type { Experiment } from '../experiment.ts';
import { fitLine } from '../report/fit.ts';
import { histogram, mean, median, quantile, rounded } from '../report/statistics.ts';
import { hopMetrics, measureRequests, storeRecords } from '../workloads/measured-requests.ts';
import { buildAndSettle } from '../workloads/settle.ts';
import { topologyNote, topologyOf, topologyOption } from './topology-option.ts';

/** Nearest nodes of either side: links to these are there by design, whatever the distribution of the others. */
const NEAR_OF_SIDE = 2;
/** Hyphanet as deployed, and with 1/d links (Roos et al. 2014, section 4.2): mean hops in simulation. */
const DEPLOYED_HOPS = 37;
const HARMONIC_HOPS = 13;

interface Length {
  readonly away: number;
  /** Nodes that lie between, on the shorter way, and one. */
  readonly ranks: number;
}

export const smallWorld: Experiment = {
  name: 'small-world',
  about: 'degrees and link lengths of a network beside 1/d, and its hops beside those of Hyphanet',
  nodes: 1_000,
  options: {
    requests: {
      kind: 'number',
      about: 'records stored and asked for, once each',
      default: 2_000,
      min: 1,
      isWhole: true,
    },
    topology: topologyOption('grown'),
  },
  run(context) {
    const { nodes, seed } = context;
    const topology = topologyOf(context);
    const network = new Network({ seed, nodes });
    const random = network.newRandom(10);
    buildAndSettle(network, topology);
    const degrees = network.nodes.map((node) => node.core.readyLinks());
    const lengths = lengthsOf(network);
    const long = lengths.filter(({ ranks }) => ranks > NEAR_OF_SIDE);
    const all = octavesOf(lengths, nodes);
    const octaves = octavesOf(long, nodes);
    // Below four gaps there are few ranks to an octave and the near links are taken out; the fit begins above.
    const fitted = octaves.filter(({ from, share }) => from >= 4 / nodes && share > 0);
    const slope = fitLine(fitted.map(({ middle, density }) => [Math.log(middle), Math.log(density)]));
    const stored = storeRecords(network, random, context.number('requests'));
    const measured = measureRequests(network, random, stored.items);
    const counts = histogram(degrees);
    const { hopsMedian, hopsP99, success } = hopMetrics(measured);
    return {
      runs: [runOf(network)],
      metrics: {
        degreeMean: rounded(mean(degrees), 2),
        degreeMedian: median(degrees),
        degreeP99: quantile(degrees, 0.99),
        degreeMost: Math.max(...degrees),
        slope: rounded(slope.slope, 3),
        slopeR2: rounded(slope.r2, 3),
        nearShare: rounded(1 - long.length / lengths.length, 3),
        hopsMedian,
        hopsMean: rounded(mean(measured.hops), 3),
        hopsP99,
        success,
      },
      tables: [
        {
          title: 'Links by octave of their length (circle of 1); even shares are 1/d',
          columns: ['from', 'to', 'share of links', 'without near ones'],
          rows: octaves.map((octave, index) => [
            octave.from.toPrecision(3),
            octave.to.toPrecision(3),
            rounded(all[index]!.share, 3),
            rounded(octave.share, 3),
          ]),
        },
      ],
      plots: [
        {
          name: 'lengths',
          title: `Link lengths, ${nodes.toLocaleString('en')} nodes: links for each unit of distance`,
          x: { label: 'distance on the circle', scale: 'log' },
          y: { label: 'density', scale: 'log' },
          series: [
            { name: 'all links', kind: 'points', points: all.map(({ middle, density }) => [middle, density]) },
            {
              name: 'without the two nearest of either side',
              kind: 'line',
              points: octaves.filter(({ share }) => share > 0).map(({ middle, density }) => [middle, density]),
            },
            { name: '1/d', kind: 'line', isDashed: true, points: harmonic(fitted) },
          ],
        },
        {
          name: 'degrees',
          title: `Links of a node, ${nodes.toLocaleString('en')} nodes`,
          x: { label: 'links', scale: 'linear' },
          y: { label: 'share of the nodes', scale: 'linear' },
          series: [{ name: 'nodes', kind: 'bars', points: counts.map((count, degree) => [degree, count / nodes]) }],
        },
      ],
      notes: [
        topologyNote(topology),
        'slope: of log density over log distance by least squares, octaves of four gaps and more, links to the two nearest of either side left out; 1/d is -1.',
        `Beside it: ${DEPLOYED_HOPS} hops in simulation on the topology that Hyphanet had deployed, below ${HARMONIC_HOPS} with 1/d links (Roos et al. 2014): means, in networks of the size and with the degrees that they measured, without neighbours of neighbours.`,
        'The paper shows few nodes with many links and most with few; here a node wants about 16, whatever its bandwidth, so degrees lie close together by design.',
      ],
    };
  },
};

function lengthsOf(network: Network): Length[] {
  const ring = [...network.nodes].sort((a, b) => a.location - b.location);
  const rank = new Int32Array(ring.length);
  ring.forEach((node, index) => (rank[node.index] = index));
  return network.nodes.flatMap((node) =>
    [...node.ends.keys()]
      .filter((other) => other > node.index)
      .map((other) => {
        const ranks = Math.abs(rank[node.index]! - rank[other]!);
        return {
          away: distance(node.location, network.nodes[other]!.location),
          ranks: Math.min(ranks, ring.length - ranks),
        };
      }),
  );
}

interface Octave {
  readonly from: number;
  readonly to: number;
  /** Geometric. */
  readonly middle: number;
  readonly share: number;
  readonly density: number;
}

/** From half the circle downwards, until an octave is below half a gap between nodes; the last takes what is shorter. */
function octavesOf(lengths: readonly Length[], nodes: number): Octave[] {
  const octaves: Octave[] = [];
  for (let to = 0.5; to > 1 / nodes; to /= 2) {
    const from = to / 2;
    const isLast = from <= 1 / nodes;
    const count = lengths.filter(({ away }) => away <= to && (isLast || away > from)).length;
    const share = count / Math.max(1, lengths.length);
    octaves.unshift({ from, to, middle: Math.sqrt(from * to), share, density: share / (to - from) });
  }
  return octaves;
}

/** The line of slope -1 through the middle of what was fitted. */
function harmonic(fitted: readonly Octave[]): [number, number][] {
  const constant = Math.exp(mean(fitted.map(({ middle, density }) => Math.log(middle * density))));
  return fitted.map(({ middle }) => [middle, constant / middle]);
}
