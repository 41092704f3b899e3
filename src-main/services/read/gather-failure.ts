/** Why a publication could not be put together, in one sentence with its code, and what to do. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { RequestFailure } from '../block-network.ts';

export interface GatherTally {
  readonly k: number;
  readonly n: number;
  /** Shares that came and belong to the link. */
  readonly good: number;
  readonly shareIndices: readonly number[];
  /** Slots that are signed and yet unusable. */
  readonly badSlots: readonly number[];
  readonly failures: Readonly<Record<RequestFailure, number>>;
  /** Now, where it is known. */
  readonly neighbours: number | undefined;
}

export function gatherFailure(tally: GatherTally): BroadsideError {
  const { k, n, good, badSlots, failures } = tally;
  const came = `${good} of the ${k} shares that are needed came`;
  const list = plainList(badSlots);
  if (good >= k) {
    const which = plainList([...tally.shareIndices, ...badSlots].sort((a, b) => a - b));
    return new BroadsideError(
      'damaged',
      `The shares that came (${which}) do not fit together, in any choice of ${k} that was tried. Try again later: others may come.`,
    );
  }
  // What would have to be different for it to be readable says what kind of failure it is.
  const unknown = failures['no-route'] + failures.busy + failures.timeout + failures.cancelled;
  if (good + badSlots.length >= k && badSlots.length > 0) {
    return new BroadsideError(
      'damaged',
      `${came}, and ${sharesFailed(badSlots.length, list)}. Try again later: others may come.`,
    );
  }
  if (good + badSlots.length + unknown >= k && unknown > 0) {
    if (failures['no-route'] > 0 && tally.neighbours === 0) {
      return new BroadsideError(
        'offline',
        `This node has no neighbours, so nobody could be asked. ${capital(came)}. Wait until it is connected, then try again.`,
      );
    }
    if (failures['no-route'] >= failures.busy && failures['no-route'] > 0) {
      return new BroadsideError(
        'no-route',
        `${came}; for ${failures['no-route']} of ${n} there was no way to their places. See whether the node is connected, then try again.`,
      );
    }
    if (failures.busy > 0) {
      return new BroadsideError(
        'busy',
        `${came}; the nodes that were asked for ${failures.busy} others are busy. Try again in a minute.`,
      );
    }
  }
  const bad = badSlots.length > 0 ? `, ${sharesFailed(badSlots.length, list)}` : '';
  const silent = failures.timeout > 0 ? `, ${failures.timeout} did not answer in time` : '';
  if (good === 0 && badSlots.length === 0 && unknown === 0) {
    return new BroadsideError(
      'not-found',
      `None of its ${n} shares is at the nodes near their places. Check the link, or try again later: the nodes that hold it may be away.`,
    );
  }
  return new BroadsideError(
    'not-found',
    `${came}: ${failures['not-found']} of ${n} are at none of the nodes near their places${silent}${bad}. Try again later: the nodes that hold them may be away.`,
  );
}

function sharesFailed(count: number, list: string): string {
  return count === 1 ? `share ${list} failed its check` : `shares ${list} failed their check`;
}

function plainList(numbers: readonly number[]): string {
  if (numbers.length <= 1) return numbers.join('');
  return `${numbers.slice(0, -1).join(', ')} and ${numbers.at(-1)}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
