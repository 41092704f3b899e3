import { fromHex, toHex } from '../../../shared/base/bytes.ts';
import { isIPv4, publicPrefix } from '../../../shared/base/ipv4.ts';
import type { KnownNode } from '../../core/ports.ts';

/** Nodes remembered, ours proved by a link or only heard of: a file of 200 KB. */
export const MAX_KNOWN_NODES = 1_000;
/** Of these, nodes that were only heard of: a poisoned topic cannot push out those that answered. */
export const MAX_UNPROVED_NODES = 256;
/** Nodes of one public /24, so that nobody with one block of addresses fills the cache. Twice what may be neighbours. */
export const MAX_NODES_OF_PREFIX = 4;
/** Nodes of the DHT remembered as ways into it. */
export const MAX_DHT_NODES = 64;
/** A node that never answered, and that no invite named, is forgotten after so many attempts. */
const MAX_UNPROVED_FAILURES = 5;
/** Waiting time after a failed dial: doubled each time, within these, and spread by half either way. Guesses. */
const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 10 * 60_000;
/**
 * Of so many drawn at random, the one that failed least and answered last is dialled: with half of the known nodes gone,
 * seven of eight dials go to one that is there, and the choice stays spread over all. A guess.
 */
const DRAWS = 3;

export interface DhtAddress {
  readonly host: string;
  readonly port: number;
}

interface Entry {
  readonly keyHex: string;
  readonly publicKey: Uint8Array;
  host: string | undefined;
  port: number | undefined;
  /** Wall clock of the last link, 0 for never. */
  lastLinkMs: number;
  /** Wall clock of the first one that is remembered, 0 for never. */
  firstLinkMs: number;
  /** Somebody that this person trusts named it. */
  isInvited: boolean;
  /** A dial from here led to it, so its address is more than what it says. */
  wasDialled: boolean;
  failures: number;
  /** Not to be dialled before this. */
  notBeforeMs: number;
}

type IsBusy = (keyHex: string, host: string | undefined) => boolean;
type Picked = KnownNode & { readonly keyHex: string };

export interface KnownNodesOptions {
  readonly ownKeyHex: string;
  /** Nodes of another network, from before the setting was changed, are not taken over. */
  readonly network: string;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/**
 * The nodes that this one may dial, and when. Bounded; what was proved by a link outlives what an invite named, and that
 * what was only heard of. It is spread over prefixes by a bound, and over the circle of locations by drawing at random:
 * a node's location is a hash of its key, which nobody chooses cheaply.
 */
export class KnownNodes {
  readonly #options: KnownNodesOptions;
  readonly #entries = new Map<string, Entry>();
  #dhtNodes: DhtAddress[] = [];

