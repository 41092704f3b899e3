/** What strangers and neighbours can make of a node's TCP port, and of the agreement on it. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { after, afterEach, before, describe, it } from 'node:test';

import SecretStream from '@hyperswarm/secret-stream';
import HyperDHT from 'hyperdht';
import Protomux from 'protomux';

import { startBootstrapper } from '../../src-main/transport/hyperswarm/bootstrapper.ts';
import type { Bootstrapper } from '../../src-main/transport/hyperswarm/bootstrapper.ts';
import { OFFERED_CHANNELS } from '../../src-main/transport/hyperswarm/channels.ts';
import { decodeControl, encodeControl } from '../../src-main/transport/hyperswarm/control.ts';
import { decodePath, encodePath, FRAME } from '../../src-main/transport/hyperswarm/path-messages.ts';
import type { PathMessage } from '../../src-main/transport/hyperswarm/path-messages.ts';
import { MAX_CALLS_OF_LINK } from '../../src-main/transport/hyperswarm/paths.ts';
import { RAW_ENCODING } from '../../src-main/transport/hyperswarm/raw-encoding.ts';
import { createHyperswarmTransport } from '../../src-main/transport/hyperswarm/transport.ts';
import type { HyperswarmTransport } from '../../src-main/transport/hyperswarm/transport.ts';
import { TcpSockets } from '../support/tcp-sockets.ts';
import { TransportPeer, testKeyPair } from '../support/transport-peer.ts';

describe('the TCP port of a node, and hostile peers', { timeout: 170_000 }, () => {
  let dht: Bootstrapper;
  let attacker: HyperDHT;
  let victim: TransportPeer;
  let sockets: TcpSockets;
  let nextKey = 100;
  const open: (() => unknown)[] = [];

  before(async () => {
    dht = await startBootstrapper();
    attacker = new HyperDHT({ bootstrap: dht.bootstrap, host: '127.0.0.1', firewalled: false });
    const transport = createHyperswarmTransport({
      keyPair: testKeyPair(0),
      network: 'hostile',
      bootstrap: dht.bootstrap,
      host: '127.0.0.1',
      maxLinks: 64,
      floorLinks: 0,
      limits: { upBytesPerSecond: 0, downBytesPerSecond: 0 },
    });
    victim = await new TransportPeer(transport).start();
    sockets = new TcpSockets();
  });

  afterEach(async () => {
    for (const close of open.splice(0)) close();
    await victim.until('the end of all links', () => victim.links.size === 0);
    assert.deepEqual(victim.faults, []);
  });

  after(async () => {
    sockets.stop();
    await victim.transport.stop();
    await attacker.destroy({ force: true });
    await dht.stop();
  });

  const closings = (reason: string): number =>
    (victim.transport as HyperswarmTransport).closings()[reason as 'gone'] ?? 0;

  /** One that speaks the protocol by hand, up to a link whose ends both know of paths. `isDialled`: the victim dialled. */
  class Impostor {
    readonly stream: HyperDHT.SecretStream;
    readonly keyPair: HyperDHT.HyperKeyPair;
    readonly heard: PathMessage[] = [];
    readonly #channels: Protomux.Channel[];

    constructor(stream: HyperDHT.SecretStream, keyPair: HyperDHT.HyperKeyPair) {
      this.stream = stream;
      this.keyPair = keyPair;
      stream.on('error', () => {});
      const mux = new Protomux(stream);
      this.#channels = ['ping', ...OFFERED_CHANNELS, 'path'].map((name) => {
        const channel = mux.createChannel({
          protocol: `broadside/${name}/1`,
          messages: [{ encoding: RAW_ENCODING, onmessage: (bytes) => this.#onMessage(name, bytes) }],
        })!;
        channel.open();
        return channel;
      });
      this.control({ kind: 'hello', instance: randomBytes(16), port: 0 });
      this.control({ kind: 'ready' });
      open.push(() => stream.destroy());
    }

    static async link(): Promise<Impostor> {
      const { publicKey, secretKey } = testKeyPair((nextKey += 1));
      const keyPair = { publicKey: Buffer.from(publicKey), secretKey: Buffer.from(secretKey) };
      const stream = attacker.connect(Buffer.from(victim.transport.publicKey), {
        keyPair,
        relayAddresses: [(victim.transport as HyperswarmTransport).address()!],
      });
      stream.on('error', () => {});
      await new Promise((resolve) => stream.once('open', resolve));
      const impostor = new Impostor(stream, keyPair);
      await victim.until('the link of the impostor', () => victim.linkTo(publicKey) !== undefined);
      return impostor;
    }

    get link(): number {
      return victim.linkTo(this.keyPair.publicKey)!;
    }

    get pathOfVictim(): string | undefined {
      return (victim.transport as HyperswarmTransport).linkStats(this.link)?.path;
    }

    control(message: Parameters<typeof encodeControl>[0]): void {
      this.#channels[0]!.messages[0]!.send(encodeControl(message));
    }

    send(number: number): void {
      this.#channels[2]!.messages[0]!.send(Uint8Array.of(number));
    }

    path(message: PathMessage | Uint8Array): void {
      const bytes = message instanceof Uint8Array ? message : encodePath(message);
      this.#channels.at(-1)!.messages[0]!.send(bytes);
    }

    /** Waits for what the victim says of paths. */
    async said<Kind extends PathMessage['kind']>(kind: Kind): Promise<Extract<PathMessage, { kind: Kind }>> {
      const isIt = (message: PathMessage): message is Extract<PathMessage, { kind: Kind }> => message.kind === kind;
      await eventually(`${kind} of the victim`, () => this.heard.some(isIt));
      return this.heard.find(isIt)!;
    }

    /** Calls the victim's port. */
    call(port: number, token: Uint8Array, keyPair = this.keyPair, victimKey = victim.transport.publicKey): Call {
      return new Call(port, token, keyPair, victimKey);
    }

    #onMessage(name: string, bytes: Uint8Array): void {
      if (name === 'path') this.heard.push(decodePath(bytes)!);
      if (name !== 'ping') return;
      const message = decodeControl(bytes)!;
      if (message.kind === 'ping') this.control({ kind: 'pong', number: message.number });
    }
  }

  class Call {
    readonly socket: Socket;
    readonly secret: SecretStream;
    readonly frames: Uint8Array[] = [];

    constructor(port: number, token: Uint8Array, keyPair: HyperDHT.HyperKeyPair, victimKey: Uint8Array) {
      this.socket = connect(port, '127.0.0.1');
      this.secret = new SecretStream(true, this.socket, {
        pattern: 'IK',
        keyPair,
        remotePublicKey: Buffer.from(victimKey),
      });
      this.secret.on('error', () => {});
      this.secret.on('data', (frame: Uint8Array) => this.frames.push(Uint8Array.from(frame)));
      this.secret.once('open', () => this.send(FRAME.greeting, token));
      open.push(() => this.secret.destroy());
    }

    send(kind: number, bytes: Uint8Array): void {
      this.secret.write(Buffer.from([kind, ...bytes]));
    }

    async welcomed(): Promise<void> {
      await eventually('a welcome', () => this.frames.some((frame) => frame[0] === FRAME.welcome));
    }
  }

  /** Looked at often: nobody tells of it. */
  async function eventually(what: string, condition: () => boolean, limitMs = 15_000): Promise<void> {
    const untilMs = performance.now() + limitMs;
    while (!condition()) {
      assert.ok(performance.now() < untilMs, `not within ${limitMs} ms: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async function closed(socket: Socket, limitMs?: number): Promise<void> {
    await eventually('the end of a socket', () => socket.closed, limitMs);
  }

  async function listening(onSocket: (socket: Socket) => void): Promise<number> {
    const server: Server = createServer(onSocket).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    open.push(() => server.close());
    return (server.address() as AddressInfo).port;
  }

  it('moves with one that keeps to the protocol, and sends again what it says it did not take', async () => {
    const peer = await Impostor.link();
    const { port, token } = await peer.said('reach');
    const call = peer.call(port, token);
    await call.welcomed();
    peer.path({ kind: 'switch' });
    await peer.said('switch');
    for (const number of [1, 2, 3]) call.send(FRAME.firstChannel + 1, Uint8Array.of(number));
    await victim.until('three messages', () => victim.received.length === 3);
    for (let number = 0; number < 5; number += 1) {
      victim.transport.send(peer.link, 'route', new Uint8Array(10).fill(number));
    }
    await eventually(
      'five messages',
      () => call.frames.filter(([kind]) => kind === FRAME.firstChannel + 1).length === 5,
    );
    call.socket.resetAndDestroy();
    const { taken } = await peer.said('lost');
    assert.equal(taken, 3);
    const again: number[] = [];
    peer.stream.on('data', (frame: Uint8Array) => frame[0] === 3 && again.push(frame[2]!));
    peer.path({ kind: 'lost', taken: 2, grantedBytes: 10_000_000 });
    await eventually('the last three again', () => again.length === 3);
    assert.deepEqual(again, [2, 3, 4]);
    peer.send(4);
    await victim.until('a fourth message', () => victim.received.length === 4);
    victim.received.length = 0;
  });

  it('hangs up on strangers before a byte is read, and answers none', async () => {
    const peer = await Impostor.link();
    const { port, token } = await peer.said('reach');
    const call = peer.call(port, token);
    await call.welcomed(); // nobody is waited for any more
    let bytes = 0;
    const strangers = Array.from({ length: 200 }, () => connect(port, '127.0.0.1'));
    for (const socket of strangers) socket.on('data', (chunk) => (bytes += chunk.length)).on('error', () => {});
    await Promise.all(strangers.map((socket) => closed(socket, 3_000)));
    assert.equal(bytes, 0);
    assert.equal(peer.pathOfVictim, 'tcp');
  });

  it('keeps few that say nothing, for a short while, and lets the right one in beside them', async () => {
    const peer = await Impostor.link();
    const { port, token } = await peer.said('reach');
    const silent = Array.from({ length: 100 }, () => connect(port, '127.0.0.1'));
    for (const socket of silent) socket.on('error', () => {});
    await eventually('most hung up', () => silent.filter((socket) => socket.closed).length >= 98);
    assert.equal(silent.filter((socket) => !socket.closed).length, 2);
    await Promise.all(silent.map((socket) => closed(socket, 8_000)));
    const call = peer.call(port, token);
    await call.welcomed();
  });

  it('is unmoved by garbage, huge frames, a wrong key, a wrong token and a replayed beginning', async () => {
    const peer = await Impostor.link();
    const other = await Impostor.link();
    const { port, token } = await peer.said('reach');
    await other.said('reach');
    let answered = 0;
    const raw = async (bytes: Uint8Array): Promise<void> => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {}).on('data', (chunk) => (answered += chunk.length));
      socket.write(bytes);
      await closed(socket, 8_000);
    };
    await raw(randomBytes(5_000));
    await raw(Buffer.alloc(2_000_000, 255));
    await raw(Buffer.from([96, 0, 0, ...randomBytes(96)]));
    assert.equal(answered, 0);
    // Somebody who does not know the node's key; one with another link's token; one that is no neighbour, with the right token.
    const [stranger] = [testKeyPair(99)];
    const strange = { publicKey: Buffer.from(stranger.publicKey), secretKey: Buffer.from(stranger.secretKey) };
    for (const call of [
      peer.call(port, token, peer.keyPair, testKeyPair(55).publicKey),
      other.call(port, token),
      peer.call(port, token, strange),
      peer.call(port, randomBytes(16)),
    ]) {
      await closed(call.socket, 8_000);
      assert.deepEqual(call.frames, []);
    }
    assert.deepEqual([peer.pathOfVictim, other.pathOfVictim], ['udx', 'udx']);
    assert.equal(victim.links.size, 2);
  });

  it('does not let in who replays what a neighbour said', async () => {
    const peer = await Impostor.link();
    const { port, token } = await peer.said('reach');
    const recorded: Buffer[] = [];
    const relay = await listening((socket) => {
      const way = connect(port, '127.0.0.1');
      socket.on('data', (chunk: Buffer) => recorded.push(chunk)).pipe(way);
      way.on('error', () => {}).pipe(socket);
      socket.on('error', () => {});
    });
    const call = peer.call(relay, token);
    await call.welcomed();
    peer.path({ kind: 'switch' });
    call.send(FRAME.firstChannel + 1, Uint8Array.of(9));
    await victim.until('a message', () => victim.received.length === 1);
    call.socket.destroy();
    await peer.said('lost');
    peer.path({ kind: 'lost', taken: 0, grantedBytes: 0 });
    // Another link waits for a call, so that the port is open.
    const other = await Impostor.link();
    await other.said('reach');
    const again = connect(port, '127.0.0.1')
      .on('error', () => {})
      .resume();
    for (const chunk of recorded) again.write(chunk);
    await closed(again, 8_000);
    assert.equal(victim.received.length, 1);
    victim.received.length = 0;
  });

  it('calls nobody but the address of the link, at no port below 1024, and not for ever', async () => {
    let [calls, bytes] = [0, 0];
    // A server that is no node: each time some bytes that mean nothing to it.
    const port = await listening((socket) => {
      calls += 1;
      socket
        .on('error', () => {})
        .on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          socket.destroy();
        });
    });
    const peer = await Impostor.link();
    await peer.said('reach');
    const before = sockets.called.length;
    for (const low of [0, 22, 80, 1_023]) peer.path({ kind: 'reach', port: low, token: randomBytes(16) });
    for (let count = 0; count < 30; count += 1) {
      peer.path({ kind: 'reach', port, token: randomBytes(16) });
      peer.send(count);
      // What was said before it was read.
      await victim.until('the message after it', () => victim.received.length === count + 1);
      await eventually('the end of the call', () => sockets.called.every((socket) => socket.closed));
    }
    victim.received.length = 0;
    assert.ok(calls > 1 && calls <= MAX_CALLS_OF_LINK, `${calls} calls`);
    assert.equal(sockets.called.length - before, calls, 'somebody else was called');
    assert.ok(bytes < 200 * calls, `${bytes} bytes`);
    assert.equal(peer.pathOfVictim, 'udx');
  });

  it('closes a link that breaks the rules of moving', async () => {
    const cases: readonly ((peer: Impostor, call: Call) => void)[] = [
      (peer) => peer.path(Uint8Array.of(9)),
      (peer) => peer.path(new Uint8Array(0)),
      (peer) => peer.send(1), // after the switch
      (peer) => peer.path({ kind: 'switch' }), // twice
      (peer) => peer.path({ kind: 'lost', taken: 1, grantedBytes: 0 }), // more than was sent
      (_, call) => call.send(FRAME.taken, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0)),
      (_, call) => call.send(FRAME.taken, Uint8Array.of(1)),
      (_, call) => call.send(200, Uint8Array.of(1)),
      (_, call) => call.send(FRAME.welcome, new Uint8Array(0)),
      (_, call) => call.send(FRAME.control, Uint8Array.of(77)),
      (_, call) => call.send(FRAME.control, encodeControl({ kind: 'ready' })),
    ];
    for (const [number, breakRule] of cases.entries()) {
      const before = closings('violation');
      const peer = await Impostor.link();
      const { port, token } = await peer.said('reach');
      const call = peer.call(port, token);
      await call.welcomed();
      peer.path({ kind: 'switch' });
      await eventually('the victim reads', () => call.frames.some(([kind]) => kind === FRAME.taken));
      breakRule(peer, call);
      await eventually(`the end of link ${number}`, () => closings('violation') === before + 1);
      await closed(call.socket);
    }
    const before = closings('violation');
    const peer = await Impostor.link();
    peer.path({ kind: 'lost', taken: 0, grantedBytes: 0 }); // of nothing
    await eventually('the end of the link', () => closings('violation') === before + 1);
  });

  it('closes a link that sends more over TCP than it was granted, or too long a message', async () => {
    for (const [reason, bytes] of [
      ['oversized', 40_001],
      ['overrun', 33_000],
    ] as const) {
      const before = closings(reason);
      victim.transport.setLimits({ upBytesPerSecond: 0, downBytesPerSecond: 50_000 });
      const peer = await Impostor.link();
      const { port, token } = await peer.said('reach');
      const call = peer.call(port, token);
      await call.welcomed();
      peer.path({ kind: 'switch' });
      const count = reason === 'oversized' ? 1 : 100;
      for (let number = 0; number < count; number += 1) call.send(FRAME.firstChannel, new Uint8Array(bytes));
      await eventually('the end of the link', () => closings(reason) === before + 1);
      victim.transport.setLimits({ upBytesPerSecond: 0, downBytesPerSecond: 0 });
    }
    victim.received.length = 0;
  });
});
