import type HyperDHT from 'hyperdht';

import { toHex } from '../../../shared/base/bytes.ts';
import { TokenBucket } from '../../../shared/base/token-bucket.ts';
import { isHostIPv4 } from '../../../shared/base/ipv4.ts';
import type { LinkId } from '../../core/ports.ts';
import { MAX_TRANSPORT_MESSAGE_BYTES } from '../limits.ts';
import { OFFERED_CHANNELS } from './channels.ts';
import type { CarriedChannel } from './channels.ts';
import type { CloseReason } from './close-reason.ts';
import { ConnectionChannels } from './connection-channels.ts';
import type { OwnEnd, OwnerOf } from './connection-owner.ts';
import { decodeControl, encodeControl } from './control.ts';
import type { ControlMessage, FarewellReason } from './control.ts';
import { endSlowly, TCP_FAREWELL_MS } from './farewell.ts';
import { guardFrames } from './frames.ts';
import { LifeSigns } from './life-signs.ts';
import { Move } from './move.ts';
import { decodePath, encodePath } from './path-messages.ts';
import { Paths } from './paths.ts';
import { Pings } from './pings.ts';
import type { TcpCalls } from './tcp-port.ts';
import { Traffic } from './traffic.ts';
import type { TrafficCounts } from './traffic.ts';

export { OFFERED_CHANNELS };
export type ConnectionOwner = OwnerOf<Connection>;

/** Both ends must have come to an agreement by then (guess: three round trips of the slowest line, and a retransmission). */
export const HANDSHAKE_TIMEOUT_MS = 10_000;

