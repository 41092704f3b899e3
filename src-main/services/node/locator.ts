import { toHex } from '../../../shared/base/bytes.ts';
import type { NetworkParameters } from '../../core/network-parameters.ts';
import type { Crypto, KdfParameters, PasswordHash } from '../../core/ports.ts';
import { locationOf } from '../../core/routing/location.ts';
import type { Location } from '../../core/routing/location.ts';

/** Locations remembered; one is computed anew when its neighbour comes back after so many others. */
const MAX_REMEMBERED = 4_096;

/**
 * Costly locations: Argon2id of the public key, salted with the network's name, so that a place near a chosen address
 * costs work for every try, and in every network anew.
 */
export class Locator {
  readonly #passwordHash: PasswordHash;
  readonly #salt: Uint8Array;
  readonly #cost: KdfParameters;
  readonly #known = new Map<string, Promise<Location>>();

  constructor(passwordHash: PasswordHash, crypto: Crypto, network: NetworkParameters) {
    this.#passwordHash = passwordHash;
    this.#salt = crypto
      .hash(
        'location',
        Uint8Array.from(network.name, (letter) => letter.charCodeAt(0) & 0x7f),
      )
      .slice(0, 16);
    this.#cost = network.locationCost;
  }

  locate(publicKey: Uint8Array): Promise<Location> {
    const key = toHex(publicKey);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const location = this.#passwordHash.derive(publicKey, this.#salt, this.#cost, 16).then(locationOf);
    this.#known.set(key, location);
    if (this.#known.size > MAX_REMEMBERED) this.#known.delete(this.#known.keys().next().value!);
    return location;
  }
}
