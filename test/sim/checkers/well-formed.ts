/** What an honest node sends is what the decoders take, and never longer than a transport takes. */
import type { ChannelName } from '../../../src-main/core/ports.ts';
import { decodeLinkMessage } from '../../../src-main/core/wire/link-messages.ts';
import { decodeRouteMessage, MAX_MESSAGE_BYTES } from '../../../src-main/core/wire/messages.ts';
import { decodeSearchMessage } from '../../../src-main/core/wire/search-messages.ts';
import { decodeTransferMessage } from '../../../src-main/core/wire/transfer-messages.ts';
import { MAX_TRANSPORT_MESSAGE_BYTES } from '../../../src-main/transport/limits.ts';
import type { Network } from '../engine/network.ts';
import type { Checker, Complain } from './checker.ts';

export class WellFormed implements Checker {
  readonly name = 'well-formed messages';
  readonly #network: Network;
  readonly #complain: Complain;

  constructor(network: Network, complain: Complain) {
    this.#network = network;
    this.#complain = complain;
  }

  onMessage(_nowMs: number, from: number, _to: number, channel: ChannelName, bytes: Uint8Array): void {
    if (this.#network.nodes[from]!.isHostile) return;
    const longest = channel === 'route' ? MAX_MESSAGE_BYTES : MAX_TRANSPORT_MESSAGE_BYTES;
    if (bytes.length > longest) this.#complain(from, `sent ${bytes.length} bytes on ${channel}, over ${longest}`);
    const decoded = DECODERS[channel](bytes);
    if (!decoded.ok) this.#complain(from, `sent a message on ${channel} that does not decode: ${decoded.code}`);
  }
}

const DECODERS = {
  link: decodeLinkMessage,
  route: decodeRouteMessage,
  search: decodeSearchMessage,
  transfer: decodeTransferMessage,
} as const;