  constructor(options: KnownNodesOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  get dhtNodes(): readonly DhtAddress[] {
    return this.#dhtNodes;
  }

  set dhtNodes(nodes: readonly DhtAddress[]) {
    this.#dhtNodes = nodes.slice(0, MAX_DHT_NODES);
  }

  /** Somebody says that there is such a node. */
  heardOf(node: KnownNode): void {
    const keyHex = toHex(node.publicKey);
    if (keyHex === this.#options.ownKeyHex) return;
    const known = this.#entries.get(keyHex);
    if (known !== undefined) {
      // An address that worked is not given up for one that somebody says.
      if (known.lastLinkMs === 0 || known.failures > 0) {
        known.host = node.host ?? known.host;
        known.port = node.port ?? known.port;
        this.#boundPrefix(known);
      }
      return;
    }
    this.#add(keyHex, node, { lastLinkMs: 0 });
  }

  /** An invite names this node: it may be dialled at once, and is kept over restarts until a link proves it. */
  invited(node: KnownNode): void {
    const keyHex = toHex(node.publicKey);
    if (keyHex === this.#options.ownKeyHex) return;
    this.heardOf(node);
    const known = this.#entries.get(keyHex);
    if (known === undefined) return this.#add(keyHex, node, { lastLinkMs: 0, isInvited: true });
    known.isInvited = true;
    known.notBeforeMs = 0;
  }

  /** There is a link to this node, at this address; `wasDialled`: it was reached there from here. */
  linked(node: KnownNode, wasDialled = false): void {
    const keyHex = toHex(node.publicKey);
    const known = this.#entries.get(keyHex);
    if (known === undefined) return this.#add(keyHex, node, { ...this.#linkedNow(), wasDialled });
    if (node.host !== undefined && node.port !== undefined) {
      known.wasDialled = wasDialled || (known.wasDialled && known.host === node.host && known.port === node.port);
      known.host = node.host;
      known.port = node.port;
    }
    Object.assign(known, this.#linkedNow(known));
    known.failures = 0;
    known.notBeforeMs = 0;
    this.#boundPrefix(known);
  }

  /** It is not to be dialled again, nor told to anybody. */
  forget(keyHex: string): void {
    this.#entries.delete(keyHex);
  }

  /** There is a link to this node still. */
  seen(keyHex: string): void {
    const known = this.#entries.get(keyHex);
    if (known !== undefined) Object.assign(known, this.#linkedNow(known));
  }

  /** An invite named it, or there was a link to it so long ago: a stranger would have to have waited. */
  isAcquainted(keyHex: string, forMs: number): boolean {
    const known = this.#entries.get(keyHex);
    if (known === undefined) return false;
    return known.isInvited || (known.firstLinkMs > 0 && this.#options.now() - known.firstLinkMs >= forMs);
  }

  /** A dial came to nothing, or the link was closed as soon as it was made. */
  failed(keyHex: string): void {
    const known = this.#entries.get(keyHex);
    if (known === undefined) return;
    known.failures += 1;
    if (rankOf(known) === 0 && known.failures >= MAX_UNPROVED_FAILURES) {
      this.#entries.delete(keyHex);
      return;
    }
    this.rest(keyHex, Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(known.failures - 1, 20)));
  }

  /** Not to be dialled for about so long. */
  rest(keyHex: string, delayMs: number): void {
    const known = this.#entries.get(keyHex);
    if (known === undefined) return;
    known.notBeforeMs = this.#options.now() + delayMs * (0.5 + this.#options.random());
  }

  /**
   * One that may be dialled now: by equal chances one that is trusted (proved by a link, or named by an invite) or one that
   * was only heard of. `isBusy` says which may not be.
   */
  pick(isBusy: IsBusy): Picked | undefined {
    const { trusted, others } = this.#free(isBusy);
    const [first, second] = this.#options.random() < 0.5 ? [trusted, others] : [others, trusted];
    return this.#drawn(first.length > 0 ? first : second);
  }

  /** One that may be dialled now and was only heard of. */
  pickHeardOf(isBusy: IsBusy): Picked | undefined {
    return this.#drawn(this.#free(isBusy).others);
  }

  /** Nodes that there was a link to at an address, the surest first: reached from here, few failures, lately. */
  proved(): KnownNode[] {
    return [...this.#entries.values()]
      .filter(({ lastLinkMs, host, port }) => lastLinkMs > 0 && host !== undefined && port !== undefined)
      .sort((a, b) => Number(b.wasDialled) - Number(a.wasDialled) || (isWorse(a, b) ? 1 : isWorse(b, a) ? -1 : 0))
      .map(describe);
  }

  get(keyHex: string): KnownNode | undefined {
    const entry = this.#entries.get(keyHex);
    return entry === undefined ? undefined : describe(entry);
  }

  /** What is worth keeping over a restart. */
  toJSON(): object {
    const nodes = [...this.#entries.values()]
      .filter((entry) => rankOf(entry) > 0)
      .map(({ keyHex, host, port, lastLinkMs, firstLinkMs, failures, isInvited, wasDialled }) => {
        const marks = {
          ...(firstLinkMs && { firstLinkMs }),
          ...(isInvited && { isInvited }),
          ...(wasDialled && { wasDialled }),
        };
        return { publicKey: keyHex, host, port, lastLinkMs, failures, ...marks };
      });
    return { network: this.#options.network, nodes, dhtNodes: this.#dhtNodes };
  }

  /** Takes over what `toJSON` gave; anything else in it is passed over. */
  load(value: unknown): void {
    if (!isObject(value)) return;
    const dhtNodes = Array.isArray(value['dhtNodes']) ? value['dhtNodes'] : [];
    this.dhtNodes = dhtNodes.map(parseAddress).filter((address) => address !== undefined);
    if ((value['network'] ?? this.#options.network) !== this.#options.network) return;
    const nodes = Array.isArray(value['nodes']) ? value['nodes'] : [];
    for (const item of nodes.slice(0, MAX_KNOWN_NODES)) {
      if (!isObject(item) || typeof item['publicKey'] !== 'string') continue;
      const publicKey = fromHex(item['publicKey']);
      if (publicKey === undefined || publicKey.length !== 32 || item['publicKey'] === this.#options.ownKeyHex) continue;
      const isInvited = item['isInvited'] === true;
      this.#add(
        item['publicKey'],
        { publicKey, ...parseAddress(item) },
        {
          lastLinkMs: Math.max(isInvited ? 0 : 1, numberOf(item['lastLinkMs'])),
          firstLinkMs: numberOf(item['firstLinkMs']),
          failures: numberOf(item['failures']),
          isInvited,
          wasDialled: item['wasDialled'] === true,
        },
      );
    }
  }

  #linkedNow(before?: Entry): Pick<Entry, 'lastLinkMs' | 'firstLinkMs'> {
    const nowMs = this.#options.now();
    return { lastLinkMs: nowMs, firstLinkMs: before?.firstLinkMs || nowMs };
  }

  #free(isBusy: IsBusy): { readonly trusted: Entry[]; readonly others: Entry[] } {
    const nowMs = this.#options.now();
    const trusted: Entry[] = [];
    const others: Entry[] = [];
    for (const entry of this.#entries.values()) {
      // A clock that was set back must not stop dialling for longer than the longest backoff.
      const isResting = entry.notBeforeMs > nowMs && entry.notBeforeMs - nowMs <= MAX_BACKOFF_MS * 2;
      if (isResting || isBusy(entry.keyHex, entry.host)) continue;
      (rankOf(entry) > 0 ? trusted : others).push(entry);
    }
    return { trusted, others };
  }

  #drawn(pool: readonly Entry[]): Picked | undefined {
    let best: Entry | undefined;
    for (let draw = 0; draw < DRAWS; draw += 1) {
      const drawn = pool[Math.floor(this.#options.random() * pool.length)];
      if (drawn !== undefined && (best === undefined || isWorse(best, drawn))) best = drawn;
    }
    return best === undefined ? undefined : { keyHex: best.keyHex, ...describe(best) };
  }

  #add(keyHex: string, node: KnownNode, state: Partial<Entry> & Pick<Entry, 'lastLinkMs'>): void {
    const entry: Entry = {
      firstLinkMs: 0,
      isInvited: false,
      wasDialled: false,
      failures: 0,
      notBeforeMs: 0,
      ...state,
      keyHex,
      publicKey: node.publicKey.slice(),
      host: node.host,
      port: node.port,
    };
    this.#entries.set(keyHex, entry);
    this.#boundPrefix(entry);
    if (entry.lastLinkMs === 0) this.#keepWithin(MAX_UNPROVED_NODES, entry, (other) => other.lastLinkMs === 0);
    this.#keepWithin(MAX_KNOWN_NODES, entry, () => true);
  }

  #boundPrefix(entry: Entry): void {
    const prefix = publicPrefix(entry.host);
    if (prefix === undefined) return;
    this.#keepWithin(MAX_NODES_OF_PREFIX, entry, (other) => publicPrefix(other.host) === prefix);
  }

  /** Of those that match, drops the worst above `limit`: by rank, then most failures, then oldest. */
  #keepWithin(limit: number, added: Entry, matches: (entry: Entry) => boolean): void {
    let count = 0;
    let worst: Entry | undefined;
    for (const entry of this.#entries.values()) {
      if (!matches(entry)) continue;
      count += 1;
      if (entry !== added && (worst === undefined || isWorse(entry, worst))) worst = entry;
    }
    if (count <= limit || worst === undefined) return;
    // What was only heard of does not displace what an invite named, nor either what answered.
    const victim = rankOf(added) < rankOf(worst) ? added : worst;
    this.#entries.delete(victim.keyHex);
  }
}

/** 0 only heard of, 1 named by an invite, 2 proved by a link. */
function rankOf(entry: Entry): number {
  if (entry.lastLinkMs > 0) return 2;
  return entry.isInvited ? 1 : 0;
}

function isWorse(a: Entry, b: Entry): boolean {
  const difference = rankOf(a) - rankOf(b);
  if (difference !== 0) return difference < 0;
  if (a.failures !== b.failures) return a.failures > b.failures;
  return a.lastLinkMs < b.lastLinkMs;
}

function describe(entry: Entry): KnownNode {
  return {
    publicKey: entry.publicKey,
    ...(entry.host === undefined ? {} : { host: entry.host }),
    ...(entry.port === undefined ? {} : { port: entry.port }),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** A whole number from a file; 0 for anything else. */
function numberOf(value: unknown): number {
  return Number.isSafeInteger(value) && Number(value) > 0 ? Number(value) : 0;
}

function parseAddress(value: unknown): DhtAddress | undefined {
  if (!isObject(value)) return undefined;
  const { host, port } = value;
  if (typeof host !== 'string' || !isIPv4(host) || !Number.isInteger(port)) return undefined;
  if (Number(port) < 1 || Number(port) > 65_535) return undefined;
  return { host, port: Number(port) };
}
