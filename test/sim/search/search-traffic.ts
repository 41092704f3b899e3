/** What is sent on the channel `search`: in all, for queries, and by whom. */
import { toHex } from '../../../shared/base/bytes.ts';
import type { ChannelName } from '../../../src-main/core/ports.ts';
import { MESSAGE_OVERHEAD_BYTES } from '../../../src-main/transport/limits.ts';
import type { Network } from '../engine/network.ts';

/** query, hits, stop, stemQuery, walk (core/wire/search-messages.ts). */
const OF_QUERIES = new Set([10, 11, 12, 14, 18]);

export class SearchTraffic {
  readonly #network: Network;
  /** Of queries and their answers. */
  bytesOfQueries = 0;
  /** Messages of the query of each id, and whose it is. */
  readonly #byId = new Map<string, { messages: number }>();
  readonly #byAsker = new Map<number, { messages: number }>();
  /** Bytes that each node sent or got, by the second. */
  readonly #bySecond = new Map<number, Map<number, number>>();

  constructor(network: Network) {
    this.#network = network;
    network.observe({
      onMessage: (nowMs: number, from: number, to: number, channel: ChannelName, bytes: Uint8Array) => {
        if (channel === 'search') this.#count(nowMs, from, to, bytes);
      },
    });
  }

  /** From now on what this node asks is counted in `cost`, and what others send for it; it may ask one thing at a time. */
  follow(asker: number, cost: { messages: number }): void {
    this.#byAsker.set(asker, cost);
  }

  unfollow(asker: number): void {
    this.#byAsker.delete(asker);
  }

  #count(nowMs: number, from: number, to: number, bytes: Uint8Array): void {
    const charged = bytes.length + MESSAGE_OVERHEAD_BYTES;
    if (OF_QUERIES.has(bytes[0]!)) {
      this.bytesOfQueries += charged;
      const key = toHex(bytes.subarray(1, 17));
      let cost = this.#byId.get(key);
      if (cost === undefined) {
        cost = this.#byAsker.get(from) ?? { messages: 0 };
        this.#byId.set(key, cost);
      }
      cost.messages += 1;
    }
    const second = Math.floor(nowMs / 1_000);
    let ofSecond = this.#bySecond.get(second);
    if (ofSecond === undefined) this.#bySecond.set(second, (ofSecond = new Map()));
    ofSecond.set(from, (ofSecond.get(from) ?? 0) + charged);
    ofSecond.set(to, (ofSecond.get(to) ?? 0) + charged);
  }

  /** Bytes a second between two times: of the network, each counted once, and of a leaf in the mean, sent and received. */
  since(fromMs: number, untilMs: number): { readonly bytesPerSecond: number; readonly ofLeaf: number } {
    const seconds = (untilMs - fromMs) / 1_000;
    const leaves = new Set(
      this.#network.nodes.filter((node) => node.core.search()?.role === 'leaf').map((node) => node.index),
    );
    let [bytes, ofLeaves] = [0, 0];
    for (const [second, byNode] of this.#bySecond) {
      if (second * 1_000 < fromMs || second * 1_000 >= untilMs) continue;
      for (const [node, charged] of byNode) {
        bytes += charged / 2;
        if (leaves.has(node)) ofLeaves += charged;
      }
    }
    return { bytesPerSecond: bytes / seconds, ofLeaf: ofLeaves / seconds / Math.max(1, leaves.size) };
  }
}
