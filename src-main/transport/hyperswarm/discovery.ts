import type HyperDHT from 'hyperdht';

/** Announced again so often (as Hyperswarm does), and spread by a fifth. DHT nodes keep announcements for 20 minutes. */
const ANNOUNCE_EVERY_MS = 10 * 60_000;
/** While links are wanted, looked up after this, then doubled up to the above. A new network finds itself in a second. */
const FIRST_LOOKUP_MS = 500;
/** Peers taken from one look-up: a poisoned topic gives any number. */
const MAX_PEERS_OF_LOOKUP = 64;

export interface DiscoveryOptions {
  readonly dht: HyperDHT;
  readonly server: HyperDHT.DhtServer;
  readonly topic: Buffer;
  readonly keyPair: HyperDHT.HyperKeyPair;
  readonly wantsLinks: () => boolean;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly onPeer: (publicKey: Uint8Array, addresses: readonly HyperDHT.Address[]) => void;
  /** The node was announced again, which is once in ANNOUNCE_EVERY_MS, and the peers of the topic were told. */
  readonly onAnnouncedAgain: () => void;
}

/** Announces the node at the network's topic and looks up others there. Failures only mean that it tries again. */
export class Discovery {
  readonly #options: DiscoveryOptions;
  #timer: NodeJS.Timeout | undefined;
  #query: HyperDHT.Query | undefined;
  #delayMs = FIRST_LOOKUP_MS;
  #announcedAtMs = -Infinity;
  #stopped = false;
  #wasAnswered = false;

  constructor(options: DiscoveryOptions) {
    this.#options = options;
  }

  /** Whether any node of the DHT has said anything: before that, none can know of this one. */
  get wasAnswered(): boolean {
    return this.#wasAnswered;
  }

  start(): void {
    void this.#run();
  }

  /** Links are wanted again, or the network changed: looks soon. */
  hurry(): void {
    this.#delayMs = FIRST_LOOKUP_MS;
    if (this.#query === undefined) this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#query?.destroy();
  }

  async #run(): Promise<void> {
    if (this.#stopped || this.#query !== undefined) return;
    const { dht, server, topic, keyPair, onPeer, onAnnouncedAgain } = this.#options;
    const nowMs = performance.now();
    const isAnnouncing = nowMs - this.#announcedAtMs >= ANNOUNCE_EVERY_MS * 0.8;
    let answers = 0;
    try {
      this.#query = isAnnouncing ? dht.announce(topic, keyPair, server.relayAddresses) : dht.lookup(topic);
      let peers = 0;
      for await (const reply of this.#query) {
        answers += 1;
        this.#wasAnswered = true;
        for (const peer of reply.peers) {
          peers += 1;
          if (peers > MAX_PEERS_OF_LOOKUP || this.#stopped) break;
          onPeer(peer.publicKey, peer.relayAddresses);
        }
      }
      if (isAnnouncing && answers > 0) {
        const isFirst = this.#announcedAtMs === -Infinity;
        this.#announcedAtMs = nowMs;
        if (!isFirst && !this.#stopped) onAnnouncedAgain();
      }
    } catch {
      // No network, or no bootstrap: the next round comes.
    }
    this.#query = undefined;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    const isQuiet = !this.#options.wantsLinks();
    const delayMs = isQuiet ? ANNOUNCE_EVERY_MS : this.#delayMs;
    this.#delayMs = Math.min(ANNOUNCE_EVERY_MS, this.#delayMs * 2);
    this.#timer = setTimeout(() => void this.#run(), delayMs * (0.8 + this.#options.random() * 0.4));
  }
}
