/** Reading and writing the slots of short addresses: all at once, within a time that a caller can wait for. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { Crypto, Random } from '../../core/ports.ts';
import type { BlockNetwork, InsertFailure, RequestFailure } from '../block-network.ts';
import { throwIfAborted } from '../flow/waiting.ts';
import type { Clock } from '../jobs/clock.ts';
import { SlotRequests } from '../read/slot-requests.ts';

/**
 * A look-up takes no longer, whatever is still out: a call has a minute, and some of them look and then write. A slot that is
 * there is found in a second or two.
 */
export const LOOK_UP_MS = 15_000;
/** An insert likewise. */
export const PLACING_MS = 20_000;

export interface SlotDeps {
  readonly network: BlockNetwork;
  readonly clock: Clock;
  readonly crypto: Crypto;
  readonly random: Random;
  /** Neighbours now. */
  readonly neighbours: () => number;
  /** Aborted when the program ends. */
  readonly closing: AbortSignal;
}

export interface SlotsRead {
  /** In the order of the addresses; undefined where nothing came. */
  readonly records: readonly (Uint8Array | undefined)[];
  readonly failures: Readonly<Record<RequestFailure, number>>;
}

/** Asks for all; those that failed once more, by another way, up to `retries` times. Rejects only by the signal. */
export async function readSlots(
  deps: SlotDeps,
  addresses: readonly Uint8Array[],
  options: { readonly retries: number; readonly signal?: AbortSignal | undefined; readonly skipOwn?: boolean },
): Promise<SlotsRead> {
  const { network, clock } = deps;
  const endMs = clock.monotonicMs() + LOOK_UP_MS;
  const records: (Uint8Array | undefined)[] = addresses.map(() => undefined);
  const requests = new SlotRequests({
    network,
    clock,
    addresses,
    order: addresses.map((_, position) => position + 1),
    signal: eitherOf(deps.closing, options.signal),
    ...(options.skipOwn === undefined ? {} : { skipOwn: options.skipOwn }),
  });
  try {
    requests.ask(addresses.length);
    let retries = options.retries;
    for (;;) {
      const leftMs = endMs - clock.monotonicMs();
      if (leftMs <= 0) break;
      const answer = await requests.next(leftMs);
      if (answer?.ok === true) {
        records[answer.index - 1] = answer.record;
        requests.mark(answer.index, 'found');
      } else if (answer === undefined && requests.inFlight === 0) {
        if (retries === 0 || (await requests.retryFailed()) === 0) break;
        retries -= 1;
      }
    }
    return { records, failures: requests.failures() };
  } finally {
    requests.close();
  }
}

/** Why nothing was found. `absent` says it where the network answered. */
export function lookUpError(deps: SlotDeps, failures: SlotsRead['failures'], absent: string): BroadsideError {
  if (deps.neighbours() === 0) {
    return new BroadsideError(
      'offline',
      'This node has no neighbours, so nobody could be asked. Wait until it is connected, then try again.',
    );
  }
  if (failures['not-found'] > 0) return new BroadsideError('not-found', absent);
  if (failures['no-route'] > 0) {
    return new BroadsideError(
      'no-route',
      'No neighbour knew a way to where this address leads. See whether the node is connected, then try again.',
    );
  }
  return new BroadsideError(
    'busy',
    'The nodes that were asked for this address are busy or silent. Try again in a minute.',
  );
}

/** Inserts within PLACING_MS; what failed of it, or undefined. Rejects only by the signal. */
export async function placeSlot(
  deps: SlotDeps,
  record: Uint8Array,
  givenUp?: AbortSignal,
): Promise<InsertFailure | undefined> {
  const signal = eitherOf(deps.closing, givenUp);
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const cancel = deps.clock.after(PLACING_MS, stop);
  try {
    const outcome = await deps.network.insert(record, { priority: 'interactive', signal: abort.signal });
    throwIfAborted(signal);
    if (outcome.ok) return undefined;
    return outcome.code === 'cancelled' ? 'timeout' : outcome.code;
  } finally {
    cancel();
    signal.removeEventListener('abort', stop);
  }
}

function eitherOf(closing: AbortSignal, givenUp: AbortSignal | undefined): AbortSignal {
  return givenUp === undefined ? closing : AbortSignal.any([closing, givenUp]);
}

/** Why nothing could be placed. */
export function placingError(deps: SlotDeps, failures: readonly InsertFailure[]): BroadsideError {
  if (deps.neighbours() === 0) {
    return new BroadsideError(
      'offline',
      'It could not be sent: this node has no neighbours. Check the connection, then try again.',
    );
  }
  if (failures.includes('full')) {
    return new BroadsideError(
      'no-space',
      'It could not be placed: the nodes that should hold it have no room. Try again later.',
    );
  }
  if (failures.includes('busy') || failures.includes('timeout')) {
    return new BroadsideError(
      'busy',
      'It could not be placed: the nodes that should hold it are busy or silent. Try again in some minutes.',
    );
  }
  return new BroadsideError(
    'no-route',
    'It could not be sent: no neighbour could pass it on. See whether the node is connected, then try again.',
  );
}
