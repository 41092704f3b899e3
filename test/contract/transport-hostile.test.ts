import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';

import HyperDHT from 'hyperdht';
import Protomux from 'protomux';

import { startBootstrapper } from '../../src-main/transport/hyperswarm/bootstrapper.ts';
import type { Bootstrapper } from '../../src-main/transport/hyperswarm/bootstrapper.ts';
import { encodeControl } from '../../src-main/transport/hyperswarm/control.ts';
import { OFFERED_CHANNELS } from '../../src-main/transport/hyperswarm/connection.ts';
import { createHyperswarmTransport } from '../../src-main/transport/hyperswarm/transport.ts';
import type { HyperswarmTransport } from '../../src-main/transport/hyperswarm/transport.ts';
import { TransportPeer, testKeyPair } from '../support/transport-peer.ts';

/** Opens channel `id` for a protocol, as Protomux encodes it. */
function openFrame(id: number, protocol: string): Buffer {
  return Buffer.from([0, 1, id, protocol.length, ...Buffer.from(protocol), 0]);
}

describe('hyperswarm transport and hostile peers', { timeout: 120_000 }, () => {
  let dht: Bootstrapper;
  let attacker: HyperDHT;
  let victim: TransportPeer;
  let friend: TransportPeer;
  let friendLink: number;

  function create(number: number): HyperswarmTransport {
    return createHyperswarmTransport({
      keyPair: testKeyPair(number),
      network: 'hostile',
      bootstrap: dht.bootstrap,
      host: '127.0.0.1',
      maxLinks: 32,
      floorLinks: 0,
      limits: { upBytesPerSecond: 0, downBytesPerSecond: 0 },
    });
  }

  before(async () => {
    dht = await startBootstrapper();
    attacker = new HyperDHT({ bootstrap: dht.bootstrap, host: '127.0.0.1', firewalled: false });
    victim = await new TransportPeer(create(0)).start();
    friend = await new TransportPeer(create(1)).start();
    friend.transport.dial({ publicKey: victim.transport.publicKey, ...address() });
    friendLink = await friend.linkedTo(victim);
  });

  after(async () => {
    await friend.transport.stop();
    await victim.transport.stop();
    await attacker.destroy({ force: true });
    await dht.stop();
  });

  function address(): { host: string; port: number } {
    return (victim.transport as HyperswarmTransport).address()!;
  }

  function closings(reason: string): number {
    return (victim.transport as HyperswarmTransport).closings()[reason as 'gone'] ?? 0;
  }

  let nextKey = 100;

  async function connect(): Promise<HyperDHT.SecretStream> {
    const stream = dial((nextKey += 1));
    await new Promise((resolve) => stream.once('open', resolve));
    return stream;
  }

  function dial(number: number): HyperDHT.SecretStream {
    const keyPair = testKeyPair(number);
    const stream = attacker.connect(Buffer.from(victim.transport.publicKey), {
      keyPair: { publicKey: Buffer.from(keyPair.publicKey), secretKey: Buffer.from(keyPair.secretKey) },
      relayAddresses: [address()],
    });
    stream.on('error', () => {});
    stream.on('data', () => {});
    return stream;
  }

  async function closed(stream: HyperDHT.SecretStream): Promise<void> {
    if (!stream.destroyed) await new Promise<void>((resolve) => stream.once('close', () => resolve()));
  }

  async function friendsAreWell(): Promise<void> {
    const before = victim.received.length;
    friend.transport.send(friendLink, 'route', new Uint8Array(1_000));
    await victim.until("the friend's message", () => victim.received.length > before, 5_000);
    assert.equal(friend.downs, 0);
    assert.deepEqual(victim.faults, []);
    assert.equal(victim.ups - victim.downs, 1, 'only the friend has a link');
  }

  it('drops one that never opens a channel', async () => {
    const stream = await connect();
    const startedAt = performance.now();
    await closed(stream);
    const seconds = (performance.now() - startedAt) / 1_000;
    assert.ok(seconds > 8 && seconds < 13, `dropped after ${seconds} s`);
    assert.equal(closings('handshake-timeout'), 1);
    await friendsAreWell();
  });

  it('drops one that sends random frames', async () => {
    for (let round = 0; round < 50; round += 1) {
      const stream = await connect();
      for (let count = 0; count < 20; count += 1) stream.write(randomBytes(1 + Math.floor(Math.random() * 200)));
      stream.write(Buffer.from([255])); // refused whatever the random ones were
      await closed(stream);
    }
    await friendsAreWell();
  });

  it('drops one that sends frames which Protomux would fail on or obey without bound', async () => {
    const batch = Buffer.concat([Buffer.from([0, 0, 0, 7]), openFrame(1, 'xx').subarray(1)]);
    const frames = [
      openFrame(0, 'x'), // channel 0
      batch,
      Buffer.from([0]),
      Buffer.from([0, 1]),
      Buffer.from([0, 1, 200, 1, 120, 0]), // a channel that is not the next
      Buffer.from([0, 2, 77]), // refuses what nobody opened
      Buffer.from([0, 1, 1, 250, 1]), // a name longer than the frame
      Buffer.from([0xfd, 0, 0, 1]), // channel 0 in another writing
      Buffer.from([1, 1, 1]), // a type of message that does not exist
    ];
    for (const frame of frames) {
      const stream = await connect();
      stream.write(frame);
      await closed(stream);
    }
    await friendsAreWell();
  });

  it('ignores channels that it does not know, but not thousands of them', async () => {
    const stream = await connect();
    for (let id = 1; id <= 20; id += 1) stream.write(openFrame(id, `unknown/${id}`));
    await friendsAreWell();
    assert.equal(stream.destroyed, false);
    for (let count = 0; count < 5_000 && !stream.destroying; count += 1) stream.write(openFrame(21, `more/${count}`));
    await closed(stream);
    await friendsAreWell();
  });

  it('drops one that announces a huge frame, before it has come', async () => {
    const before = closings('oversized');
    const stream = await connect();
    stream.write(Buffer.alloc(15 * 2 ** 20));
    await closed(stream);
    assert.equal(closings('oversized'), before + 1);
    await friendsAreWell();
  });

  it('drops one that ends its half of the stream', async () => {
    const stream = await connect();
    stream.end();
    await closed(stream);
    await friendsAreWell();
  });

  /** One that speaks the protocol, up to an established link. */
  async function impostor(): Promise<{
    stream: HyperDHT.SecretStream;
    control: Protomux.Channel;
    route: Protomux.Channel;
  }> {
    const stream = await connect();
    stream.removeAllListeners('data');
    const mux = new Protomux(stream);
    const RAW: Protomux.Encoding = {
      preencode: (state, bytes) => void (state.end += bytes.length),
      encode: (state, bytes) => {
        state.buffer.set(bytes, state.start);
        state.start += bytes.length;
      },
      decode: (state) => state.buffer.subarray(state.start, (state.start = state.end)),
    };
    const channels = ['ping', ...OFFERED_CHANNELS].map((name) => {
      const channel = mux.createChannel({
        protocol: `broadside/${name}/1`,
        messages: [{ encoding: RAW, onmessage: () => {} }],
      })!;
      channel.open();
      return channel;
    });
    const [control, , route] = channels as [Protomux.Channel, Protomux.Channel, Protomux.Channel];
    control.messages[0]!.send(encodeControl({ kind: 'hello', instance: randomBytes(16), port: 0 }));
    return { stream, control, route };
  }

  async function linked(): Promise<Awaited<ReturnType<typeof impostor>>> {
    const ups = victim.ups;
    const one = await impostor();
    one.control.messages[0]!.send(encodeControl({ kind: 'ready' }));
    await victim.until('the link of the impostor', () => victim.ups > ups);
    return one;
  }

  it('drops one that sends before the link is up', async () => {
    const { stream, route } = await impostor();
    route.messages[0]!.send(new Uint8Array(10));
    await closed(stream);
    await friendsAreWell();
  });

  it('drops one that says hello twice, or pings without end', async () => {
    const [first, second] = [await linked(), await linked()];
    first.control.messages[0]!.send(encodeControl({ kind: 'hello', instance: randomBytes(16), port: 0 }));
    for (let number = 0; number < 100; number += 1) {
      second.control.messages[0]!.send(encodeControl({ kind: 'ping', number }));
    }
    await Promise.all([closed(first.stream), closed(second.stream)]);
    await victim.until('the end of both links', () => victim.links.size === 1);
    await friendsAreWell();
  });

  it('drops one that sends more than it was granted', async () => {
    victim.transport.setLimits({ upBytesPerSecond: 0, downBytesPerSecond: 50_000 });
    const { stream, route } = await linked();
    const before = victim.received.length;
    for (let count = 0; count < 200 && !stream.destroying; count += 1) route.messages[0]!.send(new Uint8Array(33_000));
    await closed(stream);
    await victim.until('the end of the link', () => victim.links.size === 1);
    assert.ok(victim.received.length - before < 5);
    assert.equal(closings('overrun'), 1);
    victim.transport.setLimits({ upBytesPerSecond: 0, downBytesPerSecond: 0 });
    await friendsAreWell();
  });

  it('does not let in again one that broke the rules, nor dials it', async () => {
    const { stream, route } = await linked();
    const before = closings('oversized');
    route.messages[0]!.send(new Uint8Array(40_001));
    await closed(stream);
    await victim.until('the end of the link', () => closings('oversized') === before + 1);
    const again = dial(nextKey);
    again.once('open', () => assert.fail('it was let in'));
    await closed(again);
    const { ups } = victim;
    victim.transport.dial({ publicKey: testKeyPair(nextKey).publicKey });
    await friendsAreWell();
    assert.equal(victim.ups, ups);
  });

  it('drops one that sends too long a message on a link', async () => {
    const { stream, route } = await linked();
    route.messages[0]!.send(new Uint8Array(40_001));
    await closed(stream);
    await victim.until('the end of the link', () => victim.links.size === 1);
    await friendsAreWell();
  });

  it('survives many that connect and stay silent', async () => {
    const streams = await Promise.all(Array.from({ length: 40 }, () => connect()));
    await friendsAreWell();
    for (const stream of streams) stream.destroy();
    await Promise.all(streams.map(closed));
    await friendsAreWell();
  });
});
