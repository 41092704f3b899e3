import HyperDHT from 'hyperdht';

/** Relays of present and past connections that are remembered; the oldest is forgotten. */
const MAX_RELAYS = 256;

/**
 * A HyperDHT that knows which addresses are a relay's. Broadside asks for no relay, but the other end of a connection may have one
 * between, and then the address of the connection is the relay's, who is no party to what the two ends agree on.
 */
export class DirectDht extends HyperDHT {
  readonly #relays = new Set<string>();

  /** Without options it is HyperDHT itself that calls: for a relay. */
  override connect(publicKey: Buffer, options?: Parameters<HyperDHT['connect']>[1]): HyperDHT.SecretStream {
    const stream = super.connect(publicKey, options ?? {});
    if (options === undefined) stream.once('open', () => this.#remember(stream.rawStream));
    return stream;
  }

  isRelay(host: string, port: number): boolean {
    return this.#relays.has(`${host}:${port}`);
  }

  #remember(raw: HyperDHT.RawStream | null): void {
    if (raw === null) return;
    this.#relays.add(`${raw.remoteHost}:${raw.remotePort}`);
    const [oldest] = this.#relays;
    if (this.#relays.size > MAX_RELAYS) this.#relays.delete(oldest!);
  }
}
