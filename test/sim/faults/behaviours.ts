/** Ways in which a node does not keep to the protocol. Each makes it hostile in the eyes of the checkers. */
import { decodeRouteMessage, encodeRouteMessage } from '../../../src-main/core/wire/messages.ts';
import type { SimNode } from '../engine/sim-node.ts';
import type { SimRandom } from '../engine/random.ts';

/** Stays linked and swallows every message of routing, its own included. */
export function silence(node: SimNode): void {
  node.isHostile = true;
  node.incoming = (_from, _to, channel, bytes) => (channel === 'route' ? undefined : bytes);
  node.outgoing = node.incoming;
}

/** Swallows a share of the messages of routing that it gets. */
export function forgetSome(node: SimNode, random: SimRandom, share: number): void {
  node.isHostile = true;
  node.incoming = (_from, _to, channel, bytes) =>
    channel === 'route' && random.fraction() < share ? undefined : bytes;
}

/**
 * Lies: records that it hands on are changed by one byte, what it should store it acknowledges and throws away, and now
 * and then it says that there is nothing.
 */
export function lie(node: SimNode, random: SimRandom): void {
  node.isHostile = true;
  node.store.isForgetful = true;
  node.outgoing = (_from, _to, channel, bytes) => {
    if (channel !== 'route') return bytes;
    const decoded = decodeRouteMessage(bytes);
    if (!decoded.ok || !('record' in decoded.value)) return bytes;
    const message = decoded.value;
    if (message.type === 'found' && random.below(3) === 0)
      return encodeRouteMessage({ type: 'notFound', id: message.id, htl: 0 });
    const record = message.record.slice();
    const at = random.below(record.length);
    record[at] = record[at]! ^ (1 + random.below(255));
    return encodeRouteMessage({ ...message, record });
  };
}

/** Sends what no honest node sends: bytes without meaning, on both channels. */
export function babble(node: SimNode, random: SimRandom, share: number): void {
  node.isHostile = true;
  node.outgoing = (_from, _to, channel, bytes) =>
    channel === 'route' && random.fraction() < share ? random.bytes(1 + random.below(200)) : bytes;
}

/** A machine that takes `delayMs` for every message, and a line of `bytesPerSecond`. Honest. */
export function slowDown(node: SimNode, delayMs: number, bytesPerSecond: number): void {
  node.slowMs = delayMs;
  node.upBytesPerMs = bytesPerSecond / 1_000;
}

/** Back to an honest node; a slow one stays slow until `upBytesPerMs` is set again. */
export function reform(node: SimNode): void {
  node.isHostile = false;
  node.incoming = undefined;
  node.outgoing = undefined;
  node.store.isForgetful = false;
  node.slowMs = 0;
}
