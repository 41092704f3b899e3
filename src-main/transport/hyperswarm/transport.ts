import { randomBytes, randomInt } from 'node:crypto';

import HyperDHT from 'hyperdht';

import { bytesEqual, fromHex, toHex } from '../../../shared/base/bytes.ts';
import type {
  ChannelName,
  KeyPair,
  KnownNode,
  LinkId,
  LinkStats,
  Transport,
  TransportHandlers,
} from '../../core/ports.ts';
import { TokenBucket } from '../token-bucket.ts';
import { Connection } from './connection.ts';
import type { CloseReason, ConnectionOwner } from './connection.ts';
import { INSTANCE_BYTES } from './control.ts';
import { Dialler } from './dialler.ts';
import { Discovery } from './discovery.ts';
import { KnownNodesFile } from './known-nodes-file.ts';
import { KnownNodes, MAX_DHT_NODES, isIPv4 } from './known-nodes.ts';
import { LinkTable } from './link-table.ts';
import { topicOf } from './topic.ts';
import { TurnQueue } from './turn-queue.ts';

export interface HyperswarmTransportOptions {
  /** The node's identity, proved to each neighbour. */
  readonly keyPair: KeyPair;
  /** Name of the network: its nodes meet at the DHT topic H('broadside/topic/1', network). Strings are taken as UTF-8. */
  readonly network: Uint8Array | string;
  /** HOST:PORT of some DHT nodes; the public ones of Hyperswarm when left out. Ones that cannot be read are passed over. */
  readonly bootstrap?: readonly string[];
  /** Address to bind; every interface when left out. 127.0.0.1 for a network on one machine. */
  readonly host?: string;
  /** UDP port to ask for; else the one of last time, else any. Another is taken when it is in use. */
  readonly port?: number;
  /** File that remembers nodes between starts; nothing is remembered without. */
  readonly knownNodesPath?: string;
  /** Links at most, 1 ... 64. */
  readonly maxLinks: number;
  /** Below so many links it dials by itself; half of maxLinks when left out, so that others find room too. */
  readonly targetLinks?: number;
  readonly limits: { readonly upBytesPerSecond: number; readonly downBytesPerSecond: number };
  /** Told of what a handler threw; a warning of the process when left out. */
  readonly onHandlerError?: (error: unknown) => void;
  /** Told of each dial that came to nothing: nobody answered, or the other end closed it before it was a link. */
  readonly onDialFailed?: (publicKey: Uint8Array) => void;
}

/** How often links are looked after: a killed neighbour is noticed at most two of these late. */
const TICK_MS = 500;
/** Farewells (to links and to the DHT) take this long at most when stopping. */
const FAREWELL_MS = 800;

export type LinkCounters = Readonly<Record<CloseReason, number>>;

export interface HyperswarmTransport extends Transport {
  linkStats(link: LinkId): LinkStats | undefined;
  /** Where the node listens: the address that others see where it is known, else the local one. Undefined until started. */
  address(): { readonly host: string; readonly port: number } | undefined;
  /** Links and attempted links that ended, by reason. */
  closings(): LinkCounters;
  /** Entries in the cache of known nodes. */
  knownNodes(): number;
}

/** Links over Hyperswarm's DHT and secret streams. See connection.ts for what happens on one. */
export function createHyperswarmTransport(options: HyperswarmTransportOptions): HyperswarmTransport {
  return new HyperTransport(options);
}

class HyperTransport implements HyperswarmTransport, ConnectionOwner {
  readonly publicKey: Uint8Array;
  readonly up: TokenBucket;
  readonly down: TokenBucket;

