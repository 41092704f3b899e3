import type HyperDHT from 'hyperdht';
import Protomux from 'protomux';

import { toHex } from '../../../shared/base/bytes.ts';
import type { ChannelName, LinkId } from '../../core/ports.ts';
import {
  HARD_PENDING_BYTES,
  MAX_TRANSPORT_MESSAGE_BYTES,
  MESSAGE_OVERHEAD_BYTES,
  SOFT_PENDING_BYTES,
  WRITABLE_PENDING_BYTES,
} from '../limits.ts';
import { Outbox } from '../outbox.ts';
import type { OutboundMessage } from '../outbox.ts';
import type { TokenBucket } from '../../../shared/base/token-bucket.ts';
import type { CloseReason } from './close-reason.ts';
import { decodeControl, encodeControl } from './control.ts';
import type { ControlMessage, FarewellReason } from './control.ts';
import { Credit, CreditWindow } from './credit.ts';
import { FrameGuard } from './frames.ts';
import { Liveness } from './liveness.ts';
import { RAW_ENCODING } from './raw-encoding.ts';
import { ScreenedStream } from './screened-stream.ts';

/** The core's sub-protocols that are offered now, and that both ends must open. */
export const OFFERED_CHANNELS: readonly ChannelName[] = ['link', 'route', 'search', 'transfer'];

/** Both ends must have come to an agreement by then (guess: three round trips of the slowest line, and a retransmission). */
export const HANDSHAKE_TIMEOUT_MS = 10_000;

/** A farewell takes so long at most to leave; the link counts as ended from the beginning. */
const FAREWELL_MS = 1_000;

/** Pings a second that are answered; ours come every two seconds at most. */
const MAX_PINGS_A_SECOND = 20;

export interface ConnectionOwner {
  readonly up: TokenBucket;
  readonly down: TokenBucket;
  nowMs(): number;
  /** The other end said who it is: the owner calls `choose` or `destroy`, now or later. */
  identified(connection: Connection): void;
  /** Both ends chose this connection and opened all channels. */
  established(connection: Connection): void;
  received(connection: Connection, channel: ChannelName, bytes: Uint8Array): void;
  hasRoom(connection: Connection): void;
  closed(connection: Connection, reason: CloseReason): void;
  /** The connection could write, or grant, if the limit let it: call `pump`, or `grant`, when it does. */
  waitForUpload(connection: Connection): void;
  waitForDownload(connection: Connection): void;
}

