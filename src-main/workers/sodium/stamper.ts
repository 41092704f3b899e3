import { findStamp } from '../../core/routing/stamps.ts';
import type { Crypto, Stamper } from '../../core/ports.ts';

/** Stamps found where they are asked for. */
export function createStamper(crypto: Crypto): Stamper {
  return { stamp: (address, bits) => Promise.resolve(findStamp(crypto, address, bits)) };
}
