/** The measurement that several experiments share: store records by the protocol, ask for each once, and say how it went. */
import type { RequestResult } from '../../../src-main/core/effects.ts';
import type { Network } from '../engine/network.ts';
import type { SimNode } from '../engine/sim-node.ts';
import type { SimRandom } from '../engine/random.ts';
import { busiestShare, median, quantile, rounded } from '../report/statistics.ts';
import { makeContent } from './records.ts';
import type { MadeRecord } from './records.ts';
import { RequestMessages } from './request-messages.ts';
import { insertAll, requestAll } from './spread.ts';

/** Operations a second for each node: far below what their uplinks take, so that nothing waits. Guess. */
export const PER_NODE_PER_SECOND = 0.25;

export interface Stored {
  readonly items: readonly MadeRecord[];
  readonly accepted: number;
  readonly meanCopies: number;
}

/** Inserts as many records as are asked for, from nodes drawn at random, and leaves only those that were acknowledged. */
export function storeRecords(network: Network, random: SimRandom, count: number): Stored {
  const wanted = Array.from({ length: count }, () => makeContent(network, random));
  const perSecond = network.alive().length * PER_NODE_PER_SECOND;
  const outcomes = insertAll({ network, random, perSecond }, wanted);
  const stored = outcomes.filter((outcome) => outcome.result.ok);
  const copies = stored.map(({ result }) => ('copies' in result ? result.copies : 0));
  // What passed by on the way in would answer before the copies do: only those are to be measured.
  for (const node of network.nodes) node.store.clearCache();
  return {
    items: stored.map((outcome) => outcome.item),
    accepted: stored.length / count,
    meanCopies: copies.reduce((sum, value) => sum + value, 0) / Math.max(1, copies.length),
  };
}

export interface Measured {
  readonly hops: readonly number[];
  readonly stemHops: readonly number[];
  readonly messages: readonly number[];
  /** The same without the acknowledgements of hops. */
  readonly messagesWithoutAccepted: readonly number[];
  readonly tookMs: readonly number[];
  readonly success: number;
  readonly busiestShare: number;
  /** How the failed ones ended, by code; `none` for no answer at all. */
  readonly failures: Readonly<Record<string, number>>;
}

export function measureRequests(
  network: Network,
  random: SimRandom,
  items: readonly MadeRecord[],
  from: readonly SimNode[] = network.alive(),
): Measured {
  const messages: number[] = [];
  const messagesWithoutAccepted: number[] = [];
  const stemHops: number[] = [];
  const observer = new RequestMessages((_, count) => {
    messages.push(count.messages);
    messagesWithoutAccepted.push(count.messages - count.accepted);
    stemHops.push(count.stemHops);
  });
  const alive = network.alive();
  const before = alive.map((node) => node.messagesSent);
  network.observe(observer);
  const outcomes = requestAll({ network, random, perSecond: from.length * PER_NODE_PER_SECOND, from }, items);
  network.observers.remove(observer);
  const loads = alive.map((node, index) => node.messagesSent - before[index]!);
  const answered = outcomes.filter((outcome) => outcome.result.ok);
  const failures: Record<string, number> = {};
  const count = (code: string, by: number): void => void (failures[code] = (failures[code] ?? 0) + by);
  for (const { result } of outcomes) if (!result.ok) count(result.code, 1);
  if (outcomes.length < items.length) count('none', items.length - outcomes.length);
  return {
    hops: answered.map(({ result }) => (result as Extract<RequestResult, { ok: true }>).hops),
    stemHops,
    messages,
    messagesWithoutAccepted,
    tookMs: answered.map((outcome) => outcome.tookMs),
    success: answered.length / items.length,
    busiestShare: busiestShare(loads, 0.01),
    failures,
  };
}

/** The metrics that the interface names, from what was measured. */
export function hopMetrics(measured: Measured): Readonly<Record<string, number>> {
  return {
    hopsMedian: median(measured.hops),
    hopsP99: quantile(measured.hops, 0.99),
    stemMedian: median(measured.stemHops),
    success: rounded(measured.success),
    messagesMedian: median(measured.messages),
    messagesP99: quantile(measured.messages, 0.99),
    messagesWithoutAcceptedMedian: median(measured.messagesWithoutAccepted),
    busiestShare: rounded(measured.busiestShare, 3),
    latencyMedianMs: rounded(median(measured.tookMs), 1),
    latencyP99Ms: rounded(quantile(measured.tookMs, 0.99), 1),
  };
}