const UNLIMITED = new TokenBucket(0, 0);

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
  readonly bornAtMs: number;
  /** Known when the owner's `identified` is called. */
  remoteInstance: Uint8Array | undefined;
  /** Port that the other end says it listens on; 0 for unknown. */
  remoteListenPort = 0;
  /** Number of the link once established. */
  link: LinkId | undefined;
  /** Why the other end did not want the connection, where it was closed as 'dismissed'. */
  farewell: FarewellReason | undefined;

  readonly #stream: HyperDHT.SecretStream;
  readonly #raw: HyperDHT.RawStream;
  readonly #owner: ConnectionOwner;
  readonly #channels: ConnectionChannels;
  readonly #traffic: Traffic;
  readonly #liveness: LifeSigns;
  #chosen = false;
  #remoteReady = false;
  #established = false;
  #closed = false;
  readonly #pings = new Pings();
  readonly #paths: Paths | undefined;
  /** Key of the neighbour that carries it, where the two ends have no way of their own. */
  readonly relay: Uint8Array | undefined;
  /** The link comes here, or goes from here. */
  #move: Move<Connection> | undefined;
  #remoteOver = false;

  /** `stream` is open (or, on the side that was dialled, about to be). */
  constructor(
    stream: HyperDHT.SecretStream,
    raw: HyperDHT.RawStream,
    owner: ConnectionOwner,
    own: OwnEnd,
    relay?: Uint8Array,
  ) {
    this.#stream = stream;
    this.#raw = raw;
    this.#owner = owner;
    this.relay = relay;
    this.initiator = stream.isInitiator;
    this.publicKey = new Uint8Array(stream.remotePublicKey);
    this.keyHex = toHex(this.publicKey);
    this.host = raw.remoteHost ?? undefined;
    this.remotePort = raw.remotePort;
    this.bornAtMs = owner.nowMs();
    this.#liveness = new LifeSigns(raw, this.bornAtMs);
    this.#traffic = this.#createTraffic(owner);
    stream.on('error', () => {}); // told by 'close', which always follows
    stream.on('close', () => this.destroy('remote'));
    stream.on('end', () => this.destroy('remote')); // a link that only one end may use is of no use
    stream.on('drain', () => this.#paths?.isTcp !== true && this.#traffic.wayIsFree());
    const guard = (): void => guardFrames(raw, () => this.destroy('oversized'));
    // The secret stream must listen first: it does once it is open, and nothing arrives before the next turn of the loop.
    if (relay === undefined && this.initiator) guard();
    else if (relay === undefined) stream.once('open', guard);
    const message = (channel: CarriedChannel) => (bytes: Uint8Array) => this.#onMessage(channel, bytes);
    const isDirect = own.isDirect ?? (() => true);
    if (own.calls !== undefined && relay === undefined) this.#paths = this.#createPaths(own.calls, isDirect);
    this.#channels = new ConnectionChannels(stream, {
      onMessage: {
        ping: (bytes) => this.#onControl(bytes, 'udx'),
        path: (bytes) => this.#onPath(bytes),
        ...{ link: message('link'), route: message('route'), search: message('search') },
        ...{ transfer: message('transfer'), relay: message('relay') },
      },
      // Nothing is carried over what is carried itself.
      without: new Set([...(this.#paths === undefined ? ['path' as const] : []), ...(relay ? ['relay' as const] : [])]),
      onOpen: () => this.#establishWhenReady(),
      onEnd: () => this.destroy('remote'),
      onRefusedFrame: (verdict) => this.destroy(verdict),
    });
    this.#sendControl({ kind: 'hello', instance: own.instance, port: own.port });
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  get isEstablished(): boolean {
    return this.#established;
  }

  get roundTripMs(): number | undefined {
    return this.#liveness.roundTripMs;
  }

  /** What carries what is sent. */
  get path(): 'udx' | 'tcp' | 'relay' {
    if (this.relay !== undefined) return 'relay';
    return this.#paths?.isTcp === true ? 'tcp' : 'udx';
  }

  get traffic(): TrafficCounts {
    return this.#traffic;
  }

  /** Keeps this connection as the link to its node. */
  choose(): void {
    if (this.#closed || this.#chosen) return;
    this.#chosen = true;
    this.#sendControl({ kind: 'ready' });
    this.#establishWhenReady();
  }

  /** Queues a message; false when the buffer is full. The bytes must not be changed afterwards. */
  send(channel: CarriedChannel, bytes: Uint8Array): boolean {
    if (this.#closed || !this.#established) return false;
    if (bytes.length > MAX_TRANSPORT_MESSAGE_BYTES) {
      queueMicrotask(() => this.destroy('oversized'));
      return false;
    }
    this.#liveness.sent(this.#owner.nowMs());
    const outcome = this.#traffic.send({ channel, bytes });
    if (outcome === 'too-slow') queueMicrotask(() => this.destroy('too-slow'));
    return outcome === 'room';
  }

  /** Carries the link from now on, which `former` carried until now. */
  succeed(former: Connection): void {
    this.#move = former.#move = new Move(former, this, this.#owner.nowMs());
    former.#sendControl({ kind: 'over' });
    this.#traffic.takeOver(former.#traffic);
    former.#leaveWhenOver();
  }

  #leaveWhenOver(): void {
    const move = this.#move;
    if (move === undefined || !this.#remoteOver || this.#closed) return;
    const held = move.over();
    move.to.#traffic.countFormer(this.#traffic);
    this.#finish('replaced', () => endSlowly(this.#stream, () => this.#stream.end(), 0));
    for (const { channel, bytes } of held) move.to.#hand(channel, bytes);
    move.to.grant();
  }

  /** What comes here waits for what may still come by the connection that carried the link before. */
  get #waitsForFormer(): boolean {
    return this.#move?.to === this && !this.#move.isOver;
  }

  /** The upload limit lets it go on. */
  pump(): void {
    if (!this.#closed) this.#traffic.goOn();
  }

  /** The download limit lets the other end send more. */
  grant(): void {
    if (!this.#closed && this.#established && !this.#waitsForFormer) this.#traffic.grant();
  }

  /** Every TICK_MS (transport.ts). */
  tick(nowMs: number): void {
    if (!this.#established) {
      if (nowMs - this.bornAtMs >= HANDSHAKE_TIMEOUT_MS) this.destroy('handshake-timeout');
      return;
    }
    if (this.#move?.isLate(nowMs) === true) return this.destroy('gone');
    const isUnsure = this.#traffic.isWaiting || this.#paths?.isUnsure === true;
    const verdict = this.#liveness.look(nowMs, isUnsure, this.path === 'tcp');
    if (verdict === 'gone') this.destroy('gone');
    else if (verdict === 'ping') this.ping(nowMs);
    this.#tickPaths(nowMs);
  }

  #tickPaths(nowMs: number): void {
    if (!this.#closed && this.#established && this.#channels.isOpen('path')) this.#paths!.tick(nowMs);
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
    this.#paths?.end();
    this.#finish(reason, () => this.#stream.destroy());
  }

  /** Ends the connection as `destroy` does, and tells the other end why, so that it does not try again at once. */
  dismiss(reason: 'asked' | 'full' | 'prefix'): void {
    if (this.#closed) return;
    const farewell = { kind: 'farewell', reason: reason === 'asked' ? 'unwanted' : reason } as const;
    const { path } = this;
    this.#paths?.end(encodeControl(farewell));
    const endUdx = (): void => {
      this.#channels.send('ping', encodeControl(farewell));
      this.#stream.end();
    };
    this.#finish(reason, () => endSlowly(this.#stream, endUdx, path === 'tcp' ? TCP_FAREWELL_MS : 0));
  }

  /** The connection has ended for its owner. */
  #finish(reason: CloseReason, end: () => void): void {
    this.#closed = true;
    this.#traffic.clear();
    end();
    this.#owner.closed(this, reason);
    // Half of a move is none.
    if (this.#move === undefined || this.#move.isOver) return;
    this.#move.from.destroy('replaced');
    this.#move.to.destroy('remote');
  }

  /** The stream has told the other end, or could not. */
  async finished(): Promise<void> {
    if (this.#stream.destroyed) return;
    await new Promise<void>((resolve) => this.#stream.once('close', () => resolve()));
  }

  #onPath(bytes: Uint8Array): void {
    if (this.#closed) return;
    const message = decodePath(bytes);
    if (message === undefined || !this.#established) return this.destroy('violation');
    this.#paths!.heard(message);
  }

  #createTraffic(owner: ConnectionOwner): Traffic {
    return new Traffic({
      // What a neighbour carries is limited where it goes: on the link to that.
      up: this.relay === undefined ? owner.up : UNLIMITED,
      down: this.relay === undefined ? owner.down : UNLIMITED,
      nowMs: () => owner.nowMs(),
      roundTripMs: () => this.roundTripMs,
      mayWrite: () => !this.#closed && this.#paths?.isReturning !== true && this.#move?.from !== this,
      write: (message) =>
        this.#paths?.isTcp === true ? this.#paths.send(message) : this.#channels.send(message.channel, message.bytes),
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
        const isHost = remoteHost !== null && remoteHost === this.host && isHostIPv4(remoteHost);
        return isHost && isDirect(remoteHost, remotePort) ? remoteHost : undefined;
      },
      tell: (message) => void this.#channels.send('path', encodePath(message)),
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
    if (this.#closed || !this.#chosen || !this.#remoteReady || !this.#channels.areReady) return;
    if (!this.#established) {
      this.#established = true;
      this.#owner.established(this);
      if (this.#closed) return;
      this.ping(this.#owner.nowMs()); // measures the round trip
      this.grant();
    }
    if (this.#channels.isOpen('relay')) this.#owner.canRelay(this);
  }

  #onMessage(channel: CarriedChannel, bytes: Uint8Array): void {
    if (this.#closed) return;
    const isMisplaced = this.#paths?.readsTcp === true || this.#remoteOver;
    if (!this.#established || isMisplaced) return this.destroy('violation');
    this.#take(channel, bytes);
  }

  #take(channel: CarriedChannel, bytes: Uint8Array): void {
    if (this.#closed) return;
    if (bytes.length > MAX_TRANSPORT_MESSAGE_BYTES) return this.destroy('oversized');
    const nowMs = this.#owner.nowMs();
    if (!this.#traffic.received(bytes, nowMs)) return this.destroy('overrun');
    this.#liveness.heard(nowMs);
    this.grant();
    if (this.#waitsForFormer) this.#move!.hold(channel, bytes);
    else this.#hand(channel, bytes);
  }

  #hand(channel: CarriedChannel, bytes: Uint8Array): void {
    if (channel === 'relay') this.#owner.relayed(this, bytes);
    else this.#owner.received(this.#move?.to ?? this, channel, bytes);
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
    if (this.remoteInstance === undefined) {
      if (message.kind !== 'hello') return this.destroy('violation');
      this.remoteInstance = message.instance;
      this.remoteListenPort = message.port;
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
      case 'over':
        if (this.relay === undefined || !this.#established || this.#remoteOver) return this.destroy('violation');
        this.#remoteOver = true;
        return this.#leaveWhenOver();
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
    const drained = this.#channels.send('ping', encodeControl(message));
    if (!drained && this.#paths?.isTcp !== true) this.#traffic.wayIsFull();
  }
}
