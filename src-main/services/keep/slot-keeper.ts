/** Holds every slot of a publication here, and puts back what nobody else has: records as they were signed, keys unneeded. */
import type { PublicationLink } from '../../../shared/base/links.ts';
import type { Share } from '../../../shared/ipc/model.ts';
import type { BlockStore } from '../../core/ports.ts';
import { insertRecord } from '../publish/uploader.ts';
import type { ReadDeps } from '../read/block-fetcher.ts';
import { gatherFailure } from '../read/gather-failure.ts';
import { placesOf } from '../read/gather.ts';
import type { Moved } from '../read/gather.ts';
import { shuffled } from '../read/share-combinations.ts';
import { SlotEvidence } from '../read/slot-evidence.ts';
import { SlotRequests } from '../read/slot-requests.ts';
import type { KeptNetwork } from './kept-network.ts';

const TELL_EVERY_MS = 250;

export interface KeptSlots {
  /** Of the newest edition that the link leads to. */
  readonly link: PublicationLink;
  readonly evidence: SlotEvidence;
  readonly shares: readonly Share[];
  /** Held here, the ones that are damaged left out. */
  readonly held: number;
  readonly putBack: number;
}

export interface SlotKeeperDeps extends ReadDeps {
  readonly kept: BlockStore;
  readonly keptNetwork: KeptNetwork;
}

/**
 * Looks at every slot of one edition past what is held here. Where one leads on, that is the outcome: nothing of an older
 * edition is put back. Throws BroadsideError: deleted, offline, no-route or busy when nobody could be asked, cancelled.
 */
export async function keepSlots(
  deps: SlotKeeperDeps,
  link: PublicationLink,
  signal: AbortSignal,
  onShares: (shares: Share[]) => void,
): Promise<KeptSlots | Moved> {
  const places = placesOf(deps, link);
  const requests = new SlotRequests({
    network: deps.network,
    clock: deps.clock,
    addresses: places.map(({ address }) => address),
    order: shuffled(
      places.map(({ index }) => index),
      deps.random,
    ),
    skipOwn: true,
    signal,
  });
  const evidence = new SlotEvidence(deps.crypto, link, places);
  const present = new Set<number>();
  const absent = new Set<number>();
  try {
    requests.ask(link.n);
    for (;;) {
      onShares(requests.shares());
      const answer = await requests.next(TELL_EVERY_MS);
      if (answer === undefined) {
        if (requests.inFlight === 0 && (await requests.retryFailed()) === 0) break;
        continue;
      }
      absent.delete(answer.index);
      if (!answer.ok) {
        if (answer.code === 'not-found') absent.add(answer.index);
        continue;
      }
      const isSound = evidence.add(answer.index, answer.record);
      requests.mark(answer.index, isSound ? 'found' : 'bad');
      // Read for its own sake, so that a deletion ends it at once.
      evidence.moved();
      if (!isSound) continue;
      present.add(answer.index);
      await deps.keptNetwork.hold(places[answer.index - 1]!.address, answer.record);
    }
    const moved = evidence.moved();
    if (moved !== undefined) return moved;
    const failures = requests.failures();
    if (failures['no-route'] + failures.busy === link.n) {
      const nothing = { good: 0, badSlots: [], shareIndices: [] };
      throw gatherFailure({ ...nothing, k: link.k, n: link.n, failures, neighbours: deps.neighbours?.() });
    }
    let putBack = 0;
    let held = present.size;
    for (const { index, address } of places) {
      if (present.has(index)) continue;
      const record = await deps.kept.get(address);
      // What is held may have been damaged, or be from before the link was made.
      if (record === undefined || !evidence.add(index, record) || evidence.moved() !== undefined) continue;
      held += 1;
      if (!absent.has(index)) continue;
      const outcome = await insertRecord(deps, record, 'bulk', signal, () => undefined);
      if (!outcome.ok) continue;
      putBack += 1;
      requests.mark(index, 'found');
      onShares(requests.shares());
    }
    return { link, evidence, shares: requests.shares(), held, putBack };
  } finally {
    requests.close();
  }
}
