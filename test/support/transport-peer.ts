import type { ChannelName, KeyPair, LinkId, LinkInfo, Transport } from '../../src-main/core/ports.ts';
import { bytesEqual } from '../../shared/base/bytes.ts';
import HyperDHT from 'hyperdht';

export interface ReceivedMessage {
  readonly link: LinkId;
  readonly channel: ChannelName;
  readonly bytes: Uint8Array;
}

/** The same key pair for the same number. */
export function testKeyPair(number: number): KeyPair {
  const seed = Buffer.alloc(32);
  seed.writeUInt32LE(number + 1);
  const { publicKey, secretKey } = (HyperDHT as unknown as { keyPair(seed: Buffer): KeyPair }).keyPair(seed);
  return { publicKey: new Uint8Array(publicKey), secretKey: new Uint8Array(secretKey) };
}

/** A transport with its handlers: records what they are told and lets a test wait for it. */
export class TransportPeer {
  readonly transport: Transport;
  readonly links = new Map<LinkId, LinkInfo>();
  readonly received: ReceivedMessage[] = [];
  ups = 0;
  downs = 0;
  writables = 0;
  /** Breaches of the contract that handlers saw; must stay empty. */
  readonly faults: string[] = [];
  /** Replaces recording, for tests that move much. */
  onMessage: (message: ReceivedMessage) => void = (message) => this.received.push(message);
  #waiters = new Set<() => void>();

  constructor(transport: Transport) {
    this.transport = transport;
  }

  async start(): Promise<this> {
    await this.transport.start({
      linkUp: (info) => {
        for (const other of this.links.values()) {
          if (bytesEqual(other.publicKey, info.publicKey)) this.faults.push('two links of one key');
        }
        if (this.links.has(info.link)) this.faults.push('a link came up twice');
        this.ups += 1;
        this.links.set(info.link, info);
        this.wake();
      },
      linkDown: (link) => {
        if (!this.links.delete(link)) this.faults.push('a link that was not up went down');
        this.downs += 1;
        this.wake();
      },
      message: (link, channel, bytes) => {
        if (!this.links.has(link)) this.faults.push('a message on a link that is not up');
        this.onMessage({ link, channel, bytes });
        this.wake();
      },
      writable: (link) => {
        if (!this.links.has(link)) this.faults.push('room on a link that is not up');
        this.writables += 1;
        this.wake();
      },
    });
    return this;
  }

  wake(): void {
    for (const waiter of this.#waiters) waiter();
  }

  /** Resolves once the condition holds; it is looked at whenever a handler was called. */
  async until(what: string, condition: () => boolean, timeoutMs = 20_000): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve, reject) => {
      const check = (): void => {
        if (!condition()) return;
        clearTimeout(timer);
        this.#waiters.delete(check);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiters.delete(check);
        reject(new Error(`not within ${timeoutMs} ms: ${what}`));
      }, timeoutMs);
      this.#waiters.add(check);
    });
  }

  linkTo(publicKey: Uint8Array): LinkId | undefined {
    for (const info of this.links.values()) if (bytesEqual(info.publicKey, publicKey)) return info.link;
    return undefined;
  }

  async linkedTo(other: TransportPeer, timeoutMs?: number): Promise<LinkId> {
    const { publicKey } = other.transport;
    await this.until('a link', () => this.linkTo(publicKey) !== undefined, timeoutMs);
    return this.linkTo(publicKey)!;
  }
}
