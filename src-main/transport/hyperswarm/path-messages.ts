import { CARRIED_CHANNELS } from './channels.ts';

/**
 * Messages of `broadside/path/1`, the channel by which the two ends of a link agree on TCP. They always go over UDX.
 * Integers are little-endian.
 *
 * | first byte | then |
 * |---|---|
 * | 0 reach | 2: TCP port at which the sender takes the receiver's call, 0 for none; 16: token that the call has to name |
 * | 1 switch | nothing: all that the sender sends from here on goes over TCP |
 * | 2 lost | 8: messages of links that the sender took over TCP since `switch`; 8: what it grants, as in `grant` of ping |
 */
export type PathMessage =
  | { readonly kind: 'reach'; readonly port: number; readonly token: Uint8Array }
  | { readonly kind: 'switch' }
  | { readonly kind: 'lost'; readonly taken: number; readonly grantedBytes: number };

export const TOKEN_BYTES = 16;

const KINDS = ['reach', 'switch', 'lost'] as const;
const LENGTHS = { reach: 3 + TOKEN_BYTES, switch: 1, lost: 17 } as const;

export function encodePath(message: PathMessage): Uint8Array {
  const bytes = new Uint8Array(LENGTHS[message.kind]);
  const view = new DataView(bytes.buffer);
  bytes[0] = KINDS.indexOf(message.kind);
  if (message.kind === 'reach') {
    view.setUint16(1, message.port, true);
    bytes.set(message.token, 3);
  } else if (message.kind === 'lost') {
    view.setBigUint64(1, BigInt(message.taken), true);
    view.setBigUint64(9, BigInt(message.grantedBytes), true);
  }
  return bytes;
}

/** Undefined for anything that `encodePath` does not make. */
export function decodePath(bytes: Uint8Array): PathMessage | undefined {
  const kind = KINDS[bytes[0] ?? KINDS.length];
  if (kind === undefined || bytes.length !== LENGTHS[kind]) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (kind === 'switch') return { kind };
  if (kind === 'reach') return { kind, port: view.getUint16(1, true), token: bytes.slice(3) };
  const [taken, grantedBytes] = [readCount(view, 1), readCount(view, 9)];
  return taken === undefined || grantedBytes === undefined ? undefined : { kind, taken, grantedBytes };
}

/**
 * First byte of what goes over TCP, each frame sealed by the secret stream.
 *
 * | first byte | then |
 * |---|---|
 * | 0 greeting | 16: the token of `reach`; the first frame of the end that called, and of no other |
 * | 1 welcome | nothing: the first frame of the end that was called |
 * | 2 control | a ping, pong, grant or farewell of `broadside/ping/1` |
 * | 3 taken | 8: messages of links that the sender took over this stream |
 * | 4 ... | a message of link, route, search, transfer, relay |
 */
export const FRAME = { greeting: 0, welcome: 1, control: 2, taken: 3, firstChannel: 4 } as const;
export const FRAME_KINDS = FRAME.firstChannel + CARRIED_CHANNELS.length;

export function encodeTaken(taken: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(taken), true);
  return bytes;
}

/** Undefined for anything that `encodeTaken` does not make. */
export function decodeTaken(bytes: Uint8Array): number | undefined {
  if (bytes.length !== 8) return undefined;
  return readCount(new DataView(bytes.buffer, bytes.byteOffset, 8), 0);
}

function readCount(view: DataView, offset: number): number | undefined {
  const count = view.getBigUint64(offset, true);
  return count > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : Number(count);
}
