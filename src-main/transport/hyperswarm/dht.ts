import type HyperDHT from 'hyperdht';

import { parseHostPort } from './addresses.ts';
import { DirectDht } from './direct-dht.ts';
import type { LinkTable } from './link-table.ts';
import type { Totals } from './totals.ts';

interface DhtChoice {
  readonly keyPair: HyperDHT.HyperKeyPair;
  /** HOST:PORT; the public ones when left out. */
  readonly bootstrap: readonly string[] | undefined;
  /** Address to bind. */
  readonly host: string | undefined;
  readonly port: number | undefined;
  /** Of the DHT, remembered from before. */
  readonly nodes: readonly HyperDHT.Address[];
}

/** Tells whether there is room for whoever dials, and is told of those for whom there was none. */
interface Crowding {
  readonly links: Pick<LinkTable, 'isCrowded'>;
  readonly totals: Pick<Totals, 'count'>;
}

/** The DHT as a transport uses it. */
export function createDht(
  { keyPair, bootstrap, host, port, nodes }: DhtChoice,
  { links, totals }: Crowding,
): DirectDht {
  const isLoopback = host?.startsWith('127.') ?? false;
  const options: ConstructorParameters<typeof HyperDHT>[0] = {
    keyPair,
    nodes,
    // Links have their own pings; those of the streams would only double them.
    connectionKeepAlive: false as const,
    ...(bootstrap === undefined
      ? {}
      : { bootstrap: bootstrap.map(parseHostPort).filter((address) => address !== undefined) }),
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    // On one machine nobody is behind a router, and each node serves the DHT, so that no single one is needed.
    ...(isLoopback ? { firewalled: false, ephemeral: false } : {}),
  };
  return new DirectDht(options, {
    isCrowded: () => links.isCrowded,
    onCrowded: () => totals.count('crowded'),
    now: () => performance.now(),
  });
}
