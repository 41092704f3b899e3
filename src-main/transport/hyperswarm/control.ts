/**
 * Messages of the transport's own channel, `broadside/ping/1`. Integers are little-endian.
 *
 * | first byte | then |
 * |---|---|
 * | 0 hello | 16 bytes: instance, random for each start of a node; 2: UDP port that the node listens on, 0 for unknown |
 * | 1 ready | nothing: the sender has chosen this connection for the link |
 * | 2 ping | 4: number |
 * | 3 pong | 4: number of the ping |
 * | 4 grant | 8: the total that the receiver of this may have sent on the link, in bytes with overhead |
 * | 5 farewell | 1: why the sender ends the connection: 0 it is not wanted, 1 no more links, 2 no more of this /24 |
 * | 6 over | nothing: all that the sender sends on the link from here on goes by the connection that was made last |
 */
export type ControlMessage =
  | { readonly kind: 'hello'; readonly instance: Uint8Array; readonly port: number }
  | { readonly kind: 'ready' }
  | { readonly kind: 'ping'; readonly number: number }
  | { readonly kind: 'pong'; readonly number: number }
  | { readonly kind: 'grant'; readonly totalBytes: number }
  | { readonly kind: 'farewell'; readonly reason: FarewellReason }
  | { readonly kind: 'over' };

/** Why a node ends a connection that is well in itself, as it tells the other end. */
export type FarewellReason = 'unwanted' | 'full' | 'prefix';
const FAREWELL_REASONS: readonly FarewellReason[] = ['unwanted', 'full', 'prefix'];

export const INSTANCE_BYTES = 16;

const KINDS = ['hello', 'ready', 'ping', 'pong', 'grant', 'farewell', 'over'] as const;
const LENGTHS = { hello: 1 + INSTANCE_BYTES + 2, ready: 1, ping: 5, pong: 5, grant: 9, farewell: 2, over: 1 } as const;

export function encodeControl(message: ControlMessage): Uint8Array {
  const bytes = new Uint8Array(LENGTHS[message.kind]);
  const view = new DataView(bytes.buffer);
  bytes[0] = KINDS.indexOf(message.kind);
  switch (message.kind) {
    case 'hello':
      bytes.set(message.instance, 1);
      view.setUint16(1 + INSTANCE_BYTES, message.port, true);
      break;
    case 'ready':
    case 'over':
      break;
    case 'ping':
    case 'pong':
      view.setUint32(1, message.number, true);
      break;
    case 'grant':
      view.setBigUint64(1, BigInt(message.totalBytes), true);
      break;
    case 'farewell':
      bytes[1] = FAREWELL_REASONS.indexOf(message.reason);
      break;
  }
  return bytes;
}

/** Undefined for anything that `encodeControl` does not make. */
export function decodeControl(bytes: Uint8Array): ControlMessage | undefined {
  const kind = KINDS[bytes[0] ?? KINDS.length];
  if (kind === undefined || bytes.length !== LENGTHS[kind]) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (kind) {
    case 'hello':
      return { kind, instance: bytes.slice(1, 1 + INSTANCE_BYTES), port: view.getUint16(1 + INSTANCE_BYTES, true) };
    case 'ready':
    case 'over':
      return { kind };
    case 'ping':
    case 'pong':
      return { kind, number: view.getUint32(1, true) };
    case 'grant': {
      const totalBytes = view.getBigUint64(1, true);
      return totalBytes > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : { kind, totalBytes: Number(totalBytes) };
    }
    case 'farewell': {
      const reason = FAREWELL_REASONS[bytes[1]!];
      return reason === undefined ? undefined : { kind, reason };
    }
  }
}
