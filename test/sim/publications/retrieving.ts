/** Reads things as the app does: each by one reader, every record asked for again for some reasons, as often as it asks. */
import {
  MAX_NOT_FOUND_TRIES,
  MAX_TRIES,
  RETRY_AFTER_MS as BLOCK_RETRY_AFTER_MS,
} from '../../../src-main/services/read/block-fetcher.ts';
import {
  MAX_SLOT_RETRIES,
  RETRY_AFTER_MS as SLOT_RETRY_AFTER_MS,
} from '../../../src-main/services/read/slot-requests.ts';
import { KIND_SLOT } from '../../../src-main/core/wire/record.ts';
import type { Network } from '../engine/network.ts';
import type { SimRandom } from '../engine/random.ts';
import type { SimNode } from '../engine/sim-node.ts';
import { PER_NODE_PER_SECOND } from '../workloads/measured-requests.ts';
import type { MadeRecord } from '../workloads/records.ts';
import { OPERATION_LIMIT_MS } from '../workloads/spread.ts';
import type { Made } from './made.ts';

interface Task {
  readonly reader: SimNode;
  readonly record: MadeRecord;
}

interface Tries {
  all: number;
  notFound: number;
}

/** Asks for every record of every thing, and says which were found. Each thing has a reader of its own. */
export function retrieveAll(
  network: Network,
  random: SimRandom,
  readers: readonly SimNode[],
  made: readonly Made[],
): Set<MadeRecord> {
  const tasks: Task[] = made.flatMap((each) => {
    const reader = random.pick(readers);
    return each.parts.flatMap(({ records }) => records.map((record) => ({ reader, record })));
  });
  // In no order, so that no reader has all of its requests out at once.
  random.shuffle(tasks);
  const found = new Set<MadeRecord>();
  let ended = 0;
  const ask = ({ reader, record }: Task, tries: Tries): void => {
    network.startRequest(reader, record.address, { kind: record.kind }, (result) => {
      tries.all += 1;
      if (!result.ok && result.code === 'not-found') tries.notFound += 1;
      if (result.ok) found.add(record);
      else if (isTriedAgain(record, tries)) {
        network.later(pauseMs(record, tries), () => ask({ reader, record }, tries));
        return;
      }
      ended += 1;
    });
  };
  const perSecond = readers.length * PER_NODE_PER_SECOND;
  let atMs = network.nowMs;
  for (const task of tasks) {
    network.at(atMs, () => ask(task, { all: 0, notFound: 0 }));
    atMs += random.exponential(1_000 / perSecond);
  }
  network.runUntil(() => ended === tasks.length, atMs - network.nowMs + MAX_TRIES * OPERATION_LIMIT_MS);
  return found;
}

function isTriedAgain(record: MadeRecord, tries: Tries): boolean {
  if (record.kind === KIND_SLOT) return tries.all <= MAX_SLOT_RETRIES;
  return tries.all < MAX_TRIES && tries.notFound < MAX_NOT_FOUND_TRIES;
}

function pauseMs(record: MadeRecord, tries: Tries): number {
  return record.kind === KIND_SLOT ? SLOT_RETRY_AFTER_MS : BLOCK_RETRY_AFTER_MS * 2 ** (tries.all - 1);
}
