import type { LinkId, LinkInfo } from '../ports.ts';
import type { PeerListener } from './peer-links.ts';

/** What transfers are told of links, as search is. */
export interface TransferListener {
  onPeer(info: LinkInfo): void;
  onPeerDown(link: LinkId): void;
  holds(link: LinkId): boolean;
}

/** A link that routing does not use is there for search or for transfers: both are told of all, and it stays while one needs it. */
export function joinListeners(
  search: PeerListener | undefined,
  transfers: TransferListener | undefined,
): PeerListener | undefined {
  if (transfers === undefined) return search;
  return {
    onPeer(info, isNeighbour) {
      search?.onPeer(info, isNeighbour);
      transfers.onPeer(info);
    },
    onPurpose: (link, isNeighbour) => search?.onPurpose(link, isNeighbour),
    onPeerDown(link) {
      search?.onPeerDown(link);
      transfers.onPeerDown(link);
    },
    holds: (link) => search?.holds(link) === true || transfers.holds(link),
    onMessage: (link, bytes) => search?.onMessage(link, bytes),
  };
}
