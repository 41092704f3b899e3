/**
 * Links of a hostile peer: the program's own transport up to where a link stands, and from there on whatever somebody would
 * send. As many identities as are wanted, all from one process and one address.
 */
import { randomBytes } from 'node:crypto';
import HyperDHT from 'hyperdht';
import { TokenBucket } from '../../shared/base/token-bucket.ts';
import { networkIdOf } from '../../src-main/core/links/links.ts';
import { networkParameters } from '../../src-main/core/network-parameters.ts';
import type { ChannelName, KeyPair } from '../../src-main/core/ports.ts';
import { encodeLinkMessage, PROTOCOL_VERSION } from '../../src-main/core/wire/link-messages.ts';
import { Connection, OFFERED_CHANNELS } from '../../src-main/transport/hyperswarm/connection.ts';
import type { ConnectionOwner } from '../../src-main/transport/hyperswarm/connection.ts';
import { INSTANCE_BYTES } from '../../src-main/transport/hyperswarm/control.ts';
import { createSodiumCrypto } from '../../src-main/workers/sodium/crypto.ts';

/** Longer than the transport waits for a handshake. */
const OPEN_TIMEOUT_MS = 15_000;
/** A link says hello with this target; 0 says that it wants no neighbour. */
const TARGET_LINKS = 16;

export interface Victim {
  readonly publicKey: Uint8Array;
  readonly host: string;
  readonly port: number;
  readonly bootstrap: string;
  readonly network: string;
}

export interface Tally {
  messages: number;
  bytes: number;
  /** Streams that opened, links that stood, and those that the victim ended. */
  opened: number;
  stood: number;
  cutOff: number;
}

export interface HostileLinkOptions {
  /** Never grants the victim anything: what it answers stays with it. */
  readonly readsNothing?: boolean;
  /** Says hello to the core; otherwise it is silent once the transport's link stands. */
  readonly greets?: boolean;
  readonly targetLinks?: number;
}

export const crypto = createSodiumCrypto();

export class HostileLink {
  readonly keyPair: KeyPair;
  readonly connection: Connection;
  readonly #stream: HyperDHT.SecretStream;
  readonly #tally: Tally;
  /** Called when the link has room again. */
  onRoom: () => void = () => {};
  onClosed: () => void = () => {};
  onMessage: (channel: ChannelName, bytes: Uint8Array) => void = () => {};

  constructor(keyPair: KeyPair, connection: Connection, stream: HyperDHT.SecretStream, tally: Tally) {
    this.keyPair = keyPair;
    this.connection = connection;
    this.#stream = stream;
    this.#tally = tally;
  }

  get isClosed(): boolean {
    return this.connection.isClosed;
  }

  /** As the protocol allows it: within the credit that the victim granted. False when there is no room for more now. */
  send(channel: ChannelName, bytes: Uint8Array): boolean {
    this.#tally.messages += 1;
    this.#tally.bytes += bytes.length;
    return this.connection.send(channel, bytes);
  }

  /** Straight onto the stream, credit or none. */
  force(channel: ChannelName, bytes: Uint8Array): boolean {
    this.#tally.messages += 1;
    this.#tally.bytes += bytes.length;
    // The ping channel is opened first.
    const number = OFFERED_CHANNELS.indexOf(channel) + 2;
    return this.#stream.write(Buffer.concat([Buffer.from([number, 0]), bytes]));
  }

  /** What the victim sends is no longer taken off the stream. */
  stopReading(): void {
    (this.#stream as unknown as { pause(): void }).pause();
  }
}

export class HostileLinks {
  readonly tally: Tally = { messages: 0, bytes: 0, opened: 0, stood: 0, cutOff: 0 };
  readonly #dht: HyperDHT;
  readonly #victim: Victim;
  readonly #hello: (targetLinks: number) => Uint8Array;
  readonly #connections = new Map<Connection, HostileLink | undefined>();
  readonly #streams = new Set<HyperDHT.SecretStream>();
  #stopped = false;

  constructor(victim: Victim) {
    this.#victim = victim;
    this.#dht = new HyperDHT({
      bootstrap: [victim.bootstrap],
      host: '127.0.0.1',
      firewalled: false,
      connectionKeepAlive: false,
    });
    const network = networkIdOf(crypto, networkParameters(victim.network));
    this.#hello = (targetLinks) =>
      encodeLinkMessage({ type: 'hello', version: PROTOCOL_VERSION, network, targetLinks });
  }

  /** A secret stream on which nothing was said yet; undefined when the victim does not take it. */
  stream(keyPair: KeyPair = newKeyPair()): Promise<HyperDHT.SecretStream | undefined> {
    const { publicKey, host, port } = this.#victim;
    const stream = this.#dht.connect(Buffer.from(publicKey), {
      keyPair: { publicKey: Buffer.from(keyPair.publicKey), secretKey: Buffer.from(keyPair.secretKey) },
      relayAddresses: [{ host, port }],
    });
    this.#streams.add(stream);
    stream.on('error', () => {}); // 'close' follows
    return new Promise((resolve) => {
      const timer = setTimeout(() => stream.destroy(), OPEN_TIMEOUT_MS);
      stream.once('open', () => {
        clearTimeout(timer);
        this.tally.opened += 1;
        resolve(stream);
      });
      stream.once('close', () => {
        clearTimeout(timer);
        this.#streams.delete(stream);
        resolve(undefined);
      });
    });
  }

  /** A link that stands, with an identity of its own; undefined when the victim does not take it. */
  async open(options: HostileLinkOptions = {}): Promise<HostileLink | undefined> {
    const keyPair = newKeyPair();
    const stream = await this.stream(keyPair);
    if (stream === undefined || stream.rawStream === null || this.#stopped) return undefined;
    const raw = stream.rawStream;
    return new Promise((resolve) => {
      const owner: ConnectionOwner = {
        up: new TokenBucket(0, performance.now()),
        down: new TokenBucket(0, performance.now()),
        nowMs: () => performance.now(),
        identified: (connection) => connection.choose(),
        established: () => {
          this.tally.stood += 1;
          if (options.readsNothing === true) link.stopReading();
          if (options.greets !== false) connection.send('link', this.#hello(options.targetLinks ?? TARGET_LINKS));
          resolve(link);
        },
        received: (_, channel, bytes) => link.onMessage(channel, bytes),
        canRelay: () => {},
        relayed: () => {},
        hasRoom: () => link.onRoom(),
        closed: () => {
          this.#connections.delete(connection);
          if (!this.#stopped) this.tally.cutOff += 1;
          link.onClosed();
          resolve(undefined);
        },
        waitForUpload: () => {},
        waitForDownload: () => {},
      };
      const connection = new Connection(stream, raw, owner, { instance: randomBytes(INSTANCE_BYTES), port: 0 });
      const link = new HostileLink(keyPair, connection, stream, this.tally);
      this.#connections.set(connection, link);
    });
  }

  /** Links that stand now. */
  get standing(): number {
    let count = 0;
    for (const connection of this.#connections.keys()) if (connection.isEstablished) count += 1;
    return count;
  }

  /** As a transport does it: pings, and ends what is gone. */
  tick(): void {
    for (const connection of [...this.#connections.keys()]) connection.tick(performance.now());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const connection of [...this.#connections.keys()]) connection.destroy('stopped');
    for (const stream of this.#streams) stream.destroy();
    await this.#dht.destroy({ force: true });
  }
}

export function newKeyPair(): KeyPair {
  return crypto.keyPairFromSeed(new Uint8Array(randomBytes(32)));
}
