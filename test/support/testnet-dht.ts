import { createSocket } from 'node:dgram';

import HyperDHT from 'hyperdht';

/** A DHT on the loopback device, of one node that others bootstrap from. */
export interface TestnetDht {
  /** For the `bootstrap` option of a transport: HOST:PORT. */
  readonly bootstrap: readonly string[];
  stop(): Promise<void>;
}

/** Starts a DHT bootstrap on 127.0.0.1, on `port` or any free one. Resolves when it answers. */
export async function startTestnetDht(port?: number): Promise<TestnetDht> {
  const boundPort = port ?? (await freePort());
  const dht = HyperDHT.bootstrapper(boundPort, '127.0.0.1', { host: '127.0.0.1' });
  await dht.fullyBootstrapped();
  return {
    bootstrap: [`127.0.0.1:${boundPort}`],
    stop: () => dht.destroy({ force: true }),
  };
}

/** A UDP port that nobody had a moment ago. A bootstrapper must know its port beforehand: its id comes from it. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}
