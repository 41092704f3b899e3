/** What is left of the others' service when some nodes send as much as their lines take. */
import { Network } from '../engine/network.ts';
import { build } from '../engine/topology.ts';
import { runOf } from '../experiment.ts';
import type { Experiment } from '../experiment.ts';
import { Flood } from '../faults/flood.ts';
import type { FloodKind } from '../faults/flood.ts';
import { median, quantile, rounded } from '../report/statistics.ts';
import { measureRequests, storeRecords } from '../workloads/measured-requests.ts';
import { topologyNote, topologyOf, topologyOption } from './topology-option.ts';

/** The flood goes on before it is measured, so that queues and tables are as full as they get. */
const WARM_UP_MS = 5_000;

export const flood: Experiment = {
  name: 'flood',
  about: "the others' success while some nodes flood at their full bandwidth",
  nodes: 100,
  options: {
    fraction: { kind: 'number', about: 'share of the nodes that flood', default: 0.05, min: 0, max: 0.5 },
    kind: {
      kind: 'text',
      about: 'what they send: requests, inserts, or both',
      default: 'mixed',
      choices: ['requests', 'inserts', 'mixed'],
    },
    mbits: { kind: 'number', about: 'uplink of every node, in Mbit/s', default: 4, min: 0.1, max: 1_000 },
    requests: {
      kind: 'number',
      about: 'requests of the others, before and during',
      default: 300,
      min: 1,
      isWhole: true,
    },
    topology: topologyOption('placed'),
  },
  run(context) {
    const { nodes, seed, say } = context;
    const topology = topologyOf(context);
    const bytesPerSecond = (context.number('mbits') * 1e6) / 8;
    const conditions = { upMinBytesPerSecond: bytesPerSecond, upMaxBytesPerSecond: bytesPerSecond };
    const network = new Network({ seed, nodes, conditions });
    const random = network.newRandom(10);
    build(network, topology);
    const count = context.number('requests');
    const stored = storeRecords(network, random, 2 * count);
    const [first, second] = [stored.items.slice(0, count), stored.items.slice(count)];
    const flooders = random.shuffle([...network.nodes]).slice(0, Math.round(nodes * context.number('fraction')));
    const others = network.nodes.filter((node) => !flooders.includes(node));

    const before = measureRequests(network, random, first, others);
    say(`before: ${rounded(before.success * 100, 1)} % answered, median ${Math.round(median(before.tookMs))} ms`);
    const attack = new Flood(network, random, context.text('kind') as FloodKind, stored.items);
    for (const node of flooders) attack.start(node);
    network.runFor(WARM_UP_MS);
    const [sentBefore, startedMs] = [attack.sent, network.nowMs];
    const during = measureRequests(network, random, second, others);
    const floodPerSecond = (attack.sent - sentBefore) / ((network.nowMs - startedMs) / 1_000);
    attack.stop();

    const metrics = {
      success: rounded(during.success),
      successBefore: rounded(before.success),
      hopsMedian: median(during.hops),
      hopsP99: quantile(during.hops, 0.99),
      latencyMedianMs: rounded(median(during.tookMs), 1),
      latencyP99Ms: rounded(quantile(during.tookMs, 0.99), 1),
      latencyMedianBeforeMs: rounded(median(before.tookMs), 1),
      latencyP99BeforeMs: rounded(quantile(before.tookMs, 0.99), 1),
      flooders: flooders.length,
      floodMessagesPerSecond: Math.round(floodPerSecond),
      linksOfFlooders: rounded(
        flooders.reduce((sum, node) => sum + node.ends.size, 0) / Math.max(1, flooders.length),
        1,
      ),
    };
    return {
      runs: [runOf(network)],
      metrics,
      tables: [
        { title: "The others' requests", columns: ['metric', 'value'], rows: Object.entries(metrics) },
        {
          title: 'Failed during the flood, by code',
          columns: ['code', 'requests'],
          rows: Object.entries(during.failures),
        },
      ],
      plots: [],
      notes: [
        topologyNote(topology),
        `Every node has ${context.number('mbits')} Mbit/s up; the flooders keep theirs full, over all their links in turn.`,
        'The links have their turns at an uplink, as they do in a node with an upload limit; without one the line shares it out.',
        'Bandwidth and queues are simulated, the time that a processor takes for a message is not.',
      ],
    };
  },
};
