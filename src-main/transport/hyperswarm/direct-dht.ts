import HyperDHT from 'hyperdht';

import { HandshakeTurns } from './handshake-turns.ts';
import type { HandshakeTurnsOptions } from './handshake-turns.ts';

/** Relays of present and past connections that are remembered; the oldest is forgotten. */
const MAX_RELAYS = 256;
/** HyperDHT's number of the request by which a connection begins. */
const PEER_HANDSHAKE = 0;

/**
 * A HyperDHT that knows which addresses are a relay's, and takes handshakes by turns. Broadside asks for no relay, but the other end of a
 * connection may have one between, and then the address of the connection is the relay's, who is no party to what the two ends agree on.
 */
export class DirectDht extends HyperDHT {
  readonly #relays = new Set<string>();
  /** What handshakes with this node are addressed to. */
  readonly #target: Buffer | undefined;
  readonly #handshakes: HandshakeTurns | undefined;

  /** Without `handshakes` each is answered as it comes. */
  constructor(options: ConstructorParameters<typeof HyperDHT>[0], handshakes?: HandshakeTurnsOptions) {
    super(options);
    if (handshakes === undefined || options.keyPair === undefined) return;
    this.#target = HyperDHT.hash(options.keyPair.publicKey);
    this.#handshakes = new HandshakeTurns(handshakes);
  }

  /** Those that are passed on for others cost next to nothing, and do not wait. */
  override onrequest(request: HyperDHT.DhtRequest): boolean {
    const { command, target, from } = request;
    const isOwn = command === PEER_HANDSHAKE && target !== null && this.#target?.equals(target) === true;
    if (!isOwn || this.#handshakes === undefined) return super.onrequest(request);
    this.#handshakes.add(from.host, () => super.onrequest(request));
    return true;
  }

  override destroy(options?: Parameters<HyperDHT['destroy']>[0]): Promise<void> {
    this.#handshakes?.stop();
    return super.destroy(options);
  }

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
