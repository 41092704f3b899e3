/** What requests come to when a part of the nodes is gone at once, or stays and swallows everything, before any repair. */
import { Network } from '../engine/network.ts';
import { build } from '../engine/topology.ts';
import { runOf } from '../experiment.ts';
import type { Experiment } from '../experiment.ts';
import { silence } from '../faults/behaviours.ts';
import { rounded } from '../report/statistics.ts';
import { hopMetrics, measureRequests, storeRecords } from '../workloads/measured-requests.ts';
import { topologyNote, topologyOf, topologyOption } from './topology-option.ts';

/** By then every neighbour of a dead node has noticed: 20 s idle and 6 s without an answer (protocol, section 1). */
const NOTICED_MS = 30_000;

export const failures: Experiment = {
  name: 'failures',
  about: 'success and hops when a fraction of the nodes is gone at once, or silent, before repair',
  nodes: 1_000,
  options: {
    fraction: { kind: 'number', about: 'share of the nodes that fail', default: 0.3, min: 0, max: 0.95 },
    silent: { kind: 'flag', about: 'they stay linked and swallow all messages of routing', default: false },
    requests: {
      kind: 'number',
      about: 'records stored and asked for, once each',
      default: 5_000,
      min: 1,
      isWhole: true,
    },
    topology: topologyOption('placed'),
  },
  run(context) {
    const { nodes, seed, say } = context;
    const topology = topologyOf(context);
    const fraction = context.number('fraction');
    const isSilent = context.flag('silent');
    const network = new Network({ seed, nodes });
    const random = network.newRandom(10);
    build(network, topology);
    const stored = storeRecords(network, random, context.number('requests'));
    say(`${stored.items.length} records stored, ${rounded(stored.meanCopies, 2)} copies each`);

    const failing = random.shuffle([...network.nodes]).slice(0, Math.round(nodes * fraction));
    const failed = new Set(failing);
    network.canDial = false;
    for (const node of failing)
      if (isSilent) silence(node);
      else network.kill(node);
    if (!isSilent) network.runFor(NOTICED_MS);
    const lost = stored.items.filter((item) => {
      const address = network.table.find(item.address);
      return address !== undefined && !network.nodes.some((node) => !failed.has(node) && node.store.keeps(address));
    });
    say(`${failing.length} nodes ${isSilent ? 'silent' : 'gone'}; of ${lost.length} records no copy is left`);
    const survivors = network.nodes.filter((node) => !failed.has(node));
    const measured = measureRequests(network, random, stored.items, survivors);
    const metrics = { ...hopMetrics(measured), lostShare: rounded(lost.length / stored.items.length) };
    return {
      runs: [runOf(network)],
      metrics,
      tables: [
        { title: 'Requests of the nodes that are left', columns: ['metric', 'value'], rows: Object.entries(metrics) },
        { title: 'Failed, by code', columns: ['code', 'requests'], rows: Object.entries(measured.failures) },
      ],
      plots: [],
      notes: [
        topologyNote(topology),
        isSilent
          ? 'The failed nodes keep their links and swallow every message of routing.'
          : 'The failed nodes are gone at once; their links were noticed and closed, but nobody dials and nothing is copied anew.',
        `Of ${lost.length} records every copy failed: success cannot be above ${rounded(1 - lost.length / stored.items.length)}.`,
      ],
    };
  },
};
