/** Nodes that say `stored` and keep nothing: how many true copies there are after a while, and what is left when nodes leave. */
import { COPIES } from '../../../src-main/core/limits.ts';
import { Network } from '../engine/network.ts';
import type { SimNode } from '../engine/sim-node.ts';
import { build } from '../engine/topology.ts';
import { runOf } from '../experiment.ts';
import type { Experiment } from '../experiment.ts';
import { mean, rounded } from '../report/statistics.ts';
import { measureRequests, storeRecords } from '../workloads/measured-requests.ts';
import { topologyNote, topologyOf, topologyOption } from './topology-option.ts';

/** After nodes have left, as long as it takes to notice it twice over. */
const LEAVING_MS = 2 * 60_000;

export const falseCopies: Experiment = {
  name: 'false-copies',
  about: 'some nodes say that they stored a copy and keep nothing: true copies, and what is found',
  nodes: 200,
  options: {
    fraction: { kind: 'number', about: 'share of the nodes that lie', default: 0.1, min: 0, max: 0.9 },
    records: { kind: 'number', about: 'how many are stored', default: 300, min: 1, isWhole: true },
    minutes: { kind: 'number', about: 'from the last insert until it is counted', default: 10, min: 0 },
    leaving: {
      kind: 'number',
      about: 'share of the honest nodes that then leave one by one',
      default: 0.5,
      min: 0,
      max: 0.9,
    },
    topology: topologyOption('placed'),
  },
  run(context) {
    const { nodes, seed, say } = context;
    const topology = topologyOf(context);
    const network = new Network({ seed, nodes });
    const random = network.newRandom(10);
    build(network, topology);
    const shuffled = random.shuffle([...network.nodes]);
    const liars = shuffled.slice(0, Math.round(nodes * context.number('fraction')));
    const honest = shuffled.slice(liars.length);
    for (const node of liars) {
      node.isHostile = true;
      node.store.isForgetful = true;
    }
    const { items } = storeRecords(network, random, context.number('records'));
    const copies = (): number[] => items.map(({ address }) => keepersOf(network, honest, address).length);
    const before = copies();
    network.runFor(context.number('minutes') * 60_000);
    const after = copies();
    say(
      `true copies: ${rounded(mean(before), 2)} at first, ${rounded(mean(after), 2)} after ${context.number('minutes')} minutes`,
    );
    const leavers = honest.slice(0, Math.round(honest.length * context.number('leaving')));
    for (const node of leavers) {
      network.stop(node);
      network.runFor((10 * 60_000) / leavers.length);
    }
    network.runFor(LEAVING_MS);
    const staying = honest.filter((node) => node.isAlive);
    const left = copies();
    const found = measureRequests(network, random, items, staying);
    const share = (counts: readonly number[], from: number): number =>
      rounded(counts.filter((count) => count >= from).length / counts.length);
    const metrics = {
      stored: items.length,
      copiesAtFirst: rounded(mean(before), 2),
      withFourAtFirst: share(before, COPIES),
      withNoneAtFirst: rounded(1 - share(before, 1)),
      copiesLater: rounded(mean(after), 2),
      withFourLater: share(after, COPIES),
      left: leavers.length,
      copiesWhenLeft: rounded(mean(left), 2),
      withNoneWhenLeft: rounded(1 - share(left, 1)),
      found: rounded(found.success),
    };
    return {
      runs: [runOf(network)],
      metrics,
      tables: [{ title: 'True copies', columns: ['metric', 'value'], rows: Object.entries(metrics) }],
      plots: [],
      notes: [
        topologyNote(topology),
        'The liars route as they should; what they are to store they acknowledge and throw away. Copies are those of honest nodes that live.',
        'A record whose sink lies and asks nobody for copies is lost at once: who publishes fetches back and finds that out.',
      ],
    };
  },
};

function keepersOf(network: Network, honest: readonly SimNode[], address: Uint8Array): SimNode[] {
  const number = network.table.find(address);
  return number === undefined ? [] : honest.filter((node) => node.isAlive && node.store.keeps(number));
}
