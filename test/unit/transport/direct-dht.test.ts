/** Which addresses are known to be a relay’s, and handshakes by turns. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { startBootstrapper } from '../../../src-main/transport/hyperswarm/bootstrapper.ts';
import { DirectDht } from '../../../src-main/transport/hyperswarm/direct-dht.ts';
import { testKeyPair } from '../../support/transport-peer.ts';

it('tells the address of a relay from that of a node that was dialled', { timeout: 30_000 }, async () => {
  const boot = await startBootstrapper();
  const dhts = [0, 1, 2].map(() => new DirectDht({ bootstrap: boot.bootstrap, host: '127.0.0.1', firewalled: false }));
  const [near, relay, dialler] = dhts as [DirectDht, DirectDht, DirectDht];
  const keys = [near, relay].map((_, number) => {
    const { publicKey, secretKey } = testKeyPair(number);
    return { publicKey: Buffer.from(publicKey), secretKey: Buffer.from(secretKey) };
  });
  for (const [number, dht] of [near, relay].entries()) {
    await dht.createServer({}, (stream) => stream.on('error', () => {})).listen(keys[number]!);
  }
  const opened = async (stream: ReturnType<DirectDht['connect']>): Promise<readonly [string, number]> => {
    stream.on('error', () => {});
    await new Promise((resolve) => stream.once('open', resolve));
    return [stream.rawStream!.remoteHost!, stream.rawStream!.remotePort];
  };
  const direct = await opened(dialler.connect(keys[0]!.publicKey, {}));
  const relayed = await opened(dialler.connect(keys[1]!.publicKey)); // as HyperDHT itself does
  assert.equal(dialler.isRelay(...direct), false);
  assert.equal(dialler.isRelay(...relayed), true);
  await Promise.all(dhts.map((dht) => dht.destroy({ force: true })));
  await boot.stop();
});

it(
  'takes all of many that dial at once, by turns, and answers nobody while it is crowded',
  { timeout: 60_000 },
  async () => {
    const boot = await startBootstrapper();
    const options = { bootstrap: boot.bootstrap, host: '127.0.0.1', firewalled: false };
    const { publicKey, secretKey } = testKeyPair(0);
    let isCrowded = false;
    const refused = Promise.withResolvers<void>();
    const keyPair = { publicKey: Buffer.from(publicKey), secretKey: Buffer.from(secretKey) };
    const called = new DirectDht(
      { ...options, keyPair },
      { isCrowded: () => isCrowded, onCrowded: () => refused.resolve(), now: () => performance.now() },
    );
    const caller = new DirectDht(options);
    let taken = 0;
    const server = called.createServer({}, (stream) => {
      taken += 1;
      stream.on('error', () => {});
    });
    await server.listen(keyPair);
    const address = { host: '127.0.0.1', port: called.localAddress()!.port };
    const dial = (number: number): Promise<boolean> => {
      const own = testKeyPair(number);
      const stream = caller.connect(keyPair.publicKey, {
        keyPair: { publicKey: Buffer.from(own.publicKey), secretKey: Buffer.from(own.secretKey) },
        relayAddresses: [address],
      });
      stream.on('error', () => {});
      return new Promise((resolve) => {
        stream.once('open', () => resolve(true));
        stream.once('close', () => resolve(false));
      });
    };
    const opened = await Promise.all(Array.from({ length: 40 }, (_, index) => dial(1 + index)));
    assert.equal(opened.filter(Boolean).length, 40);
    assert.equal(taken, 40);
    isCrowded = true;
    const late = dial(100);
    await refused.promise;
    await Promise.all([called, caller].map((dht) => dht.destroy({ force: true })));
    assert.equal(await late, false);
    assert.equal(taken, 40);
    await boot.stop();
  },
);
