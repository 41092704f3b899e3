import { bytesEqual } from '../../shared/base/bytes.ts';
import { startBootstrapper } from '../../src-main/transport/hyperswarm/bootstrapper.ts';
import type { HyperswarmTransport } from '../../src-main/transport/hyperswarm/transport.ts';
import { createHyperswarmTransport } from '../../src-main/transport/hyperswarm/transport.ts';
import { createMemoryNetwork } from '../../src-main/transport/memory/transport.ts';
import { testKeyPair } from '../support/transport-peer.ts';
import { testTransport } from './transport-suite.ts';
import type { TransportWorld } from './transport-suite.ts';

testTransport('memory', async () => {
  const network = createMemoryNetwork();
  return {
    create: (number) =>
      network.createTransport({ publicKey: testKeyPair(number).publicKey, host: '127.0.0.1', port: 4_000 + number }),
    describe: ({ publicKey }) => {
      const number = [0, 1, 2, 3, 4].find((each) => bytesEqual(testKeyPair(each).publicKey, publicKey))!;
      return { publicKey, host: '127.0.0.1', port: 4_000 + number };
    },
    stop: async () => {},
  };
});

function hyperswarmWorld(tcp: boolean): () => Promise<TransportWorld> {
  return async () => {
    const dht = await startBootstrapper();
    return {
      create: (number) =>
        createHyperswarmTransport({
          keyPair: testKeyPair(number),
          network: 'contract',
          bootstrap: dht.bootstrap,
          host: '127.0.0.1',
          maxLinks: 8,
          floorLinks: 0,
          limits: { upBytesPerSecond: 0, downBytesPerSecond: 0 },
          tcp,
        }),
      describe: (transport) => ({ publicKey: transport.publicKey, ...(transport as HyperswarmTransport).address() }),
      stop: () => dht.stop(),
    };
  };
}

testTransport('hyperswarm', hyperswarmWorld(true));
// UDX takes four times as long for them, and more on a busy machine.
testTransport('hyperswarm, over UDX alone', hyperswarmWorld(false), 1_500);
