import type { CloseReason } from './close-reason.ts';
import type { Connection } from './connection.ts';
import type { LinkCounters } from './options.ts';

interface Bytes {
  readonly inBytes: number;
  readonly outBytes: number;
}

/** What all links have carried, and why those that ended did, since the start. */
export class Totals {
  readonly #closings = new Map<CloseReason, number>();
  #inBytes = 0;
  #outBytes = 0;

  get closings(): LinkCounters {
    return Object.fromEntries(this.#closings) as LinkCounters;
  }

  count(reason: CloseReason): void {
    this.#closings.set(reason, (this.#closings.get(reason) ?? 0) + 1);
  }

  /** A link ended. */
  keep(connection: Connection): void {
    const { inBytes, outBytes } = ownTraffic(connection);
    this.#inBytes += inBytes;
    this.#outBytes += outBytes;
  }

  /** With those links that are up. */
  traffic(links: Iterable<Connection>): Bytes {
    let [inBytes, outBytes] = [this.#inBytes, this.#outBytes];
    for (const connection of links) {
      const own = ownTraffic(connection);
      inBytes += own.inBytes;
      outBytes += own.outBytes;
    }
    return { inBytes, outBytes };
  }
}

/** What went by this connection itself: what a neighbour carries is counted on the link to that. */
function ownTraffic({ relay, traffic }: Connection): Bytes {
  if (relay !== undefined) return { inBytes: 0, outBytes: 0 };
  const { inBytes, outBytes, inBytesBefore, outBytesBefore } = traffic;
  return { inBytes: inBytes - inBytesBefore, outBytes: outBytes - outBytesBefore };
}
