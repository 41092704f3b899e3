/** Who has a file, as hubs know it; without hubs, as neighbours do. */
import { rootQuery } from '../../core/search/query.ts';
import type { KnownNode } from '../../core/ports.ts';
import type { Hit } from '../../core/search/entry.ts';
import type { SearchNetwork } from '../node/search-network.ts';

/** Sources that are looked for at once: more than one download can use. */
const WANTED = 64;
/** A query that matches nothing ends by itself before (targets: 10 s). */
const TIMEOUT_MS = 15_000;

/** Yields sources as hubs answer, and ends when no more is to be had, or the signal aborts. */
export async function* findSources(
  network: Pick<SearchNetwork, 'search'> | undefined,
  root: Uint8Array,
  signal: AbortSignal,
): AsyncGenerator<readonly KnownNode[]> {
  if (network === undefined || signal.aborted) return;
  const found: KnownNode[] = [];
  let ended = false;
  let wake = (): void => {};
  const search = network.search(
    rootQuery(root),
    { want: WANTED, timeoutMs: TIMEOUT_MS, anonymousOnly: false },
    {
      onHits(hits) {
        found.push(...hits.flatMap(sourceOf));
        wake();
      },
      onProgress() {},
      onDone() {
        ended = true;
        wake();
      },
    },
  );
  const onAbort = (): void => {
    ended = true;
    search.stop();
    wake();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    for (;;) {
      if (found.length > 0) yield found.splice(0);
      if (ended && found.length === 0) return;
      if (found.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    if (!ended) search.stop();
  }
}

function sourceOf(hit: Hit): KnownNode[] {
  if (hit.kind !== 'direct') return [];
  const { source: publicKey, host, port } = hit;
  return [{ publicKey, ...(host !== undefined && port !== undefined && { host, port }) }];
}