/** What a message counts for in limits and credit. */
function costOf(message: OutboundMessage): number {
  return message.bytes.length + MESSAGE_OVERHEAD_BYTES;
}

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
  inBytes = 0;
  outBytes = 0;

  readonly #stream: HyperDHT.SecretStream;
  readonly #raw: HyperDHT.RawStream;
  readonly #owner: ConnectionOwner;
  readonly #channels = new Map<ChannelName, Protomux.Channel>();
  readonly #control: Protomux.Channel;
  readonly #outbox = new Outbox();
  readonly #credit = new Credit();
  readonly #creditWindow = new CreditWindow();
  readonly #liveness: Liveness;
  readonly #bornAtMs: number;
  #remoteInstance: Uint8Array | undefined;
  #remoteListenPort = 0;
  #chosen = false;
  #remoteReady = false;
  #established = false;
  #closed = false;
  #drained = true;
  #writtenSinceDrain = 0;
  #full = false;
  #packetsSeen = 0;
  #pingNumber = 0;
  #pingSentAtMs: number | undefined;
  #pingsThisSecond = 0;
  #pingSecond = 0;

  /** `stream` is open (or, on the side that was dialled, about to be); `instance` and `port` are ours. */
  constructor(
    stream: HyperDHT.SecretStream,
    raw: HyperDHT.RawStream,
    owner: ConnectionOwner,
    own: { readonly instance: Uint8Array; readonly port: number },
  ) {
    this.#stream = stream;
    this.#raw = raw;
    this.#owner = owner;
    this.initiator = stream.isInitiator;
    this.publicKey = new Uint8Array(stream.remotePublicKey);
    this.keyHex = toHex(this.publicKey);
    this.host = raw.remoteHost ?? undefined;
    this.remotePort = raw.remotePort;
    this.#bornAtMs = owner.nowMs();
    this.#liveness = new Liveness(this.#bornAtMs);
    stream.on('error', () => {}); // told by 'close', which always follows
    stream.on('close', () => this.destroy('remote'));
    stream.on('end', () => this.destroy('remote')); // a link that only one end may use is of no use
    stream.on('drain', () => this.#onDrain());
    this.#guardFrames();
    const mux = new Protomux(new ScreenedStream(stream, (verdict) => this.destroy(verdict)));
    this.#control = this.#openChannel(mux, 'ping', (bytes) => this.#onControl(bytes));
    for (const channel of OFFERED_CHANNELS) {
      this.#channels.set(
        channel,
        this.#openChannel(mux, channel, (bytes) => this.#onMessage(channel, bytes)),
      );
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

  get pendingBytes(): number {
    return this.#outbox.pendingBytes + this.#writtenSinceDrain;
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
    const message = { channel, bytes };
    this.#outbox.push(message, costOf(message));
    this.#liveness.sent(this.#owner.nowMs());
    this.pump();
    if (this.pendingBytes > HARD_PENDING_BYTES) {
      queueMicrotask(() => this.destroy('too-slow'));
      return false;
    }
    if (this.pendingBytes > SOFT_PENDING_BYTES) this.#full = true;
    return !this.#full;
  }

  /** Writes what the stream, the other end's credit and the limit allow. */
  pump(): void {
    const nowMs = this.#owner.nowMs();
    while (!this.#closed && this.#drained && !this.#outbox.isEmpty && this.#credit.maySend) {
      if (!this.#owner.up.allows(nowMs)) {
        this.#owner.waitForUpload(this);
        return;
      }
      this.#write(this.#outbox.shift(costOf)!, nowMs);
      // With a limit, one message a turn, so that the links share it.
      if (this.#owner.up.limited && !this.#outbox.isEmpty) {
        this.#owner.waitForUpload(this);
        return;
      }
    }
  }

  /** Tells the other end how much more it may send, once half of what it may is used up and the limit allows it. */
  grant(): void {
    if (this.#closed || !this.#established) return;
    const windowBytes = this.#creditWindow.bytes(this.#owner.down.bytesPerSecond);
    if (!this.#credit.wantsGrant(windowBytes)) return;
    if (!this.#owner.down.allows(this.#owner.nowMs())) {
      this.#owner.waitForDownload(this);
      return;
    }
    this.#creditWindow.granted(this.#owner.nowMs(), this.roundTripMs);
    this.#sendControl({ kind: 'grant', totalBytes: this.#credit.grant(windowBytes) });
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
      this.#liveness.heard(nowMs);
    }
    // What is not acknowledged yet may wait for somebody who is gone, even if older packets were just acknowledged.
    if (!this.#outbox.isEmpty || this.#raw.inflight > 0) this.#liveness.sent(nowMs);
    const verdict = this.#liveness.check(nowMs);
    if (verdict === 'gone') this.destroy('gone');
    else if (verdict === 'ping') this.ping(nowMs);
  }

  ping(nowMs: number): void {
    this.#pingNumber = (this.#pingNumber + 1) % 2 ** 32;
    this.#pingSentAtMs = nowMs;
    this.#liveness.pinged(nowMs);
    this.#sendControl({ kind: 'ping', number: this.#pingNumber });
  }

  destroy(reason: CloseReason): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#outbox.clear();
    this.#stream.destroy();
    this.#owner.closed(this, reason);
  }

  /** Ends the connection as `destroy` does, and tells the other end why, so that it does not try again at once. */
  dismiss(reason: 'asked' | 'full' | 'prefix'): void {
    if (this.#closed) return;
    this.#sendControl({ kind: 'farewell', reason: reason === 'asked' ? 'unwanted' : reason });
    this.#closed = true;
    this.#outbox.clear();
    this.#stream.end();
    const timer = setTimeout(() => this.#stream.destroy(), FAREWELL_MS);
    this.#stream.once('close', () => clearTimeout(timer));
    this.#owner.closed(this, reason);
  }

  /** Resolves when the stream has told the other end, or could not. */
  async finished(): Promise<void> {
    if (this.#stream.destroyed) return;
    await new Promise<void>((resolve) => this.#stream.once('close', () => resolve()));
  }

  #openChannel(mux: Protomux, name: string, onmessage: (bytes: Uint8Array) => void): Protomux.Channel {
    const channel = mux.createChannel({
      protocol: `broadside/${name}/1`,
      messages: [{ encoding: RAW_ENCODING, onmessage }],
      onopen: () => queueMicrotask(() => this.#establishWhenReady()),
      onclose: () => this.destroy('remote'),
    });
    if (channel === null) throw new Error('a channel cannot be opened on a destroyed stream');
    channel.open();
    return channel;
  }

  #guardFrames(): void {
    const guard = new FrameGuard();
    let isRefused = false;
    // The secret stream must listen first: it does once it is open, and nothing arrives before the next turn of the loop.
    const attach = (): void => {
      this.#raw.on('data', (chunk: Buffer) => {
        if (isRefused || guard.accept(chunk)) return;
        isRefused = true;
        this.destroy('oversized');
      });
    };
    if (this.initiator) attach();
    else this.#stream.once('open', attach);
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

  #write(message: OutboundMessage, nowMs: number): void {
    const cost = costOf(message);
    this.#credit.sent(cost);
    this.#owner.up.take(cost, nowMs);
    this.outBytes += message.bytes.length;
    this.#drained = this.#channels.get(message.channel)!.messages[0]!.send(message.bytes);
    this.#writtenSinceDrain = this.#drained ? 0 : this.#writtenSinceDrain + cost;
  }

  #onDrain(): void {
    this.#drained = true;
    this.#writtenSinceDrain = 0;
    this.pump();
    this.#tellRoom();
  }

  #tellRoom(): void {
    if (this.#closed || !this.#full || this.pendingBytes > WRITABLE_PENDING_BYTES) return;
    this.#full = false;
    this.#owner.hasRoom(this);
  }

  #onMessage(channel: ChannelName, bytes: Uint8Array): void {
    if (this.#closed) return;
    if (!this.#established) return this.destroy('violation');
    if (bytes.length > MAX_TRANSPORT_MESSAGE_BYTES) return this.destroy('oversized');
    const nowMs = this.#owner.nowMs();
    const cost = bytes.length + MESSAGE_OVERHEAD_BYTES;
    if (!this.#credit.received(cost)) return this.destroy('overrun');
    this.inBytes += bytes.length;
    this.#liveness.heard(nowMs);
    this.#owner.down.take(cost, nowMs);
    this.grant();
    this.#owner.received(this, channel, bytes);
  }

  #onControl(bytes: Uint8Array): void {
    if (this.#closed) return;
    const message = decodeControl(bytes);
    if (message === undefined) return this.destroy('violation');
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
      case 'ping':
        return this.#onPing(message.number, nowMs);
      case 'pong':
        if (message.number !== this.#pingNumber || this.#pingSentAtMs === undefined) return;
        this.#liveness.measured(nowMs - this.#pingSentAtMs);
        this.#pingSentAtMs = undefined;
        return;
      case 'grant':
        this.#credit.wasGranted(message.totalBytes);
        this.pump();
        return this.#tellRoom();
    }
  }

  #onPing(number: number, nowMs: number): void {
    const second = Math.floor(nowMs / 1_000);
    if (second !== this.#pingSecond) {
      this.#pingSecond = second;
      this.#pingsThisSecond = 0;
    }
    this.#pingsThisSecond += 1;
    if (this.#pingsThisSecond > MAX_PINGS_A_SECOND) return this.destroy('violation');
    this.#sendControl({ kind: 'pong', number });
  }

  /** Control messages pass by the outbox, the credit and the limits: they are few, and small, and must not wait. */
  #sendControl(message: ControlMessage): void {
    if (this.#closed) return;
    const drained = this.#control.messages[0]!.send(encodeControl(message));
    if (!drained) this.#drained = false;
  }
}
