import type HyperDHT from 'hyperdht';
import Protomux from 'protomux';

import { toHex } from '../../../shared/base/bytes.ts';
import { isHostIPv4 } from '../../../shared/base/ipv4.ts';
import type { ChannelName, LinkId } from '../../core/ports.ts';
import { MAX_TRANSPORT_MESSAGE_BYTES } from '../limits.ts';
import { OFFERED_CHANNELS } from './channels.ts';
import type { CloseReason } from './close-reason.ts';
import type { OwnEnd, OwnerOf } from './connection-owner.ts';
import { decodeControl, encodeControl } from './control.ts';
import type { ControlMessage, FarewellReason } from './control.ts';
import { guardFrames } from './frames.ts';
import { IDLE_PING_MS, Liveness } from './liveness.ts';
import { decodePath, encodePath } from './path-messages.ts';
import { Paths } from './paths.ts';
import { Pings } from './pings.ts';
import { RAW_ENCODING } from './raw-encoding.ts';
import { ScreenedStream } from './screened-stream.ts';
import type { TcpCalls } from './tcp-port.ts';
import { Traffic } from './traffic.ts';

export { OFFERED_CHANNELS };
export type ConnectionOwner = OwnerOf<Connection>;

/** Both ends must have come to an agreement by then (guess: three round trips of the slowest line, and a retransmission). */
export const HANDSHAKE_TIMEOUT_MS = 10_000;

/** A farewell takes so long at most to leave; the link counts as ended from the beginning. */
const FAREWELL_MS = 1_000;

/** A farewell by TCP, which comes after all that was sent there, has so long before it is said by UDX as well. */
const TCP_FAREWELL_MS = 250;

/**
 * One secret stream with its channels: from its opening, through hello (who is it, is it the one of two to keep), ready
 * (both ends keep it), to a link that carries messages under credit and limits.
 */
export class Connection {
  readonly initiator: boolean;
  readonly publicKey: Uint8Array;
  readonly keyHex: string;
  readonly host: string | undefined;
  readonly remotePort: number;
  /** Number of the link once established. */
  link: LinkId | undefined;
  /** Why the other end did not want the connection, where it was closed as 'dismissed'. */
  farewell: FarewellReason | undefined;

  readonly #stream: HyperDHT.SecretStream;
  readonly #raw: HyperDHT.RawStream;
  readonly #owner: ConnectionOwner;
  readonly #channels = new Map<ChannelName, Protomux.Channel>();
  readonly #control: Protomux.Channel;
  readonly #traffic: Traffic;
  readonly #liveness: Liveness;
  readonly #bornAtMs: number;
  #remoteInstance: Uint8Array | undefined;
  #remoteListenPort = 0;
  #chosen = false;
  #remoteReady = false;
  #established = false;
  #closed = false;
  #packetsSeen = 0;
  #packetsSeenAtMs: number;
  readonly #pings = new Pings();
  readonly #paths: Paths | undefined;
  #pathChannel: Protomux.Channel | undefined;

  /** `stream` is open (or, on the side that was dialled, about to be). */
  constructor(stream: HyperDHT.SecretStream, raw: HyperDHT.RawStream, owner: ConnectionOwner, own: OwnEnd) {
    this.#stream = stream;
    this.#raw = raw;
    this.#owner = owner;
    this.initiator = stream.isInitiator;
    this.publicKey = new Uint8Array(stream.remotePublicKey);
    this.keyHex = toHex(this.publicKey);
    this.host = raw.remoteHost ?? undefined;
    this.remotePort = raw.remotePort;
    this.#bornAtMs = owner.nowMs();
    this.#packetsSeenAtMs = this.#bornAtMs;
    this.#liveness = new Liveness(this.#bornAtMs);
    this.#traffic = this.#createTraffic(owner);
    stream.on('error', () => {}); // told by 'close', which always follows
    stream.on('close', () => this.destroy('remote'));
    stream.on('end', () => this.destroy('remote')); // a link that only one end may use is of no use
    stream.on('drain', () => this.#paths?.isTcp !== true && this.#traffic.wayIsFree());
    const guard = (): void => guardFrames(raw, () => this.destroy('oversized'));
    // The secret stream must listen first: it does once it is open, and nothing arrives before the next turn of the loop.
    if (this.initiator) guard();
    else stream.once('open', guard);
    const mux = new Protomux(new ScreenedStream(stream, (verdict) => this.destroy(verdict)));
    this.#control = this.#openChannel(mux, 'ping', (bytes) => this.#onControl(bytes, 'udx'));
    for (const channel of OFFERED_CHANNELS) {
      this.#channels.set(
        channel,
        this.#openChannel(mux, channel, (bytes) => this.#onMessage(channel, bytes)),
      );
    }
    if (own.calls !== undefined) {
      this.#paths = this.#createPaths(own.calls, own.isDirect ?? (() => true));
      // The other end may not know of paths: the link is none the worse for it.
      const refused = (): void => {};
      this.#pathChannel = this.#openChannel(mux, 'path', (bytes) => this.#onPath(bytes), refused);
    }
    this.#sendControl({ kind: 'hello', instance: own.instance, port: own.port });
  }

