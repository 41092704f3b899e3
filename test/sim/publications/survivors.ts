/** What is left of stored things when nodes fail, by where the copies are, without any message. */
import type { Network } from '../engine/network.ts';
import type { SimRandom } from '../engine/random.ts';
import { mean } from '../report/statistics.ts';
import type { MadeRecord } from '../workloads/records.ts';
import { isReadable } from './made.ts';
import type { Made } from './made.ts';

/** Nodes that keep each record for its place, by index. */
export function holdersOf(network: Network, made: readonly Made[]): Map<MadeRecord, readonly number[]> {
  const byAddress = new Map<number, number[]>();
  for (const node of network.nodes) {
    for (const address of node.store.kept()) {
      const holders = byAddress.get(address);
      if (holders === undefined) byAddress.set(address, [node.index]);
      else holders.push(node.index);
    }
  }
  const holders = new Map<MadeRecord, readonly number[]>();
  for (const { parts } of made) {
    for (const { records } of parts) {
      for (const record of records) {
        const number = network.table.find(record.address);
        holders.set(record, (number === undefined ? undefined : byAddress.get(number)) ?? []);
      }
    }
  }
  return holders;
}

export interface Estimate {
  readonly mean: number;
  /** Standard error of the mean. */
  readonly error: number;
}

/** Share of the things that could be read after a fraction of the nodes failed, over so many draws of who fails. */
export function readableByPlacement(
  nodes: number,
  random: SimRandom,
  fraction: number,
  draws: number,
  made: readonly Made[],
  holders: ReadonlyMap<MadeRecord, readonly number[]>,
): Estimate {
  const failed = new Uint8Array(nodes);
  const order = Array.from({ length: nodes }, (_, index) => index);
  const shares = Array.from({ length: draws }, () => {
    failed.fill(0);
    random.shuffle(order);
    for (const index of order.slice(0, Math.round(nodes * fraction))) failed[index] = 1;
    const isThere = (record: MadeRecord): boolean => holders.get(record)!.some((node) => failed[node] === 0);
    return made.filter((each) => isReadable(each, isThere)).length / made.length;
  });
  const average = mean(shares);
  const variance = mean(shares.map((share) => (share - average) ** 2));
  return { mean: average, error: Math.sqrt(variance / draws) };
}
