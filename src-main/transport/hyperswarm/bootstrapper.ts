import { createSocket } from 'node:dgram';
import HyperDHT from 'hyperdht';

export interface Bootstrapper {
  readonly port: number;
  stop(): Promise<void>;
}

/** The first node of a DHT of its own on loopback, for practice networks. Resolves when it listens. */
export async function startBootstrapper(): Promise<Bootstrapper> {
  const port = await freePort();
  const dht = HyperDHT.bootstrapper(port, '127.0.0.1', { host: '127.0.0.1' });
  await dht.fullyBootstrapped();
  return { port, stop: () => dht.destroy() };
}

/** A bootstrapper must know its port beforehand: its id comes from it. Somebody may take the port in between: it then fails. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.once('error', reject);
    socket.bind(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}
