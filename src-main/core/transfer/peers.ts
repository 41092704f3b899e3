/** Who speaks on the channel `transfer`: whatever the link to it is there for. */
import { toHex } from '../../../shared/base/bytes.ts';
import type { LinkId, LinkInfo } from '../ports.ts';

export class TransferPeer {
  readonly link: LinkId;
  readonly publicKey: Uint8Array;
  readonly key: string;
  /** The transport reported its send buffer full. */
  congested = false;
  /** Messages that broke the rules. */
  garbage = 0;

  constructor({ link, publicKey }: LinkInfo) {
    this.link = link;
    this.publicKey = publicKey;
    this.key = toHex(publicKey);
  }
}

/** Bounded by the links that there are. */
export class TransferPeers {
  readonly #byLink = new Map<LinkId, TransferPeer>();
  readonly #byKey = new Map<string, TransferPeer>();

  get(link: LinkId): TransferPeer | undefined {
    return this.#byLink.get(link);
  }

  byKey(key: string): TransferPeer | undefined {
    return this.#byKey.get(key);
  }

  add(peer: TransferPeer): void {
    this.#byLink.set(peer.link, peer);
    this.#byKey.set(peer.key, peer);
  }

  remove(link: LinkId): void {
    const peer = this.#byLink.get(link);
    this.#byLink.delete(link);
    if (peer !== undefined && this.#byKey.get(peer.key) === peer) this.#byKey.delete(peer.key);
  }
}
