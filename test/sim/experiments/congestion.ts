/** Inserts and hand-overs where lines are slow and busy: what the copies cost, and whether the network gets over it. */
import { decodeRouteMessage } from '../../../src-main/core/wire/messages.ts';
import { Network } from '../engine/network.ts';
import { build } from '../engine/topology.ts';
import { runOf } from '../experiment.ts';
import type { Experiment } from '../experiment.ts';
import { mean, median, quantile, rounded } from '../report/statistics.ts';
import { Traffic } from '../workloads/traffic.ts';
import { topologyNote, topologyOf, topologyOption } from './topology-option.ts';

/** After the work has ended, as long as a soak gives a network that was not divided. */
const REST_MS = 10 * 60_000;
/** What is left of the hand-overs is looked at in steps of this. */
const STEP_MS = 10_000;

export const congestion: Experiment = {
  name: 'congestion',
  about: 'inserts and hand-overs on slow lines: what the copies cost, and how long they go on afterwards',
  nodes: 98,
  options: {
    rate: {
      kind: 'number',
      about: 'operations a second, three of ten records inserted',
      default: 40,
      min: 1,
      max: 1_000,
    },
    seconds: { kind: 'number', about: 'how long', default: 130, min: 10, max: 3_600 },
    'min-kbytes': { kind: 'number', about: 'slowest uplink, in kB/s', default: 125, min: 10 },
    'max-kbytes': { kind: 'number', about: 'fastest uplink, in kB/s', default: 500, min: 10 },
    topology: topologyOption('grown'),
  },
  run(context) {
    const { nodes, seed, say } = context;
    const topology = topologyOf(context);
    const conditions = {
      upMinBytesPerSecond: context.number('min-kbytes') * 1_000,
      upMaxBytesPerSecond: context.number('max-kbytes') * 1_000,
    };
    const network = new Network({ seed, nodes, conditions });
    const random = network.newRandom(10);
    build(network, topology);

    const bytesOf = new Map<string, number>();
    const tookMs: number[] = [];
    let lastCopyMs = 0;
    network.observe({
      onMessage: (nowMs, _from, _to, channel, bytes) => {
        const decoded = channel === 'route' ? decodeRouteMessage(bytes) : undefined;
        const type = decoded?.ok === true ? decoded.value.type : channel;
        if (type === 'replicate') lastCopyMs = nowMs;
        bytesOf.set(type, (bytesOf.get(type) ?? 0) + network.wires.chargedBytes(channel, bytes));
      },
      onOperationEnd: (operation, result, nowMs) => {
        if (operation.kind === 'insert' && result.ok) tookMs.push(nowMs - operation.startedMs);
      },
    });
    const handedOver = (): number => network.nodes.reduce((sum, node) => sum + node.core.statistics.handedOver, 0);
    const before = handedOver();
    const traffic = new Traffic(network, random, context.number('rate'));
    traffic.start();
    network.runFor(context.number('seconds') * 1_000);
    traffic.stop();
    const endedMs = network.nowMs;
    const during = handedOver() - before;
    for (let restMs = 0; restMs < REST_MS; restMs += STEP_MS) {
      network.runFor(STEP_MS);
      if (restMs % (12 * STEP_MS) === 0) say(`${restMs / 1_000} s after the work: ${handedOver() - before} hand-overs`);
    }
    const { requests, found, inserts, stored } = traffic.counts;
    const copies = copiesOf(network);
    const all = handedOver() - before;
    const metrics = {
      inserts,
      insertsStored: rounded(stored / inserts),
      requestsFound: rounded(found / requests),
      handOversDuring: during,
      handOvers: all,
      handOversOfInsert: rounded(all / inserts, 2),
      lastCopyAfterSeconds: rounded(Math.max(0, lastCopyMs - endedMs) / 1_000, 1),
      insertMedianMs: rounded(median(tookMs), 1),
      insertP99Ms: rounded(quantile(tookMs, 0.99), 1),
      copiesMean: rounded(mean(copies), 2),
      recordsWithFourCopies: rounded(copies.filter((count) => count >= 4).length / Math.max(1, copies.length)),
      megabytes: Math.round([...bytesOf.values()].reduce((sum, bytes) => sum + bytes, 0) / 1e6),
    };
    const rows = [...bytesOf].sort((a, b) => b[1] - a[1]).map(([type, bytes]) => [type, rounded(bytes / 1e6, 1)]);
    return {
      runs: [runOf(network)],
      metrics,
      tables: [
        { title: 'Inserts and copies', columns: ['metric', 'value'], rows: Object.entries(metrics) },
        { title: 'Sent, by message', columns: ['message', 'MB'], rows },
      ],
      plots: [],
      notes: [
        topologyNote(topology),
        `${REST_MS / 60_000} minutes without work after it: when the last copy is sent within them shows whether it ends by itself.`,
      ],
    };
  },
};

/** How many nodes keep each record that somebody keeps. */
function copiesOf(network: Network): number[] {
  const counts = new Map<number, number>();
  for (const node of network.nodes)
    for (const address of node.store.kept()) counts.set(address, (counts.get(address) ?? 0) + 1);
  return [...counts.values()];
}
