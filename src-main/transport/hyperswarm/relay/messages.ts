/**
 * Messages of `broadside/relay/1`, by which a node carries a stream of bytes between two of its neighbours that cannot reach each other.
 * The bytes are a secret stream of theirs: the node between sees who talks to whom, and how much. Integers are little-endian.
 *
 * | first byte | then |
 * |---|---|
 * | 0 ask | 4: question; 32: key. Would the receiver carry a stream to this neighbour of its |
 * | 1 answer | 4: question; 1: outcome; 2: round trip to it in milliseconds, 0 unless the outcome is 0 |
 * | 2 open | 4: stream; 32: key. Carry a stream to this neighbour |
 * | 3 offer | 4: stream; 32: key of the neighbour that asks for it |
 * | 4 accept | 4: stream |
 * | 5 data | 4: stream; 1 ... 32,768 bytes |
 * | 6 grant | 4: stream; 8: how much the receiver of this may have sent on the stream in all |
 * | 7 close | 4: stream; 1: outcome |
 *
 * Outcomes: 0 none (yes; the end that closes is done), 1 off, 2 stranger, 3 no link, 4 busy, 5 spent, 6 refused, 7 lost.
 */
export type RelayMessage =
  | { readonly kind: 'ask'; readonly number: number; readonly publicKey: Uint8Array }
  | { readonly kind: 'answer'; readonly number: number; readonly outcome: RelayOutcome; readonly roundTripMs: number }
  | { readonly kind: 'open'; readonly number: number; readonly publicKey: Uint8Array }
  | { readonly kind: 'offer'; readonly number: number; readonly publicKey: Uint8Array }
  | { readonly kind: 'accept'; readonly number: number }
  | { readonly kind: 'data'; readonly number: number; readonly bytes: Uint8Array }
  | { readonly kind: 'grant'; readonly number: number; readonly totalBytes: number }
  | { readonly kind: 'close'; readonly number: number; readonly outcome: RelayOutcome };

/**
 * Why a stream is not carried, or no longer: off, its node carries none for others; stranger, it does not know who asks for long enough;
 * no-link, it has no link of its own to whom it is for; busy, it carries as many as it may; spent, who asks has used up what is carried for it;
 * refused, the other end does not want it, or did not answer; lost, the link to the other end is gone.
 */
export type RelayRefusal = 'off' | 'stranger' | 'no-link' | 'busy' | 'spent' | 'refused' | 'lost';
export type RelayOutcome = 'none' | RelayRefusal;
const OUTCOMES: readonly RelayOutcome[] = ['none', 'off', 'stranger', 'no-link', 'busy', 'spent', 'refused', 'lost'];

/** As much as a block: what is longer goes in several. */
export const MAX_RELAY_DATA_BYTES = 32 * 1024;

const KINDS = ['ask', 'answer', 'open', 'offer', 'accept', 'data', 'grant', 'close'] as const;
const HEADER_BYTES = 5;
const KEY_BYTES = 32;
const LENGTHS = {
  ask: HEADER_BYTES + KEY_BYTES,
  answer: HEADER_BYTES + 3,
  open: HEADER_BYTES + KEY_BYTES,
  offer: HEADER_BYTES + KEY_BYTES,
  accept: HEADER_BYTES,
  grant: HEADER_BYTES + 8,
  close: HEADER_BYTES + 1,
} as const;
/** The longest round trip that can be told. */
const MAX_ROUND_TRIP_MS = 0xffff;

export function encodeRelay(message: RelayMessage): Uint8Array {
  const length = message.kind === 'data' ? HEADER_BYTES + message.bytes.length : LENGTHS[message.kind];
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  bytes[0] = KINDS.indexOf(message.kind);
  view.setUint32(1, message.number, true);
  switch (message.kind) {
    case 'ask':
    case 'open':
    case 'offer':
      bytes.set(message.publicKey, HEADER_BYTES);
      break;
    case 'answer':
      bytes[HEADER_BYTES] = OUTCOMES.indexOf(message.outcome);
      if (message.outcome === 'none')
        view.setUint16(HEADER_BYTES + 1, Math.min(MAX_ROUND_TRIP_MS, Math.round(message.roundTripMs)), true);
      break;
    case 'accept':
      break;
    case 'data':
      bytes.set(message.bytes, HEADER_BYTES);
      break;
    case 'grant':
      view.setBigUint64(HEADER_BYTES, BigInt(message.totalBytes), true);
      break;
    case 'close':
      bytes[HEADER_BYTES] = OUTCOMES.indexOf(message.outcome);
      break;
  }
  return bytes;
}

/** Undefined for anything that `encodeRelay` does not make. `bytes` of data are a part of what is given. */
export function decodeRelay(bytes: Uint8Array): RelayMessage | undefined {
  const kind = KINDS[bytes[0] ?? KINDS.length];
  if (kind === undefined || bytes.length < HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const number = view.getUint32(1, true);
  if (kind === 'data') {
    const data = bytes.subarray(HEADER_BYTES);
    return data.length > 0 && data.length <= MAX_RELAY_DATA_BYTES ? { kind, number, bytes: data } : undefined;
  }
  if (bytes.length !== LENGTHS[kind]) return undefined;
  switch (kind) {
    case 'ask':
    case 'open':
    case 'offer':
      return { kind, number, publicKey: bytes.slice(HEADER_BYTES) };
    case 'answer': {
      const outcome = OUTCOMES[bytes[HEADER_BYTES]!];
      const roundTripMs = view.getUint16(HEADER_BYTES + 1, true);
      if (outcome === undefined || (outcome !== 'none' && roundTripMs !== 0)) return undefined;
      return { kind, number, outcome, roundTripMs };
    }
    case 'accept':
      return { kind, number };
    case 'grant': {
      const totalBytes = view.getBigUint64(HEADER_BYTES, true);
      if (totalBytes > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
      return { kind, number, totalBytes: Number(totalBytes) };
    }
    case 'close': {
      const outcome = OUTCOMES[bytes[HEADER_BYTES]!];
      return outcome === undefined ? undefined : { kind, number, outcome };
    }
  }
}
