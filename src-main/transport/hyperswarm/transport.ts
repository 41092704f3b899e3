import { randomBytes } from 'node:crypto';

import type HyperDHT from 'hyperdht';

import { bytesEqual, fromHex, toHex } from '../../../shared/base/bytes.ts';
import { isIPv4 } from '../../../shared/base/ipv4.ts';
import type { ChannelName, KnownNode, LinkId, LinkStats, TransportHandlers } from '../../core/ports.ts';
import { TokenBucket } from '../../../shared/base/token-bucket.ts';
import { savedPort } from './addresses.ts';
import { Connection } from './connection.ts';
import type { CloseReason } from './close-reason.ts';
import type { ConnectionOwner } from './connection.ts';
import { INSTANCE_BYTES } from './control.ts';
import { Dialler } from './dialler.ts';
import { Discovery } from './discovery.ts';
import { KnownNodesFile } from './known-nodes-file.ts';
import { createDht } from './dht.ts';
import type { DirectDht } from './direct-dht.ts';
import { KnownNodes, MAX_DHT_NODES } from './known-nodes.ts';
import { LinkTable } from './link-table.ts';
import type { HyperswarmTransport, HyperswarmTransportOptions, LinkCounters } from './options.ts';
import { Relaying } from './relaying.ts';
import { TcpPort } from './tcp-port.ts';
import { topicOf } from './topic.ts';
import { Totals } from './totals.ts';
import { TurnQueue } from './turn-queue.ts';
import { uniform } from './uniform.ts';
import { withinMs } from './within-ms.ts';

export type { HyperswarmTransport, HyperswarmTransportOptions } from './options.ts';

/**
 * Links that a node keeps up by itself. With four drawn at random a network hangs together, and the core, which knows what is
 * a good link, has somebody to ask for more.
 */
