import { createSocket } from 'node:dgram';
import { once } from 'node:events';

import HyperDHT from 'hyperdht';

export interface Bootstrapper {
  /** For the `bootstrap` option of a transport: HOST:PORT. */
  readonly bootstrap: readonly string[];
  /** Ends at once, without a word to the others. */
  stop(): Promise<void>;
}

/** Starts the first node of a DHT of its own on loopback, for practice networks. Resolves when it answers. */
export async function startBootstrapper(): Promise<Bootstrapper> {
  const port = await freePort();
  const dht = HyperDHT.bootstrapper(port, '127.0.0.1', { host: '127.0.0.1' });
  await dht.fullyBootstrapped();
  return { bootstrap: [`127.0.0.1:${port}`], stop: () => dht.destroy({ force: true }) };
}

/** A bootstrapper must know its port beforehand: its id comes from it. Somebody may take the port in between: it then fails. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}
