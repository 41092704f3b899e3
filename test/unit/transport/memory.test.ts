import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { createMemoryNetwork } from '../../../src-main/transport/memory/transport.ts';
import { TransportPeer, testKeyPair } from '../../support/transport-peer.ts';

describe('memory network', () => {
  it('does nothing but what the scheduler runs, and the same each time', async () => {
    async function run(): Promise<string[]> {
      const tasks: Array<() => void> = [];
      const log: string[] = [];
      const network = createMemoryNetwork({ schedule: (task) => void tasks.push(task), meet: 2 });
      const peers: TransportPeer[] = [];
      for (let number = 0; number < 5; number += 1) {
        const peer = new TransportPeer(network.createTransport({ publicKey: testKeyPair(number).publicKey }));
        peer.onMessage = ({ link, bytes }) => void log.push(`${number} got ${bytes.length} on ${link}`);
        peers.push(await peer.start());
      }
      assert.deepEqual(
        peers.map((peer) => peer.ups),
        [0, 0, 0, 0, 0],
      );
      while (tasks.length > 0) tasks.shift()!();
      for (const peer of peers)
        for (const link of peer.links.keys()) peer.transport.send(link, 'route', new Uint8Array(link));
      while (tasks.length > 0) tasks.shift()!();
      log.push(...peers.map((peer) => [...peer.links.keys()].join()));
      return log;
    }
    const first = await run();
    assert.ok(first.length > 10);
    assert.deepEqual(await run(), first);
  });

  it('cuts, blocks and heals', async () => {
    const network = createMemoryNetwork();
    const [a, b] = await Promise.all(
      [0, 1].map((number) =>
        new TransportPeer(
          network.createTransport({ publicKey: testKeyPair(number).publicKey, host: '10.0.0.1' }),
        ).start(),
      ),
    );
    const keys = [a!.transport.publicKey, b!.transport.publicKey] as const;
    a!.transport.dial({ publicKey: keys[1] });
    const link = await a!.linkedTo(b!);
    assert.equal(a!.links.get(link)!.host, '10.0.0.1');
    network.cut(...keys);
    assert.deepEqual([a!.links.size, b!.links.size], [0, 0]);
    network.block(...keys);
    a!.transport.dial({ publicKey: keys[1] });
    await Promise.resolve();
    assert.equal(a!.links.size, 0);
    network.heal(...keys);
    a!.transport.dial({ publicKey: keys[1] });
    await a!.linkedTo(b!);
  });

  it('does not run two nodes of one key', async () => {
    const network = createMemoryNetwork();
    const create = (): TransportPeer =>
      new TransportPeer(network.createTransport({ publicKey: testKeyPair(0).publicKey }));
    const first = await create().start();
    await assert.rejects(create().start());
    await first.transport.stop();
    await create().start();
  });
});