  /** Known when the owner's `identified` is called. */
  get remoteInstance(): Uint8Array | undefined {
    return this.#remoteInstance;
  }

  /** Port that the other end says it listens on; 0 for unknown. */
  get remoteListenPort(): number {
    return this.#remoteListenPort;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  get isEstablished(): boolean {
    return this.#established;
  }

  get bornAtMs(): number {
    return this.#bornAtMs;
  }

  get roundTripMs(): number | undefined {
    return this.#liveness.roundTripMs;
  }

  /** What carries what is sent. */
  get path(): 'udx' | 'tcp' {
    return this.#paths?.isTcp === true ? 'tcp' : 'udx';
  }

  get pendingBytes(): number {
    return this.#traffic.pendingBytes;
  }

  get inBytes(): number {
    return this.#traffic.inBytes;
  }

  get outBytes(): number {
    return this.#traffic.outBytes;
  }

  /** Keeps this connection as the link to its node. */
  choose(): void {
    if (this.#closed || this.#chosen) return;
    this.#chosen = true;
    this.#sendControl({ kind: 'ready' });
    this.#establishWhenReady();
  }

  /** Queues a message; false when the buffer is full. The bytes must not be changed afterwards. */
  send(channel: ChannelName, bytes: Uint8Array): boolean {
    if (this.#closed || !this.#established || !this.#channels.has(channel)) return false;
    if (bytes.length > MAX_TRANSPORT_MESSAGE_BYTES) {
      queueMicrotask(() => this.destroy('oversized'));
      return false;
    }
    this.#liveness.sent(this.#owner.nowMs());
    const outcome = this.#traffic.send({ channel, bytes });
    if (outcome === 'too-slow') queueMicrotask(() => this.destroy('too-slow'));
    return outcome === 'room';
  }

  /** The upload limit lets it go on. */
  pump(): void {
    if (!this.#closed) this.#traffic.goOn();
  }

  /** The download limit lets the other end send more. */
  grant(): void {
    if (!this.#closed && this.#established) this.#traffic.grant();
  }

  /** Called every TICK_MS (transport.ts). */
  tick(nowMs: number): void {
    if (!this.#established) {
      if (nowMs - this.#bornAtMs >= HANDSHAKE_TIMEOUT_MS) this.destroy('handshake-timeout');
      return;
    }
    // Acknowledgements are a sign of life too: with a long queue on a slow line a pong may take longer than the limit.
    if (this.#raw.packetsReceived !== this.#packetsSeen) {
      this.#packetsSeen = this.#raw.packetsReceived;
      this.#packetsSeenAtMs = nowMs;
      this.#liveness.heard(nowMs);
    } else if (this.path === 'tcp' && nowMs - this.#packetsSeenAtMs >= IDLE_PING_MS) {
      this.#packetsSeenAtMs = nowMs;
      this.ping(nowMs); // UDX is there to go back to
    }
    // What is not acknowledged yet may wait for somebody who is gone, even if older packets were just acknowledged.
    const isUnsure = this.#raw.inflight > 0 || this.#paths?.isUnsure === true;
    if (this.#traffic.isWaiting || isUnsure) this.#liveness.sent(nowMs);
    const verdict = this.#liveness.check(nowMs);
    if (verdict === 'gone') this.destroy('gone');
    else if (verdict === 'ping') this.ping(nowMs);
    this.#tickPaths(nowMs);
  }

  #tickPaths(nowMs: number): void {
    if (!this.#closed && this.#established && this.#pathChannel?.opened === true) this.#paths!.tick(nowMs);
  }

  /** On every way that there is: each is to be kept open, and the first answer counts. */
  ping(nowMs: number): void {
    const message = { kind: 'ping', number: this.#pings.ask(nowMs) } as const;
    this.#liveness.pinged(nowMs);
    if (this.#paths?.isTcp === true) this.#paths.control(encodeControl(message));
    this.#sendByUdx(message);
  }

  destroy(reason: CloseReason): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#traffic.clear();
    this.#paths?.end();
    this.#stream.destroy();
    this.#owner.closed(this, reason);
  }

  /** Ends the connection as `destroy` does, and tells the other end why, so that it does not try again at once. */
  dismiss(reason: 'asked' | 'full' | 'prefix'): void {
    if (this.#closed) return;
    const farewell = { kind: 'farewell', reason: reason === 'asked' ? 'unwanted' : reason } as const;
    const { path } = this;
    this.#paths?.end(encodeControl(farewell));
    const endUdx = (): void => {
      this.#control.messages[0]!.send(encodeControl(farewell));
      this.#stream.end();
    };
    this.#closed = true;
    this.#traffic.clear();
    if (path === 'udx') endUdx();
    const timers = [setTimeout(() => this.#stream.destroy(), FAREWELL_MS)];
    if (path === 'tcp') timers.push(setTimeout(endUdx, TCP_FAREWELL_MS));
    this.#stream.once('close', () => timers.forEach(clearTimeout));
    this.#owner.closed(this, reason);
  }

  /** Resolves when the stream has told the other end, or could not. */
  async finished(): Promise<void> {
    if (this.#stream.destroyed) return;
    await new Promise<void>((resolve) => this.#stream.once('close', () => resolve()));
  }

  #openChannel(
    mux: Protomux,
    name: string,
    onmessage: (bytes: Uint8Array) => void,
    onrefused: () => void = () => this.destroy('remote'),
  ): Protomux.Channel {
    const channel = mux.createChannel({
      protocol: `broadside/${name}/1`,
      messages: [{ encoding: RAW_ENCODING, onmessage }],
      onopen: () => queueMicrotask(() => this.#establishWhenReady()),
      onclose: () => (channel?.opened === true ? this.destroy('remote') : onrefused()),
    });
    if (channel === null) throw new Error('a channel cannot be opened on a destroyed stream');
    channel.open();
    return channel;
  }

  #onPath(bytes: Uint8Array): void {
    if (this.#closed) return;
    const message = decodePath(bytes);
    if (message === undefined || !this.#established) return this.destroy('violation');
    this.#paths!.heard(message);
  }

  #createTraffic(owner: ConnectionOwner): Traffic {
    return new Traffic({
      up: owner.up,
      down: owner.down,
      nowMs: () => owner.nowMs(),
      roundTripMs: () => this.roundTripMs,
      mayWrite: () => !this.#closed && this.#paths?.isReturning !== true,
      write: (message) =>
        this.#paths?.isTcp === true
          ? this.#paths.send(message)
          : this.#channels.get(message.channel)!.messages[0]!.send(message.bytes),
      grant: (totalBytes) => this.#sendControl({ kind: 'grant', totalBytes }),
      waitForUpload: () => owner.waitForUpload(this),
      waitForDownload: () => owner.waitForDownload(this),
      hasRoom: () => !this.#closed && owner.hasRoom(this),
    });
  }

  #createPaths(calls: TcpCalls, isDirect: (host: string, port: number) => boolean): Paths {
    return new Paths({
      initiator: this.initiator,
      publicKey: this.publicKey,
      calls,
      nowMs: () => this.#owner.nowMs(),
      host: () => {
        const { remoteHost, remotePort } = this.#raw;
        if (remoteHost === null || remoteHost !== this.host || !isHostIPv4(remoteHost)) return undefined;
        return isDirect(remoteHost, remotePort) ? remoteHost : undefined;
      },
      tell: (message) => void this.#pathChannel!.messages[0]!.send(encodePath(message)),
      grantedBytes: () => this.#traffic.grantedBytes,
      ping: () => {
        const nowMs = this.#owner.nowMs();
        if (!this.#pings.isWaiting(nowMs)) this.ping(nowMs);
      },
      alive: () => this.#liveness.heard(this.#owner.nowMs()),
      received: (channel, bytes) => this.#take(channel, bytes),
      controlled: (bytes) => this.#onControl(bytes, 'tcp'),
      wasGranted: (totalBytes) => this.#traffic.wasGranted(totalBytes),
      returned: (messages) => this.#traffic.putBack(messages),
      wayIsFree: () => this.#traffic.wayIsFree(),
      violated: () => this.destroy('violation'),
    });
  }

  #establishWhenReady(): void {
    if (this.#closed || this.#established || !this.#chosen || !this.#remoteReady) return;
    for (const channel of this.#channels.values()) if (!channel.opened) return;
    this.#established = true;
    this.#owner.established(this);
    if (this.#closed) return;
    this.ping(this.#owner.nowMs()); // measures the round trip
    this.grant();
  }

  #onMessage(channel: ChannelName, bytes: Uint8Array): void {
    if (this.#closed) return;
    if (!this.#established || this.#paths?.readsTcp === true) return this.destroy('violation');
    this.#take(channel, bytes);
  }

  #take(channel: ChannelName, bytes: Uint8Array): void {
    if (this.#closed) return;
    if (bytes.length > MAX_TRANSPORT_MESSAGE_BYTES) return this.destroy('oversized');
    const nowMs = this.#owner.nowMs();
    if (!this.#traffic.received(bytes, nowMs)) return this.destroy('overrun');
    this.#liveness.heard(nowMs);
    this.grant();
    this.#owner.received(this, channel, bytes);
  }

  #onControl(bytes: Uint8Array, path: 'udx' | 'tcp'): void {
    if (this.#closed) return;
    const message = decodeControl(bytes);
    if (message === undefined || (path === 'tcp' && message.kind === 'ready')) return this.destroy('violation');
    const nowMs = this.#owner.nowMs();
    this.#liveness.heard(nowMs);
    if (message.kind === 'farewell') {
      this.farewell = message.reason;
      return this.destroy('dismissed');
    }
    if (this.#remoteInstance === undefined) {
      if (message.kind !== 'hello') return this.destroy('violation');
      this.#remoteInstance = message.instance;
      this.#remoteListenPort = message.port;
      return this.#owner.identified(this);
    }
    switch (message.kind) {
      case 'hello':
        return this.destroy('violation');
      case 'ready':
        this.#remoteReady = true;
        return this.#establishWhenReady();
      case 'ping': {
        if (!this.#pings.mayAnswer(nowMs)) return this.destroy('violation');
        const pong = { kind: 'pong', number: message.number } as const;
        return path === 'udx' ? this.#sendByUdx(pong) : this.#sendControl(pong);
      }
      case 'pong': {
        const roundTripMs = this.#pings.answered(message.number, nowMs);
        if (roundTripMs === undefined) return;
        this.#liveness.measured(roundTripMs);
        this.#paths?.measured(roundTripMs);
        return this.#tickPaths(nowMs); // at once: a transfer may have begun
      }
      case 'grant':
        this.#traffic.wasGranted(message.totalBytes);
        return this.#traffic.goOn();
    }
  }

  /** Control messages pass by the outbox, the credit and the limits: they are few, and small, and must not wait. */
  #sendControl(message: ControlMessage): void {
    if (this.#closed) return;
    if (this.#paths?.isTcp !== true) return this.#sendByUdx(message);
    if (!this.#paths.control(encodeControl(message))) this.#traffic.wayIsFull();
  }

  #sendByUdx(message: ControlMessage): void {
    if (this.#closed) return;
    const drained = this.#control.messages[0]!.send(encodeControl(message));
    if (!drained && this.#paths?.isTcp !== true) this.#traffic.wayIsFull();
  }
}
