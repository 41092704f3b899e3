/** Every checker at once, for runs that look for faults. */
import type { Network } from '../engine/network.ts';
import { AcknowledgedKept } from './acknowledged-kept.ts';
import { AnswersArrive } from './answers-arrive.ts';
import { BoundedTables } from './bounded-tables.ts';
import { Watch } from './checker.ts';
import { VerifiedRecords } from './verified-records.ts';
import { WellFormed } from './well-formed.ts';

/** Tables and operations are looked at so often, in simulated time. */
const INSPECT_EVERY_MS = 5_000;

export interface FullWatch {
  readonly watch: Watch;
  readonly acknowledged: AcknowledgedKept;
}

export function watchEverything(network: Network): FullWatch {
  const watch = new Watch(network);
  watch.add((...given) => new VerifiedRecords(...given));
  watch.add((...given) => new BoundedTables(...given));
  watch.add((...given) => new AnswersArrive(...given));
  watch.add((...given) => new WellFormed(...given));
  const acknowledged = watch.add((...given) => new AcknowledgedKept(...given));
  watch.every(INSPECT_EVERY_MS);
  return { watch, acknowledged };
}
