/** Which addresses are known to be a relay's. */
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
