import type HyperDHT from 'hyperdht';

import { isHostIPv4, publicPrefix } from '../../../shared/base/ipv4.ts';
import type { KnownNode } from '../../core/ports.ts';
import { isPort } from './addresses.ts';

/** An address that answers does so within this, or is not waited for: the longest round trip on land and sea, twice. */
const ANSWER_MS = 700;
/** An address that did not answer is left alone for so long, doubled each time, up to the second. Guesses. */
const FIRST_REST_MS = 2_000;
const MAX_REST_MS = 10 * 60_000;
/** Addresses that did not answer lately and are remembered; the oldest is forgotten. About 100 bytes each. */
const MAX_SILENT = 1_024;

interface Silence {
  readonly failures: number;
  readonly untilMs: number;
}

/**
 * What others say about where a node is. It is only a hint: a stranger who could make nodes send to an address of his choice
 * would aim them at a victim. So an address gets one packet, a ping of the DHT, and the handshake only once it has
 * answered; one that was silent is left alone for a while, all ports of a public address together.
 */
export class Hints {
  readonly #silent = new Map<string, Silence>();
  /** Monotonic clock, milliseconds. */
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The node's address if somebody who speaks the DHT's language answers there, within ANSWER_MS. Never rejects. */
  async tried(dht: HyperDHT, node: KnownNode): Promise<HyperDHT.Address | undefined> {
    const { host, port } = node;
    if (host === undefined || port === undefined || !isHostIPv4(host) || !isPort(port)) return undefined;
    // All ports of a public address are one machine's, or one household's; on a practice machine each is a node.
    const name = publicPrefix(host) === undefined ? `${host}:${port}` : host;
    if ((this.#silent.get(name)?.untilMs ?? 0) > this.#now()) return undefined;
    // Counted as silent until it answers, so that eight dials at once are one packet.
    const before = this.#silent.get(name);
    this.#remember(name, (before?.failures ?? 0) + 1);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => (timer = setTimeout(resolve, ANSWER_MS, false)));
    const answered = dht.ping({ host, port }, { retry: false }).then(
      () => true,
      () => false,
    );
    const isThere = await Promise.race([answered, late]);
    clearTimeout(timer);
    if (!isThere) return undefined;
    this.#silent.delete(name);
    return { host, port };
  }

  #remember(name: string, failures: number): void {
    this.#silent.delete(name);
    const restMs = Math.min(MAX_REST_MS, FIRST_REST_MS * 2 ** Math.min(failures - 1, 20));
    this.#silent.set(name, { failures, untilMs: this.#now() + restMs });
    if (this.#silent.size <= MAX_SILENT) return;
    const [oldest] = this.#silent.keys();
    this.#silent.delete(oldest!);
  }
}
