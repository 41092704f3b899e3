/** Hops, stem and messages of requests for stored content in a healthy network. */
import { Network } from '../engine/network.ts';
import { build } from '../engine/topology.ts';
import { runOf } from '../experiment.ts';
import type { Experiment } from '../experiment.ts';
import { histogram, mean, rounded } from '../report/statistics.ts';
import { hopMetrics, measureRequests, storeRecords } from '../workloads/measured-requests.ts';
import { topologyNote, topologyOf, topologyOption } from './topology-option.ts';

export const hops: Experiment = {
  name: 'hops',
  about: 'greedy hops, stem, messages and load of requests for stored content, nothing failing',
  nodes: 1_000,
  options: {
    requests: {
      kind: 'number',
      about: 'records stored and asked for, once each',
      default: 10_000,
      min: 1,
      isWhole: true,
    },
    topology: topologyOption('placed'),
  },
  run(context) {
    const { nodes, seed, say } = context;
    const topology = topologyOf(context);
    const network = new Network({ seed, nodes });
    const random = network.newRandom(10);
    build(network, topology);
    const degrees = network.nodes.map((node) => node.core.readyLinks());
    say(`${nodes} nodes stand, ${rounded(mean(degrees), 1)} links each; storing ${context.number('requests')} records`);
    const stored = storeRecords(network, random, context.number('requests'));
    say(`${stored.items.length} stored, ${rounded(stored.meanCopies, 2)} copies each; asking for them`);
    const measured = measureRequests(network, random, stored.items);
    const metrics = {
      ...hopMetrics(measured),
      degreeMean: rounded(mean(degrees), 2),
      copiesMean: rounded(stored.meanCopies, 3),
    };
    const share = (values: readonly number[]): (readonly [number, number])[] =>
      histogram(values).map((count, value) => [value, count / values.length]);
    return {
      runs: [runOf(network)],
      metrics,
      tables: [
        { title: 'Requests', columns: ['metric', 'value'], rows: Object.entries(metrics) },
        { title: 'Failed, by code', columns: ['code', 'requests'], rows: Object.entries(measured.failures) },
      ],
      plots: [
        {
          name: 'hops',
          title: `Hops of a request, ${nodes.toLocaleString('en')} nodes`,
          x: { label: 'hops', scale: 'linear' },
          y: { label: 'share of the requests', scale: 'linear' },
          series: [
            { name: 'greedy hops', kind: 'bars', points: share(measured.hops) },
            { name: 'stem hops', kind: 'bars', points: share(measured.stemHops) },
          ],
        },
      ],
      notes: [
        topologyNote(topology),
        'Every record was inserted by the protocol and asked for once, from a node drawn at random; caches were emptied before.',
        'messages: all that is sent for a request until its answer is there, acknowledgements of hops included.',
      ],
    };
  },
};
