import { blake2b } from '@noble/hashes/blake2.js';

const TAG = 'broadside/topic/1';

/** The DHT topic at which the nodes of a network meet: H('broadside/topic/1', network), H as in core/ports (Crypto.hash). */
export function topicOf(network: Uint8Array): Uint8Array {
  const hasher = blake2b.create({ dkLen: 32 });
  for (const part of [new TextEncoder().encode(TAG), network]) {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, part.length, true);
    hasher.update(length).update(part);
  }
  return hasher.digest();
}
