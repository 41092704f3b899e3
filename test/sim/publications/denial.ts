/** A node that stays linked and answers every request with "not found", whether or not it has the record. */
import { decodeRouteMessage, encodeRouteMessage } from '../../../src-main/core/wire/messages.ts';
import type { Network } from '../engine/network.ts';
import type { SimNode } from '../engine/sim-node.ts';

export function deny(network: Network, node: SimNode): void {
  node.isHostile = true;
  node.incoming = (from, to, channel, bytes) => {
    if (channel !== 'route') return bytes;
    const decoded = decodeRouteMessage(bytes);
    if (!decoded.ok || (decoded.value.type !== 'request' && decoded.value.type !== 'stemRequest')) return bytes;
    const end = to.ends.get(from.index);
    const answer = encodeRouteMessage({ type: 'notFound', id: decoded.value.id, htl: 0 });
    if (end !== undefined) network.wires.send(to, end, 'route', answer);
    return undefined;
  };
}
