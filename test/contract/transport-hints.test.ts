/** Addresses that come with a key are what somebody said: they must not hold a dial up, nor make nodes send to a victim. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import type { KnownNode } from '../../src-main/core/ports.ts';
import { startBootstrapper } from '../../src-main/transport/hyperswarm/bootstrapper.ts';
import type { Bootstrapper } from '../../src-main/transport/hyperswarm/bootstrapper.ts';
import { createHyperswarmTransport } from '../../src-main/transport/hyperswarm/transport.ts';
import type { HyperswarmTransport } from '../../src-main/transport/hyperswarm/transport.ts';
import { TransportPeer, testKeyPair } from '../support/transport-peer.ts';

/** The real route is found this much later at most, on a busy machine: the wait for an answer is 0.7 s (hints.ts). */
const MAX_DELAY_MS = 3_000;

describe('addresses that come with a key', { timeout: 120_000 }, () => {
  let dht: Bootstrapper;
  let dialler: TransportPeer;
  let victim: Socket;
  let failedDials = 0;
  let packets = 0;
  const peers: TransportPeer[] = [];

  async function start(number: number): Promise<TransportPeer> {
    const peer: TransportPeer = new TransportPeer(
      createHyperswarmTransport({
        keyPair: testKeyPair(number),
        network: 'hints',
        bootstrap: dht.bootstrap,
        host: '127.0.0.1',
        maxLinks: 64,
        floorLinks: 0,
        limits: { upBytesPerSecond: 0, downBytesPerSecond: 0 },
        onDialFailed: () => {
          failedDials += 1;
          peer.wake();
        },
      }),
    );
    peers.push(peer);
    return peer.start();
  }

  before(async () => {
    dht = await startBootstrapper();
    dialler = await start(0);
    // It speaks no protocol of ours, and counts what it is sent.
    victim = createSocket('udp4', () => (packets += 1));
    victim.bind(0, '127.0.0.1');
    await once(victim, 'listening');
  });

  after(async () => {
    await Promise.all(peers.map((peer) => peer.transport.stop()));
    await dht.stop();
    victim.close();
  });

  function at(number: number, port: number): KnownNode {
    return { publicKey: testKeyPair(number).publicKey, host: '127.0.0.1', port };
  }

  /** As the core does: asks again when a dial came to nothing, as it may while the other's announcement is on its way. */
  async function msToLink(other: TransportPeer, node: KnownNode): Promise<number> {
    const startedMs = performance.now();
    const isLinked = (): boolean => dialler.linkTo(other.transport.publicKey) !== undefined;
    while (!isLinked()) {
      const before = failedDials;
      dialler.transport.dial(node);
      await dialler.until('a link, or the end of the dial', () => isLinked() || failedDials > before);
    }
    return performance.now() - startedMs;
  }

  it('a wrong or a dead one delays the real route by the wait for an answer, and a right one by nothing', async (context) => {
    const [right, without, dead, wrong] = [await start(1), await start(2), await start(3), await start(4)];
    const portOf = (peer: TransportPeer): number => (peer.transport as HyperswarmTransport).address()!.port;
    const times = {
      right: await msToLink(right, at(1, portOf(right))),
      without: await msToLink(without, { publicKey: without.transport.publicKey }),
      dead: await msToLink(dead, at(3, victim.address().port)),
      // Another node's: it answers, and does not know the key.
      wrong: await msToLink(wrong, at(4, portOf(right))),
    };
    context.diagnostic(
      Object.entries(times)
        .map(([name, ms]) => `${name} ${ms.toFixed(0)} ms`)
        .join(', '),
    );
    for (const [name, ms] of Object.entries(times)) assert.ok(ms < times.without + MAX_DELAY_MS, `${name}: ${ms} ms`);
  });

  it('a hundred keys said to be at the address of a victim bring it a few packets', async (context) => {
    const before = { packets, failedDials };
    let asked = 0;
    while (asked < 100) {
      // As many as may wait at once, in two parts.
      for (const end = asked + 50; asked < end; asked += 1)
        dialler.transport.dial(at(1_000 + asked, victim.address().port));
      await dialler.until('the end of the dials', () => failedDials - before.failedDials >= asked, 60_000);
    }
    context.diagnostic(`${packets - before.packets} packets`);
    assert.ok(packets - before.packets <= 6, `${packets - before.packets} packets`);
  });

  it('addresses that no machine has are not sent to, and the key is looked for all the same', async () => {
    const other = await start(5);
    for (const host of ['0.0.0.0', '255.255.255.255', '224.0.0.1', 'not an address', '127.0.0.1.']) {
      dialler.transport.dial({ publicKey: testKeyPair(2_000).publicKey, host, port: victim.address().port });
    }
    assert.ok((await msToLink(other, { ...at(5, 1), host: '255.255.255.255' })) < 10_000);
  });
});
