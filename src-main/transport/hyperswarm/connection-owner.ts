/** What a connection needs of its node, and tells it. */
import type { ChannelName } from '../../core/ports.ts';
import type { TokenBucket } from '../../../shared/base/token-bucket.ts';
import type { CloseReason } from './close-reason.ts';
import type { TcpCalls } from './tcp-port.ts';

/** Of the node, as its connections need it. */
export interface OwnEnd {
  /** Random for each start. */
  readonly instance: Uint8Array;
  /** The UDP port that it listens on, 0 for unknown. */
  readonly port: number;
  /** Left out: links stay on UDX. */
  readonly calls?: TcpCalls;
  /** False of an address that a relay has, and not the other end. */
  readonly isDirect?: (host: string, port: number) => boolean;
}

/** `Connection` is the one of connection.ts, which imports this. */
export interface OwnerOf<Connection> {
  readonly up: TokenBucket;
  readonly down: TokenBucket;
  nowMs(): number;
  /** The other end said who it is: the owner calls `choose` or `destroy`, now or later. */
  identified(connection: Connection): void;
  /** Both ends chose this connection and opened all channels. */
  established(connection: Connection): void;
  received(connection: Connection, channel: ChannelName, bytes: Uint8Array): void;
  /** The link stands by itself, and both ends know how to relay. May be told twice. */
  canRelay(connection: Connection): void;
  /** A message about what is carried for others, or by another. */
  relayed(connection: Connection, bytes: Uint8Array): void;
  hasRoom(connection: Connection): void;
  closed(connection: Connection, reason: CloseReason): void;
  /** The connection could write, or grant, if the limit let it: call `pump`, or `grant`, when it does. */
  waitForUpload(connection: Connection): void;
  waitForDownload(connection: Connection): void;
}
