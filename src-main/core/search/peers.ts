/** Who speaks on the channel `search`: routing neighbours, and nodes that a link is kept to for search alone. */
import { toHex } from '../../../shared/base/bytes.ts';
import type { NodeContext } from '../effects.ts';
import { HUB_QUERIES_A_SECOND, HUB_QUERY_BURST, LEAF_QUERIES_A_SECOND, LEAF_QUERY_BURST } from '../limits.ts';
import type { KnownNode, LinkId, LinkInfo } from '../ports.ts';
import type { HubRecord } from '../wire/hub-record.ts';
import { encodeSearchMessage } from '../wire/search-messages.ts';
import type { SearchMessage } from '../wire/search-messages.ts';

export class SearchPeer {
  readonly link: LinkId;
  readonly publicKey: Uint8Array;
  readonly key: string;
  /** Where it is seen, for the rule of prefixes and for hits; a hint. */
  readonly where: { readonly host?: string; readonly port?: number };
  readonly sinceMs: number;
  /** Routing uses the link too. */
  isNeighbour: boolean;
  /** What it says that it is; undefined for a leaf. */
  hub: HubRecord | undefined;
  /** A hub of this node: it has been asked, or has this node's list. */
  asHub: 'no' | 'asked' | 'yes' = 'no';
  /** It is a leaf of this node: set by Peers. */
  isLeaf = false;
  /** Both are hubs of one mesh. */
  inMesh: 'no' | 'asked' | 'yes' = 'no';
  /** Upload slots that it says are free. */
  freeSlots = 0;
  /** The transport reported its send buffer full. */
  congested = false;
  /** What counts against it since the core looked last (search.ts). */
  garbage = 0;
  /** Its queries under way through this node, and by stems that come from it. */
  queries = 0;
  stemQueries = 0;
  /** Signatures of hub records that were checked for it in the present minute. */
  checks = 0;
  checksMinute = 0;
  #tokens = LEAF_QUERY_BURST;
  #tokensMs: number;

  constructor(info: LinkInfo, nowMs: number, isNeighbour: boolean) {
    this.link = info.link;
    this.publicKey = info.publicKey;
    this.key = toHex(info.publicKey);
    const { host, port } = info;
    this.where = { ...(host === undefined ? {} : { host }), ...(port === undefined ? {} : { port }) };
    this.sinceMs = nowMs;
    this.#tokensMs = nowMs;
    this.isNeighbour = isNeighbour;
  }

  get contact(): KnownNode {
    const { publicKey, where } = this;
    return where.host === undefined || where.port === undefined ? { publicKey } : { publicKey, ...where };
  }

  /** Search needs the link: it is not to be closed because routing does not want it. */
  get isHeld(): boolean {
    return this.asHub !== 'no' || this.isLeaf || this.inMesh !== 'no';
  }

  /** Counts one query of this peer; false when it asks faster than it may. */
  takesQuery(nowMs: number): boolean {
    const isHub = this.inMesh === 'yes';
    const [rate, burst] = isHub ? [HUB_QUERIES_A_SECOND, HUB_QUERY_BURST] : [LEAF_QUERIES_A_SECOND, LEAF_QUERY_BURST];
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#tokensMs) / 1_000) * rate);
    this.#tokensMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

/** The table of peers. Bounded by the links that there are. */
export class Peers {
  readonly #context: NodeContext;
  readonly #byLink = new Map<LinkId, SearchPeer>();
  readonly #byKey = new Map<string, SearchPeer>();
  readonly #leaves = new Set<SearchPeer>();

  constructor(context: NodeContext) {
    this.#context = context;
  }

  get size(): number {
    return this.#byLink.size;
  }

  get(link: LinkId): SearchPeer | undefined {
    return this.#byLink.get(link);
  }

  byKey(key: string): SearchPeer | undefined {
    return this.#byKey.get(key);
  }

  all(): SearchPeer[] {
    return [...this.#byLink.values()];
  }

  hubs(): SearchPeer[] {
    return this.all().filter(({ asHub }) => asHub === 'yes');
  }

  leaves(): SearchPeer[] {
    return [...this.#leaves];
  }

  get leafCount(): number {
    return this.#leaves.size;
  }

  /** A hub has many, and counts them often. */
  setLeaf(peer: SearchPeer, isLeaf: boolean): void {
    peer.isLeaf = isLeaf;
    if (isLeaf) this.#leaves.add(peer);
    else this.#leaves.delete(peer);
  }

  mesh(): SearchPeer[] {
    return this.all().filter(({ inMesh }) => inMesh === 'yes');
  }

  neighbours(): SearchPeer[] {
    return this.all().filter(({ isNeighbour }) => isNeighbour);
  }

  add(peer: SearchPeer): void {
    this.#byLink.set(peer.link, peer);
    this.#byKey.set(peer.key, peer);
  }

  remove(link: LinkId): SearchPeer | undefined {
    const peer = this.#byLink.get(link);
    this.#byLink.delete(link);
    if (peer !== undefined) this.#leaves.delete(peer);
    if (peer !== undefined && this.#byKey.get(peer.key) === peer) this.#byKey.delete(peer.key);
    return peer;
  }

  send(peer: SearchPeer, message: SearchMessage): void {
    const bytes = encodeSearchMessage(message);
    this.#context.emit({ type: 'send', link: peer.link, channel: 'search', bytes });
  }
}
