/**
 * A node in a process of its own, for tests that kill it: `fork` with [number, bootstrap]. Sends its address when it
 * listens, and sends messages of 1 KB to every link as fast as each takes them, as traffic in flight.
 */
import { createHyperswarmTransport } from '../../src-main/transport/hyperswarm/transport.ts';
import { testKeyPair } from './transport-peer.ts';

const transport = createHyperswarmTransport({
  keyPair: testKeyPair(Number(process.argv[2])),
  network: 'child',
  bootstrap: [process.argv[3]!],
  host: '127.0.0.1',
  maxLinks: 8,
  floorLinks: 0,
  limits: { upBytesPerSecond: 100_000, downBytesPerSecond: 0 },
});
const fill = (link: number): void => {
  while (transport.send(link, 'route', new Uint8Array(1_000)));
};
await transport.start({
  linkUp: ({ link }) => fill(link),
  linkDown: () => {},
  message: () => {},
  writable: fill,
});
process.send!(transport.address());
