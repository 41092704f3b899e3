/** Which edition of a publication is the newest, from a few of its slots: nothing of its contents is asked for. */
import type { PublicationLink } from '../../../shared/base/links.ts';
import type { ReadDeps } from './block-fetcher.ts';
import { followLinks, placesOf } from './gather.ts';
import type { Moved } from './gather.ts';
import { shuffled } from './share-combinations.ts';
import { SlotEvidence } from './slot-evidence.ts';
import { SlotRequests } from './slot-requests.ts';

/** Slots asked for: one that verifies is enough, for its publisher signed it; the others are for nodes that are gone. Guess. */
const ASKED_SLOTS = 3;
const WAIT_MS = 1_000;

/**
 * Undefined when no slot came. Throws BroadsideError `deleted`, `damaged` for editions that lead to each other in a circle,
 * `cancelled`.
 */
export async function newestEdition(
  deps: ReadDeps,
  link: PublicationLink,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const { edition } = await followLinks(link, (current) => look(deps, current, signal));
  return edition;
}

async function look(
  deps: ReadDeps,
  link: PublicationLink,
  signal: AbortSignal | undefined,
): Promise<{ readonly edition: number | undefined } | Moved> {
  const places = placesOf(deps, link);
  const indices = places.map(({ index }) => index);
  const requests = new SlotRequests({
    network: deps.network,
    clock: deps.clock,
    addresses: places.map(({ address }) => address),
    order: shuffled(indices, deps.random),
    ...(signal === undefined ? {} : { signal }),
  });
  const evidence = new SlotEvidence(deps.crypto, link, places);
  try {
    requests.ask(ASKED_SLOTS);
    for (;;) {
      const answer = await requests.next(WAIT_MS);
      if (answer?.ok === true) {
        requests.mark(answer.index, evidence.add(answer.index, answer.record) ? 'found' : 'bad');
      } else if (answer === undefined && requests.inFlight === 0 && (await requests.retryFailed()) === 0) break;
    }
    return evidence.moved() ?? { edition: evidence.edition };
  } finally {
    requests.close();
  }
}
