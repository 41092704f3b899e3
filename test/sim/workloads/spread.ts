/** Many operations at a steady rate from nodes drawn at random, and how they ended. */
import type { InsertResult, RequestResult } from '../../../src-main/core/effects.ts';
import { WALK_DEADLINE_MS } from '../../../src-main/core/limits.ts';
import type { Network } from '../engine/network.ts';
import type { Operation } from '../engine/observer.ts';
import type { SimRandom } from '../engine/random.ts';
import type { SimNode } from '../engine/sim-node.ts';
import type { MadeRecord } from './records.ts';

/** More than an operation may take by the core's own deadline; what has not ended by then counts as lost. */
export const OPERATION_LIMIT_MS = WALK_DEADLINE_MS + 10_000;

export interface Outcome {
  readonly item: MadeRecord;
  readonly node: number;
  readonly result: RequestResult | InsertResult;
  readonly tookMs: number;
}

export interface SpreadOptions {
  readonly network: Network;
  readonly random: SimRandom;
  /** Operations a second of all nodes together. */
  readonly perSecond: number;
  /** Who may start them; all that live when left out. */
  readonly from?: readonly SimNode[];
}

/** Inserts each record once; resolves by simulated time, so it returns when all have ended or their time is up. */
export function insertAll(options: SpreadOptions, items: readonly MadeRecord[]): Outcome[] {
  return run(options, items, (network, node, item, done) => {
    network.startInsert(node, item.address, item.record, done);
  });
}

/** Requests each record once, interactively. */
export function requestAll(options: SpreadOptions, items: readonly MadeRecord[]): Outcome[] {
  return run(options, items, (network, node, item, done) => {
    network.startRequest(node, item.address, { kind: item.kind }, done);
  });
}

type Done = (result: RequestResult | InsertResult, operation: Operation, nowMs: number) => void;

function run(
  { network, random, perSecond, from }: SpreadOptions,
  items: readonly MadeRecord[],
  start: (network: Network, node: SimNode, item: MadeRecord, done: Done) => void,
): Outcome[] {
  const outcomes: Outcome[] = [];
  const starters = from ?? network.alive();
  let ended = 0;
  let next = 0;
  const step = (): void => {
    const item = items[next];
    if (item === undefined) return;
    next += 1;
    const node = random.pick(starters);
    start(network, node, item, (result, operation, nowMs) => {
      ended += 1;
      outcomes.push({ item, node: node.index, result, tookMs: nowMs - operation.startedMs });
    });
    network.later(random.exponential(1_000 / perSecond), step);
  };
  step();
  const longestMs = (items.length / perSecond) * 2_000 + OPERATION_LIMIT_MS;
  network.runUntil(() => ended === items.length, longestMs);
  return outcomes;
}
