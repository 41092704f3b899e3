/** What others did to this node that they should not, put together from the core's counts and the transport's. */
import { FAULT_KINDS } from '../../../shared/ipc/network-model.ts';
import type { FaultKind, Status } from '../../../shared/ipc/network-model.ts';
import type { Statistics } from '../../core/routing/statistics.ts';

/** The transport's reasons for ending a link or a connection, by the fault that each is. */
const BY_CLOSING: Readonly<Record<string, FaultKind>> = {
  violation: 'broken-frames',
  oversized: 'oversized',
  overrun: 'overrun',
  'too-slow': 'too-slow',
  'handshake-timeout': 'handshake',
  crowded: 'crowded',
  full: 'no-room',
  prefix: 'no-room',
};

/** `closings`: since the start, by reason. Kinds that did not happen are left out. */
export function faultsOf(
  statistics: Statistics | undefined,
  closings: Readonly<Record<string, number>>,
): Status['faults'] {
  const counts = new Map<FaultKind, number>();
  const add = (kind: FaultKind, count: number): void => void counts.set(kind, (counts.get(kind) ?? 0) + count);
  if (statistics !== undefined) {
    add('garbage', statistics.garbage);
    add('hung-up', statistics.hungUp);
    add('no-hello', statistics.helloless);
    add('no-room', statistics.turnedAway);
    add('overload', statistics.refused);
    add('over-budget', statistics.overBudget);
    add('flood', statistics.floods);
    add('repeated', statistics.loops);
    add('stray', statistics.stray);
    add('contradiction', statistics.contradictions);
  }
  for (const [reason, count] of Object.entries(closings)) {
    const kind = BY_CLOSING[reason];
    if (kind !== undefined) add(kind, count);
  }
  return Object.fromEntries(FAULT_KINDS.flatMap((kind) => (counts.get(kind) ? [[kind, counts.get(kind)]] : [])));
}