  readonly #options: HyperswarmTransportOptions;
  readonly #keyPair: HyperDHT.HyperKeyPair;
  readonly #targetLinks: number;
  readonly #instance = new Uint8Array(randomBytes(INSTANCE_BYTES));
  readonly #known: KnownNodes;
  readonly #file: KnownNodesFile;
  readonly #links: LinkTable;
  readonly #dialler: Dialler;
  readonly #uploads: TurnQueue<Connection>;
  readonly #downloads: TurnQueue<Connection>;
  readonly #closings = new Map<CloseReason, number>();
  #handlers: TransportHandlers | undefined;
  #dht: HyperDHT | undefined;
  #server: HyperDHT.DhtServer | undefined;
  #discovery: Discovery | undefined;
  #ticker: NodeJS.Timeout | undefined;
  #stopping: Promise<void> | undefined;
  #inBytes = 0;
  #outBytes = 0;

  constructor(options: HyperswarmTransportOptions) {
    this.#options = options;
    this.publicKey = options.keyPair.publicKey;
    this.#keyPair = {
      publicKey: Buffer.from(options.keyPair.publicKey),
      secretKey: Buffer.from(options.keyPair.secretKey),
    };
    const maxLinks = Math.max(1, options.maxLinks);
    this.#targetLinks = Math.min(maxLinks, options.targetLinks ?? Math.ceil(maxLinks / 2));
    this.up = new TokenBucket(options.limits.upBytesPerSecond, this.nowMs());
    this.down = new TokenBucket(options.limits.downBytesPerSecond, this.nowMs());
    this.#uploads = new TurnQueue(
      this.up,
      () => this.nowMs(),
      (connection) => connection.pump(),
    );
    this.#downloads = new TurnQueue(
      this.down,
      () => this.nowMs(),
      (connection) => connection.grant(),
    );
    this.#known = new KnownNodes({ ownKeyHex: toHex(this.publicKey), now: Date.now, random: uniform });
    this.#file = new KnownNodesFile(options.knownNodesPath, () => this.#worthKeeping());
    this.#links = new LinkTable({
      publicKey: this.publicKey,
      maxLinks,
      isDialling: (keyHex) => this.#dialler.isDialling(keyHex),
      onChosen: (keyHex) => this.#dialler.cancel(keyHex),
      now: () => this.nowMs(),
    });
    this.#dialler = new Dialler({
      keyPair: this.#keyPair,
      known: this.#known,
      links: this.#links,
      targetLinks: this.#targetLinks,
      onOpen: (stream) => this.#accept(stream),
      onFailed: (keyHex) => this.#guard(() => options.onDialFailed?.(fromHex(keyHex)!)),
      now: () => this.nowMs(),
    });
  }

  nowMs(): number {
    return performance.now();
  }

  async start(handlers: TransportHandlers): Promise<void> {
    if (this.#handlers !== undefined || this.#stopping !== undefined) throw new Error('a transport is started once');
    this.#handlers = handlers;
    const saved = await this.#file.load();
    this.#known.load(saved);
    if (this.#stopping !== undefined) return;
    const dht = this.#createDht(this.#options.port ?? savedPort(saved));
    this.#dht = dht;
    this.#dialler.start(dht);
    this.#server = dht.createServer({ firewall: (key) => this.#refuses(key) }, (stream) => this.#accept(stream));
    // Announces as well, which takes as long as the network lets it; the port is open when `bind` is done.
    this.#server.listen(this.#keyPair).catch(() => {});
    await dht.bind();
    if (this.#stopping !== undefined) return;
    const network = this.#options.network;
    const name = typeof network === 'string' ? new TextEncoder().encode(network) : network;
    this.#discovery = new Discovery({
      dht,
      server: this.#server,
      topic: Buffer.from(topicOf(name)),
      keyPair: this.#keyPair,
      random: uniform,
      wantsLinks: () => this.#links.size < this.#targetLinks,
      onPeer: (publicKey, addresses) => this.#heardOf(publicKey, addresses),
    });
    this.#discovery.start();
    dht.on('network-change', () => this.#discovery?.hurry());
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    this.#dialler.dialMore();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  send(link: LinkId, channel: ChannelName, bytes: Uint8Array): boolean {
    return this.#links.get(link)?.send(channel, bytes) ?? false;
  }

  pendingBytes(link: LinkId): number {
    return this.#links.get(link)?.pendingBytes ?? 0;
  }

  close(link: LinkId): void {
    const connection = this.#links.get(link);
    if (connection === undefined) return;
    // Not within the caller, which may be in the middle of something: handlers are called from the loop only.
    queueMicrotask(() => connection.destroy('asked'));
  }

  dial(node: KnownNode): void {
    if (this.#stopping !== undefined || bytesEqual(node.publicKey, this.publicKey)) return;
    if (node.publicKey.length !== 32) return;
    this.#dialler.ask(node);
  }

  traffic(): { readonly inBytes: number; readonly outBytes: number } {
    let { inBytes, outBytes } = { inBytes: this.#inBytes, outBytes: this.#outBytes };
    for (const connection of this.#links.links()) {
      inBytes += connection.inBytes;
      outBytes += connection.outBytes;
    }
    return { inBytes, outBytes };
  }

  setLimits(limits: { readonly upBytesPerSecond: number; readonly downBytesPerSecond: number }): void {
    this.up.setLimit(limits.upBytesPerSecond, this.nowMs());
    this.down.setLimit(limits.downBytesPerSecond, this.nowMs());
    this.#uploads.limitChanged();
    this.#downloads.limitChanged();
  }

  linkStats(link: LinkId): LinkStats | undefined {
    const connection = this.#links.get(link);
    if (connection === undefined) return undefined;
    const { roundTripMs, inBytes, outBytes } = connection;
    return { inBytes, outBytes, ...(roundTripMs === undefined ? {} : { roundTripMs }) };
  }

  address(): { readonly host: string; readonly port: number } | undefined {
    const local = this.#dht?.localAddress();
    if (this.#dht === undefined || local === null || local === undefined) return undefined;
    if (this.#options.host !== undefined) return { host: this.#options.host, port: local.port };
    return this.#dht.host === null ? local : { host: this.#dht.host, port: this.#dht.port || local.port };
  }

  closings(): LinkCounters {
    return Object.fromEntries(this.#closings) as LinkCounters;
  }

  knownNodes(): number {
    return this.#known.size;
  }

  // The connections' owner.

  identified(connection: Connection): void {
    this.#links.identified(connection);
  }

  established(connection: Connection): void {
    const link = this.#links.establish(connection);
    const { publicKey, initiator, host } = connection;
    const port = connection.remoteListenPort || connection.remotePort;
    this.#known.linked({ publicKey, port, ...(host === undefined ? {} : { host }) });
    this.#file.touch();
    this.#call((handlers) => handlers.linkUp({ link, publicKey, initiator, ...(host === undefined ? {} : { host }) }));
  }

  received(connection: Connection, channel: ChannelName, bytes: Uint8Array): void {
    const { link } = connection;
    if (link !== undefined) this.#call((handlers) => handlers.message(link, channel, bytes));
  }

  hasRoom(connection: Connection): void {
    const { link } = connection;
    if (link !== undefined) this.#call((handlers) => handlers.writable(link));
  }

  closed(connection: Connection, reason: CloseReason): void {
    this.#closings.set(reason, (this.#closings.get(reason) ?? 0) + 1);
    this.#uploads.delete(connection);
    this.#downloads.delete(connection);
    this.#dialler.ended(connection, reason);
    this.#links.remove(connection);
    const { link } = connection;
    if (link === undefined) return;
    this.#inBytes += connection.inBytes;
    this.#outBytes += connection.outBytes;
    this.#call((handlers) => handlers.linkDown(link));
    if (this.#stopping === undefined && this.#links.size < Math.min(3, this.#targetLinks)) this.#discovery?.hurry();
  }

  waitForUpload(connection: Connection): void {
    this.#uploads.add(connection);
  }

  waitForDownload(connection: Connection): void {
    this.#downloads.add(connection);
  }

  #createDht(port: number | undefined): HyperDHT {
    const { bootstrap, host } = this.#options;
    const isLoopback = host?.startsWith('127.') ?? false;
    const nodes = bootstrap?.map(parseHostPort).filter((address) => address !== undefined);
    return new HyperDHT({
      keyPair: this.#keyPair,
      nodes: this.#known.dhtNodes,
      // Links have their own pings; those of the streams would only double them.
      connectionKeepAlive: false,
      ...(nodes === undefined ? {} : { bootstrap: nodes }),
      ...(host === undefined ? {} : { host }),
      ...(port === undefined ? {} : { port }),
      // On one machine nobody is behind a router, and each node serves the DHT, so that no single one is needed.
      ...(isLoopback ? { firewalled: false, ephemeral: false } : {}),
    });
  }

  #worthKeeping(): object {
    // Of a DHT that nobody answers from, the ways in of last time are kept.
    const dhtNodes = this.#dht?.toArray({ limit: MAX_DHT_NODES }) ?? [];
    if (dhtNodes.length > 0) this.#known.dhtNodes = dhtNodes;
    return { version: 1, port: this.#listenPort(), ...this.#known.toJSON() };
  }

  #listenPort(): number {
    return this.#dht?.localAddress()?.port ?? 0;
  }

  #refuses(publicKey: Uint8Array): boolean {
    if (this.#stopping !== undefined || bytesEqual(publicKey, this.publicKey)) return true;
    if (this.#links.isCrowded) return true;
    // One that we have a link to may have lost it.
    return this.#links.isFull && !this.#links.has(toHex(publicKey));
  }

  #accept(stream: HyperDHT.SecretStream): void {
    const raw = stream.rawStream;
    if (this.#stopping !== undefined || raw === null || stream.destroying || this.#links.isCrowded) {
      stream.on('error', () => {});
      stream.destroy();
      return;
    }
    this.#links.open(new Connection(stream, raw, this, { instance: this.#instance, port: this.#listenPort() }));
  }

  #heardOf(publicKey: Uint8Array, addresses: readonly HyperDHT.Address[]): void {
    // The first relay of a node that is not behind a router is the node itself; else it is a way to it all the same.
    const first = addresses.find(({ host }) => isIPv4(host));
    this.#known.heardOf({ publicKey: new Uint8Array(publicKey), ...first });
    this.#dialler.dialMore();
  }

  #tick(): void {
    const nowMs = this.nowMs();
    for (const connection of this.#links.all()) connection.tick(nowMs);
    this.#dialler.dialMore();
  }

  async #stop(): Promise<void> {
    clearInterval(this.#ticker);
    this.#discovery?.stop();
    this.#uploads.stop();
    this.#downloads.stop();
    this.#dialler.stop();
    const connections = this.#links.stop();
    this.#handlers = undefined;
    await this.#file.flush();
    const dht = this.#dht;
    if (dht === undefined) return;
    const farewells = connections.map((connection) => connection.finished());
    if (this.#server !== undefined) farewells.push(this.#server.close());
    await withinMs(FAREWELL_MS, Promise.allSettled(farewells));
    await withinMs(
      FAREWELL_MS,
      dht.destroy({ force: true }).catch(() => {}),
    );
  }

  #call(use: (handlers: TransportHandlers) => void): void {
    const handlers = this.#handlers;
    if (handlers !== undefined) this.#guard(() => use(handlers));
  }

  /** What goes wrong above must not end a link, or the process. */
  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      if (this.#options.onHandlerError !== undefined) this.#options.onHandlerError(error);
      else process.emitWarning(error instanceof Error ? error : String(error));
    }
  }
}

/** In [0, 1), of the system: when and whom a node dials is not to be told beforehand by who watches it. */
function uniform(): number {
  return randomInt(2 ** 32) / 2 ** 32;
}

function savedPort(saved: unknown): number | undefined {
  const port = typeof saved === 'object' && saved !== null && 'port' in saved ? Number(saved.port) : 0;
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}

function parseHostPort(text: string): HyperDHT.Address | undefined {
  const match = /^([^:\s]+):([0-9]{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  return match !== null && port > 0 && port < 65_536 ? { host: match[1]!, port } : undefined;
}

async function withinMs(limitMs: number, promise: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([promise, new Promise((resolve) => (timer = setTimeout(resolve, limitMs)))]);
  clearTimeout(timer);
}
