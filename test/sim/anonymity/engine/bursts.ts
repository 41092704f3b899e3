/** Origins at work in the simulator: each sends its set of messages, so many under way at once, and all are watched. */
import type { InsertResult, RequestResult } from '../../../../src-main/core/effects.ts';
import { locationOf } from '../../../../src-main/core/routing/location.ts';
import type { Network } from '../../engine/network.ts';
import type { SimRandom } from '../../engine/random.ts';
import { BulkClock } from '../../../../src-main/services/node/bulk-clock.ts';
import { OPERATION_LIMIT_MS } from '../../workloads/spread.ts';
import type { MadeRecord } from '../../workloads/records.ts';
import type { Posed } from '../solve.ts';
import { ColluderWatch, WatchedSet } from './colluder-watch.ts';

export interface Work {
  readonly origin: number;
  readonly records: readonly MadeRecord[];
}

export interface BurstOptions {
  readonly network: Network;
  readonly random: SimRandom;
  readonly colluding: Uint8Array;
  readonly purpose: 'request' | 'insert';
  /** Messages of one origin under way at once. */
  readonly window: number;
  /**
   * `clock`: as a node's bulk messages go (services/node/bulk-clock.ts). `answers`: an answer lets the next message go. A number:
   * by a clock of their own without memory, about so many milliseconds apart.
   */
  readonly pace: 'clock' | 'answers' | number;
  /** Origins begin at random over so long. */
  readonly spreadMs: number;
}

export interface BurstResult {
  readonly posed: readonly Posed[];
  /** Places of all messages, which the puzzles' numbers lead to. */
  readonly places: Float64Array;
  readonly success: number;
  readonly stemHops: readonly number[];
  /** From the start of a message to the beginning of its greedy part. */
  readonly stemMs: readonly number[];
  readonly tookMs: readonly number[];
}

/** A window's worth of messages takes about a second; nobody needs longer than this for each. */
const SLOWEST_MS = 4_000;

export function runBursts(options: BurstOptions, works: readonly Work[]): BurstResult {
  const { network, random, colluding, purpose, pace } = options;
  const watch = new ColluderWatch(colluding);
  network.observe(watch);
  const sets = works.map((work) => new WatchedSet(work.origin, work.records.length));
  const tookMs: number[] = [];
  const all = works.reduce((sum, work) => sum + work.records.length, 0);
  let [ended, succeeded] = [0, 0];
  for (const [index, work] of works.entries()) {
    let next = 0;
    const clock = new BulkClock({
      now: () => network.nowMs,
      monotonicMs: () => network.nowMs,
      after: (delayMs, action) => {
        network.later(delayMs, action);
        return () => undefined;
      },
    });
    const goOn = (): void => {
      if (pace === 'clock') clock.wait(begin);
      else if (pace === 'answers') begin();
    };
    const begin = (): void => {
      const made = work.records[next];
      if (made === undefined) return;
      watch.watch(sets[index]!, next, made, purpose, network.nowMs);
      next += 1;
      start(options, work.origin, made, (result, ms) => {
        ended += 1;
        if (result.ok) {
          succeeded += 1;
          tookMs.push(ms);
        }
        if (pace === 'clock') clock.ended();
        goOn();
      });
      if (typeof pace === 'number') network.later(random.exponential(pace), begin);
    };
    network.later(random.fraction() * options.spreadMs, () => {
      if (typeof pace === 'number') begin();
      else for (let place = 0; place < options.window; place += 1) goOn();
    });
  }
  const longest = works.reduce((most, work) => Math.max(most, work.records.length), 0);
  const limitMs =
    options.spreadMs +
    OPERATION_LIMIT_MS +
    longest * (SLOWEST_MS / options.window + 2 * (typeof pace === 'number' ? pace : 0));
  network.runUntil(() => ended === all, limitMs);
  network.observers.remove(watch);
  return { ...pose(works, sets, colluding), success: succeeded / Math.max(1, all), tookMs };
}

function start(
  { network, purpose }: BurstOptions,
  origin: number,
  made: MadeRecord,
  onDone: (result: RequestResult | InsertResult, tookMs: number) => void,
): void {
  const node = network.nodes[origin]!;
  const done = (result: RequestResult | InsertResult, operation: { startedMs: number }, nowMs: number): void =>
    onDone(result, nowMs - operation.startedMs);
  if (purpose === 'insert') network.startInsert(node, made.address, made.record, done);
  else network.startRequest(node, made.address, { kind: made.kind, priority: 1 }, done);
}

function pose(
  works: readonly Work[],
  sets: readonly WatchedSet[],
  colluding: Uint8Array,
): Pick<BurstResult, 'posed' | 'places' | 'stemHops' | 'stemMs'> {
  const places: number[] = [];
  const posed: Posed[] = [];
  const [stemHops, stemMs]: [number[], number[]] = [[], []];
  for (const [index, { origin, records }] of works.entries()) {
    const set = sets[index]!;
    const numbers = Int32Array.from(records, ({ address }) => places.push(locationOf(address)) - 1);
    const colluderFirst = set.firstHop >= 0 && colluding[set.firstHop] === 1;
    posed.push({ truth: { origin, colluderFirst }, puzzle: { activities: [set.activity(numbers)] } });
    for (const [message, beganMs] of set.greedyMs.entries()) {
      if (Number.isNaN(beganMs)) continue;
      stemHops.push(set.stemHops[message]!);
      stemMs.push(beganMs - set.startMs[message]!);
    }
  }
  return { posed, places: Float64Array.from(places), stemHops, stemMs };
}
