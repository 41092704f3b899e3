/** Path length against the number of nodes, and how it grows: as a power of it, or as its logarithm. */
import { Network } from '../engine/network.ts';
import { runOf } from '../experiment.ts';
import type { Experiment, Run } from '../experiment.ts';
import { fitLine } from '../report/fit.ts';
import { mean, median, quantile, rounded } from '../report/statistics.ts';
import { measureRequests, storeRecords } from '../workloads/measured-requests.ts';
import { pathsWithFailures } from '../workloads/paths.ts';
import { buildAndSettle } from '../workloads/settle.ts';
import { topologyNote, topologyOf, topologyOption } from './topology-option.ts';

const SIZES = [100, 300, 1_000, 3_000, 10_000, 30_000, 100_000] as const;
/** Clarke et al. 2001, section 5.2: path length about N^0.28. */
const PUBLISHED_EXPONENT = 0.28;

export const scaling: Experiment = {
  name: 'scaling',
  about: 'path length at 100, 300, 1,000 ... nodes, and the exponent of its growth',
  nodes: 1_000,
  options: {
    max: { kind: 'number', about: 'the largest network', default: 1_000, min: 100, max: 100_000, isWhole: true },
    requests: { kind: 'number', about: 'records stored and asked for in each', default: 1_000, min: 1, isWhole: true },
    topology: topologyOption('placed'),
  },
  run(context) {
    const { seed, say } = context;
    const topology = topologyOf(context);
    const sizes = SIZES.filter((size) => size <= context.number('max'));
    const runs: Run[] = [];
    const found = sizes.map((nodes) => {
      const network = new Network({ seed, nodes });
      const random = network.newRandom(10);
      buildAndSettle(network, topology);
      const links = mean(network.nodes.map((node) => node.core.readyLinks()));
      const stored = storeRecords(network, random, context.number('requests'));
      const measured = measureRequests(network, random, stored.items);
      const paths = pathsWithFailures(measured.hops, stored.items.length, network.parameters.maxHtl);
      runs.push(runOf(network));
      const size = { nodes, links, mean: mean(paths), median: median(paths), p99: quantile(paths, 0.99) };
      say(`${nodes} nodes: ${rounded(size.mean, 2)} hops, ${rounded(measured.success * 100, 1)} % found`);
      return { ...size, stem: median(measured.stemHops), success: measured.success };
    });
    const power = fitLine(found.map((size) => [Math.log(size.nodes), Math.log(size.mean)]));
    const logarithm = fitLine(found.map((size) => [Math.log2(size.nodes), size.mean]));
    const first = found[0]!;
    const at = (nodes: number): number => logarithm.intercept + logarithm.slope * Math.log2(nodes);
    return {
      runs,
      metrics: {
        largest: found.at(-1)!.nodes,
        exponent: rounded(power.slope, 3),
        exponentR2: rounded(power.r2, 3),
        hopsPerDoubling: rounded(logarithm.slope, 3),
        logarithmR2: rounded(logarithm.r2, 3),
        hopsMedian: Object.fromEntries(found.map((size) => [size.nodes, size.median])),
        hopsMean: Object.fromEntries(found.map((size) => [size.nodes, rounded(size.mean, 3)])),
        hopsP99: Object.fromEntries(found.map((size) => [size.nodes, size.p99])),
        success: Object.fromEntries(found.map((size) => [size.nodes, rounded(size.success)])),
      },
      tables: [
        {
          title: 'Paths; failures count as the whole HTL',
          columns: ['nodes', 'links', 'median', 'mean', 'p99', 'stem, median', 'success'],
          rows: found.map((size) => [
            size.nodes,
            rounded(size.links, 1),
            size.median,
            rounded(size.mean, 2),
            size.p99,
            size.stem,
            rounded(size.success),
          ]),
        },
      ],
      plots: [
        {
          name: 'scaling',
          title: 'Path length against the size of the network',
          x: { label: 'nodes', scale: 'log' },
          y: { label: 'greedy hops', scale: 'log', min: 1, max: 20 },
          series: [
            { name: 'mean', kind: 'line', points: found.map((size) => [size.nodes, size.mean]) },
            { name: '99th percentile', kind: 'line', points: found.map((size) => [size.nodes, size.p99]) },
            {
              name: 'N^0.28 through the first (Freenet 2001)',
              kind: 'line',
              isDashed: true,
              points: found.map((size) => [size.nodes, first.mean * (size.nodes / first.nodes) ** PUBLISHED_EXPONENT]),
            },
            {
              name: 'logarithm, fitted',
              kind: 'line',
              isDashed: true,
              points: found.map((size) => [size.nodes, at(size.nodes)]),
            },
          ],
        },
      ],
      notes: [
        topologyNote(topology),
        'The exponent is the slope of log(mean path) over log(nodes) by least squares; medians are whole numbers and too coarse for it.',
        'Not comparable: the paper grows one network by one node every few steps and counts its median; its nodes know up to 250 others. Here each size is a network of its own, and the stem comes on top. Small networks have most nodes within two hops, so the exponent of the first sizes alone says little.',
        '--nodes has no effect here: --max says how far to go. 1,000 nodes take about 1.2 GiB and 40 s of processor, so 10,000 some 10 GiB.',
      ],
    };
  },
};
