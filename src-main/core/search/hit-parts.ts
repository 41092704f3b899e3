/** Hits in messages that are not too long; who does not read loses the rest, and is told the end all the same. */
import { SEARCH_PART_BYTES } from '../limits.ts';
import type { HitsEnd } from '../wire/search-messages.ts';
import type { Hit } from './entry.ts';
import type { Peers, SearchPeer } from './peers.ts';

/** Bytes of a hit beside its texts: kind, root or link, numbers, contact. */
const HIT_BYTES = 160;

export function sendHits(
  peers: Peers,
  to: SearchPeer,
  id: Uint8Array,
  hits: readonly Hit[],
  end: HitsEnd | undefined,
): void {
  if (to.congested && end === undefined) return;
  let part: Hit[] = [];
  let bytes = 0;
  for (const hit of hits) {
    const size = hitBytes(hit);
    if (bytes + size > SEARCH_PART_BYTES) {
      peers.send(to, { type: 'hits', id, hits: part });
      part = [];
      bytes = 0;
    }
    part.push(hit);
    bytes += size;
  }
  const last = { type: 'hits', id, hits: part } as const;
  if (end !== undefined) peers.send(to, { ...last, end });
  else if (part.length > 0) peers.send(to, last);
}

/** At most: a unit of UTF-16 is three bytes of UTF-8. */
function hitBytes(hit: Hit): number {
  if (hit.kind === 'direct') return HIT_BYTES + 3 * (hit.entry.name.length + hit.entry.folder.length);
  const { title, keywords } = hit.entry;
  return HIT_BYTES + 3 * (title.length + keywords.reduce((sum, keyword) => sum + keyword.length + 1, 0));
}