const FLOOR_LINKS = 4;
/** How often links are looked after: a killed neighbour is noticed at most two of these late. */
const TICK_MS = 500;
/** Farewells (to links and to the DHT) take this long at most when stopping. */
const FAREWELL_MS = 800;

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
  readonly #floorLinks: number;
  readonly #instance = new Uint8Array(randomBytes(INSTANCE_BYTES));
  readonly #known: KnownNodes;
  readonly #file: KnownNodesFile;
  readonly #links: LinkTable;
  readonly #dialler: Dialler;
  readonly relaying: Relaying;
  readonly #uploads: TurnQueue<Connection>;
  readonly #downloads: TurnQueue<Connection>;
  readonly #totals = new Totals();
  #handlers: TransportHandlers | undefined;
  readonly #tcp: TcpPort | undefined;
  #dht: DirectDht | undefined;
  #server: HyperDHT.DhtServer | undefined;
  #discovery: Discovery | undefined;
  #ticker: NodeJS.Timeout | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: HyperswarmTransportOptions) {
    this.#options = options;
    this.publicKey = options.keyPair.publicKey;
    this.#keyPair = {
      publicKey: Buffer.from(options.keyPair.publicKey),
      secretKey: Buffer.from(options.keyPair.secretKey),
    };
    const maxLinks = Math.max(1, options.maxLinks);
    this.#floorLinks = Math.min(maxLinks, options.floorLinks ?? FLOOR_LINKS);
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
    if (options.tcp !== false) this.#tcp = new TcpPort(this.#keyPair, options.host);
    const { network } = options;
    this.#known = new KnownNodes({ ownKeyHex: toHex(this.publicKey), network, now: Date.now, random: uniform });
    this.#file = new KnownNodesFile(options.knownNodesPath, () => this.#worthKeeping());
    this.#links = new LinkTable({
      publicKey: this.publicKey,
      maxLinks,
      countsPrivateNets: options.countsPrivateNets ?? false,
      isDialling: (keyHex) => this.#dialler.isDialling(keyHex),
      onChosen: (keyHex) => this.#dialler.cancel(keyHex),
      now: () => this.nowMs(),
    });
    this.#dialler = new Dialler({
      keyPair: this.#keyPair,
      known: this.#known,
      links: this.#links,
      floorLinks: this.#floorLinks,
      onOpen: (stream) => this.#accept(stream),
      onStuck: (publicKey) => this.relaying.search(publicKey),
      aloneMs: (keyHex) => this.relaying.aloneMs(keyHex),
      ...(options.cannotMeet === undefined ? {} : { cannotMeet: options.cannotMeet }),
      onFailed: (keyHex) => this.#guard(() => options.onDialFailed?.(fromHex(keyHex)!)),
      now: () => this.nowMs(),
    });
    this.relaying = new Relaying({
      keyPair: this.#keyPair,
      settings: options.relay,
      ...{ known: this.#known, links: this.#links, dialler: this.#dialler },
      onStream: (stream, raw, relay) => this.#open(stream, raw, relay),
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
    const { bootstrap, host, port = savedPort(saved) } = this.#options;
    const crowding = { links: this.#links, totals: this.#totals };
    const dht = createDht({ keyPair: this.#keyPair, bootstrap, host, port, nodes: this.#known.dhtNodes }, crowding);
    this.#dht = dht;
    this.#dialler.start(dht);
    this.#server = dht.createServer({ firewall: (key) => this.#refuses(key) }, (stream) => this.#accept(stream));
    // Announces as well, which takes as long as the network lets it; the port is open when `bind` is done.
    this.#server.listen(this.#keyPair).catch(() => {});
    await dht.bind();
    if (this.#stopping !== undefined) return;
    await this.#tcp?.listen(this.#listenPort());
    if (this.#stopping !== undefined) return this.#tcp?.stop();
    this.#discovery = new Discovery({
      dht,
      server: this.#server,
      topic: Buffer.from(topicOf(new TextEncoder().encode(this.#options.network))),
      keyPair: this.#keyPair,
      random: uniform,
      wantsLinks: () => this.#links.size < this.#floorLinks,
      onPeer: (publicKey, addresses) => this.#heardOf(publicKey, addresses),
      onAnnouncedAgain: () => this.#dialler.dialStranger(),
    });
    this.#discovery.start();
    dht.on('network-change', () => {
      this.#discovery?.hurry();
      this.relaying.networkChanged();
    });
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
    return this.#links.get(link)?.traffic.pendingBytes ?? 0;
  }

  close(link: LinkId): void {
    const connection = this.#links.get(link);
    if (connection === undefined) return;
    // Not within the caller, which may be in the middle of something: handlers are called from the loop only.
    queueMicrotask(() => connection.dismiss('asked'));
  }

  dial(node: KnownNode): void {
    if (this.#stopping !== undefined || bytesEqual(node.publicKey, this.publicKey)) return;
    if (node.publicKey.length !== 32) return;
    this.#dialler.ask(node);
  }

  traffic(): { readonly inBytes: number; readonly outBytes: number } {
    return this.#totals.traffic(this.#links.links());
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
    const { roundTripMs, path, relay } = connection;
    const { inBytes, outBytes } = connection.traffic;
    const measured = roundTripMs === undefined ? {} : { roundTripMs };
    return { inBytes, outBytes, path, ...measured, ...(relay === undefined ? {} : { relay }) };
  }

  address(): { readonly host: string; readonly port: number } | undefined {
    const local = this.#dht?.localAddress();
    if (this.#dht === undefined || local === null || local === undefined) return undefined;
    if (this.#options.host !== undefined) return { host: this.#options.host, port: local.port };
    return this.#dht.host === null ? local : { host: this.#dht.host, port: this.#dht.port || local.port };
  }

  closings(): LinkCounters {
    return this.#totals.closings;
  }

  knownNodes(): number {
    return this.#known.size;
  }

  provedNodes(): readonly KnownNode[] {
    const isLinked = (node: KnownNode): boolean => this.#links.has(toHex(node.publicKey));
    const proved = this.#known.proved();
    return [...proved.filter(isLinked), ...proved.filter((node) => !isLinked(node))];
  }

  meet(node: KnownNode): void {
    this.#known.invited(node);
    this.#file.touch();
    this.dial(node);
  }

  // The connections' owner.

  identified(connection: Connection): void {
    this.#links.identified(connection);
  }

  established(connection: Connection): void {
    const { publicKey, initiator, host, remoteListenPort, remotePort, relay } = connection;
    const at = host === undefined ? {} : { host };
    if (relay === undefined) {
      this.#known.linked({ publicKey, port: remoteListenPort || remotePort, ...at }, initiator);
      this.#file.touch();
    }
    this.relaying.established(connection);
    const former = this.#links.takeOver(connection);
    if (former !== undefined) return connection.succeed(former);
    const link = this.#links.establish(connection);
    const port = remoteListenPort === 0 ? {} : { port: remoteListenPort };
    this.#call((handlers) => handlers.linkUp({ link, publicKey, initiator, ...at, ...port }));
  }

  received(connection: Connection, channel: ChannelName, bytes: Uint8Array): void {
    const { link } = connection;
    if (link !== undefined) this.#call((handlers) => handlers.message(link, channel, bytes));
  }

  canRelay(connection: Connection): void {
    this.relaying.canRelay(connection);
  }

  relayed(connection: Connection, bytes: Uint8Array): void {
    this.relaying.received(connection, bytes);
  }

  hasRoom(connection: Connection): void {
    this.relaying.hasRoom(connection);
    const { link } = connection;
    if (link !== undefined) this.#call((handlers) => handlers.writable(link));
  }

  closed(connection: Connection, reason: CloseReason): void {
    this.#totals.count(reason);
    this.#uploads.delete(connection);
    this.#downloads.delete(connection);
    this.relaying.closed(connection, reason);
    const { link, keyHex, relay } = connection;
    if (link !== undefined && relay === undefined) this.#known.seen(keyHex);
    this.#dialler.ended(connection, reason);
    this.#links.remove(connection);
    if (link === undefined) return;
    this.#totals.keep(connection);
    this.#call((handlers) => handlers.linkDown(link));
    if (this.#stopping === undefined && this.#links.size < Math.min(3, this.#floorLinks)) this.#discovery?.hurry();
  }

  waitForUpload(connection: Connection): void {
    this.#uploads.add(connection);
  }

  waitForDownload(connection: Connection): void {
    this.#downloads.add(connection);
  }

  #worthKeeping(): object {
    for (const { keyHex, relay } of this.#links.links()) if (relay === undefined) this.#known.seen(keyHex);
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
    if (this.#options.cannotMeet?.(new Uint8Array(publicKey)) === true) return true;
    if (this.#links.isCrowded) this.#totals.count('crowded');
    if (this.#links.isCrowded || this.#dialler.isBarred(toHex(publicKey))) return true;
    // One that we have a link to may have lost it.
    return this.#links.isFull && !this.#links.has(toHex(publicKey));
  }

  #accept(stream: HyperDHT.SecretStream): void {
    const raw = stream.rawStream;
    // Own dials, which are bounded too, have room whoever crowds the rest.
    const isCrowded = this.#links.isCrowded && !stream.isInitiator;
    if (this.#stopping !== undefined || raw === null || stream.destroying || isCrowded) {
      stream.on('error', () => {});
      stream.destroy();
      return;
    }
    this.#open(stream, raw);
  }

  /** `relay`: the neighbour that carries it. */
  #open(stream: HyperDHT.SecretStream, raw: HyperDHT.RawStream, relay?: Uint8Array): void {
    const own = {
      instance: this.#instance,
      port: this.#listenPort(),
      isDirect: (host: string, port: number) => this.#dht?.isRelay(host, port) === false,
    };
    const withTcp = this.#tcp === undefined ? own : { ...own, calls: this.#tcp };
    this.#links.open(new Connection(stream, raw, this, withTcp, relay));
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
    this.relaying.tick(nowMs);
    this.#dialler.dialMore();
  }

  async #stop(): Promise<void> {
    clearInterval(this.#ticker);
    this.#discovery?.stop();
    this.#uploads.stop();
    this.#downloads.stop();
    this.#dialler.stop();
    this.#tcp?.stop();
    this.relaying.stop();
    const connections = this.#links.stop();
    this.#handlers = undefined;
    await this.#file.flush();
    const dht = this.#dht;
    if (dht === undefined) return;
    const farewells = connections.map((connection) => connection.finished());
    const leaving = this.#server?.close().catch(() => {});
    // Where nobody in the DHT answers there is nobody to take leave of: that would only wait until the time for it is over.
    const isHeard = this.#discovery?.wasAnswered === true && dht.online;
    if (leaving !== undefined && isHeard) farewells.push(leaving);
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
