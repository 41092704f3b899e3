/**
 * Nodes with chosen places that make slots vanish: each is the production core, joined by the protocol, but it denies what
 * it is to hide, says that it stored what it throws away, and passes everything else on as others do.
 */
import { locationOf } from '../../../src-main/core/routing/location.ts';
import { distance } from '../../../src-main/core/routing/location.ts';
import { decodeRouteMessage, encodeRouteMessage } from '../../../src-main/core/wire/messages.ts';
import type { RouteMessage } from '../../../src-main/core/wire/messages.ts';
import { verifyRecord } from '../../../src-main/core/wire/record.ts';
import { COPIES } from '../../../src-main/core/limits.ts';
import { keyOf } from '../engine/bytes-key.ts';
import type { Network } from '../engine/network.ts';
import type { SimNode } from '../engine/sim-node.ts';
import type { SimRandom } from '../engine/random.ts';

const SEED_BYTES = 32;

/** Seeds of identities nearer to each address than any honest node, found by trying as an attacker would. */
export class Identities {
  /** Tried so far: what costs the work. */
  tried = 0;
  readonly #network: Network;
  readonly #random: SimRandom;
  readonly #slots: { readonly place: number; readonly within: number; readonly seeds: Uint8Array[] }[];

  constructor(network: Network, random: SimRandom, addresses: readonly Uint8Array[]) {
    this.#network = network;
    this.#random = random;
    const honest = network.nodes.map((node) => node.location);
    this.#slots = addresses.map((address) => {
      const place = locationOf(address);
      return { place, within: honest.reduce((least, at) => Math.min(least, distance(at, place)), 1), seeds: [] };
    });
  }

  /** Tries until each slot has so many; returns those that are new, of all slots. */
  untilEachHas(count: number): Uint8Array[] {
    const found: Uint8Array[] = [];
    const missing = new Set(this.#slots.filter((slot) => slot.seeds.length < count));
    while (missing.size > 0) {
      const seed = this.#random.bytes(SEED_BYTES);
      this.tried += 1;
      const at = locationOf(this.#network.crypto.keyPairFromSeed(seed).publicKey);
      for (const slot of missing) {
        if (distance(at, slot.place) >= slot.within) continue;
        slot.seeds.push(seed);
        found.push(seed);
        if (slot.seeds.length >= count) missing.delete(slot);
      }
    }
    return found;
  }
}

/** Makes a node of the attacker. `targets`: keys of the addresses that it hides. */
export function turnAgainst(network: Network, node: SimNode, targets: ReadonlySet<string>): void {
  node.isHostile = true;
  const answer = (to: SimNode, message: RouteMessage): void => {
    const end = node.ends.get(to.index);
    if (end !== undefined) network.wires.send(node, end, 'route', encodeRouteMessage(message));
  };
  node.incoming = (from, _to, channel, bytes) => {
    if (channel !== 'route') return bytes;
    const decoded = decodeRouteMessage(bytes);
    if (!decoded.ok) return bytes;
    const message = decoded.value;
    const { id } = message;
    switch (message.type) {
      case 'request':
      case 'stemRequest':
        if (!targets.has(keyOf(message.address))) return bytes;
        answer(from, { type: 'notFound', id, htl: 0 });
        return undefined;
      case 'insert':
      case 'stemInsert':
      case 'replicate': {
        const verified = verifyRecord(network.crypto, message.record, undefined, network.parameters.payloadBytes);
        if (!verified.ok || !targets.has(keyOf(verified.value.address))) return bytes;
        answer(from, { type: 'stored', id, hops: 1, copies: message.type === 'replicate' ? 1 : COPIES });
        return undefined;
      }
      default:
        return bytes;
    }
  };
}
