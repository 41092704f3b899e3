import { fromHex, toHex } from '../../../shared/base/bytes.ts';
import type { KnownNode } from '../../core/ports.ts';

/** Nodes remembered, ours proved by a link or only heard of: a file of 200 KB. */
export const MAX_KNOWN_NODES = 1_000;
/** Of these, nodes that were only heard of: a poisoned topic cannot push out those that answered. */
export const MAX_UNPROVED_NODES = 256;
/** Nodes of one public /24, so that nobody with one block of addresses fills the cache. Twice what may be neighbours. */
export const MAX_NODES_OF_PREFIX = 4;
/** Nodes of the DHT remembered as ways into it. */
export const MAX_DHT_NODES = 64;
/** A node that never answered is forgotten after so many attempts. */
const MAX_UNPROVED_FAILURES = 5;
/** Waiting time after a failed dial: doubled each time, within these, and spread by half either way. Guesses. */
const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 10 * 60_000;

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
  failures: number;
  /** Not to be dialled before this. */
  notBeforeMs: number;
}

export interface KnownNodesOptions {
  readonly ownKeyHex: string;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** The nodes that this one may dial, and when. Bounded; what was proved by a link outlives what was only heard of. */
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
      }
      return;
    }
    this.#add(keyHex, node, 0);
  }

  /** There is a link to this node, at this address. */
  linked(node: KnownNode): void {
    const keyHex = toHex(node.publicKey);
    const known = this.#entries.get(keyHex);
    if (known === undefined) return this.#add(keyHex, node, this.#options.now());
    if (node.host !== undefined && node.port !== undefined) {
      known.host = node.host;
      known.port = node.port;
    }
    known.lastLinkMs = this.#options.now();
    known.failures = 0;
    known.notBeforeMs = 0;
  }

  /** A dial came to nothing, or the link was closed as soon as it was made. */
  failed(keyHex: string): void {
    const known = this.#entries.get(keyHex);
    if (known === undefined) return;
    known.failures += 1;
    if (known.lastLinkMs === 0 && known.failures >= MAX_UNPROVED_FAILURES) {
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

  /** One that may be dialled now: by equal chances a proved or an unproved one, at random among them. */
  pick(isBusy: (keyHex: string) => boolean): (KnownNode & { readonly keyHex: string }) | undefined {
    const nowMs = this.#options.now();
    const proved: Entry[] = [];
    const unproved: Entry[] = [];
    for (const entry of this.#entries.values()) {
      // A clock that was set back must not stop dialling for longer than the longest backoff.
      const isResting = entry.notBeforeMs > nowMs && entry.notBeforeMs - nowMs <= MAX_BACKOFF_MS * 2;
      if (isResting || isBusy(entry.keyHex)) continue;
      (entry.lastLinkMs > 0 ? proved : unproved).push(entry);
    }
    const [first, second] = this.#options.random() < 0.5 ? [proved, unproved] : [unproved, proved];
    const pool = first.length > 0 ? first : second;
    const entry = pool[Math.floor(this.#options.random() * pool.length)];
    return entry === undefined ? undefined : { keyHex: entry.keyHex, ...describe(entry) };
  }

  get(keyHex: string): KnownNode | undefined {
    const entry = this.#entries.get(keyHex);
    return entry === undefined ? undefined : describe(entry);
  }

  /** What is worth keeping over a restart. */
  toJSON(): object {
    const nodes = [...this.#entries.values()]
      .filter((entry) => entry.lastLinkMs > 0)
      .map(({ keyHex, host, port, lastLinkMs, failures }) => ({ publicKey: keyHex, host, port, lastLinkMs, failures }));
    return { nodes, dhtNodes: this.#dhtNodes };
  }

  /** Takes over what `toJSON` gave; anything else in it is passed over. */
  load(value: unknown): void {
    if (!isObject(value)) return;
    const nodes = Array.isArray(value['nodes']) ? value['nodes'] : [];
    for (const item of nodes.slice(0, MAX_KNOWN_NODES)) {
      if (!isObject(item) || typeof item['publicKey'] !== 'string') continue;
      const publicKey = fromHex(item['publicKey']);
      if (publicKey === undefined || publicKey.length !== 32 || item['publicKey'] === this.#options.ownKeyHex) continue;
      const address = parseAddress(item);
      const lastLinkMs = Number.isFinite(item['lastLinkMs']) ? Number(item['lastLinkMs']) : 0;
      this.#add(item['publicKey'], { publicKey, ...address }, Math.max(1, lastLinkMs));
    }
    const dhtNodes = Array.isArray(value['dhtNodes']) ? value['dhtNodes'] : [];
    this.dhtNodes = dhtNodes.map(parseAddress).filter((address) => address !== undefined);
  }

  #add(keyHex: string, node: KnownNode, lastLinkMs: number): void {
    const entry: Entry = {
      keyHex,
      publicKey: node.publicKey.slice(),
      host: node.host,
      port: node.port,
      lastLinkMs,
      failures: 0,
      notBeforeMs: 0,
    };
    this.#entries.set(keyHex, entry);
    const prefix = publicPrefix(node.host);
    if (prefix !== undefined) {
      this.#keepWithin(MAX_NODES_OF_PREFIX, entry, (other) => publicPrefix(other.host) === prefix);
    }
    if (lastLinkMs === 0) this.#keepWithin(MAX_UNPROVED_NODES, entry, (other) => other.lastLinkMs === 0);
    this.#keepWithin(MAX_KNOWN_NODES, entry, () => true);
  }

  /** Of those that match, drops the worst above `limit`: unproved before proved, then most failures, then oldest. */
  #keepWithin(limit: number, added: Entry, matches: (entry: Entry) => boolean): void {
    let count = 0;
    let worst: Entry | undefined;
    for (const entry of this.#entries.values()) {
      if (!matches(entry)) continue;
      count += 1;
      if (entry !== added && (worst === undefined || isWorse(entry, worst))) worst = entry;
    }
    if (count <= limit || worst === undefined) return;
    // What was only heard of does not displace what answered.
    const victim = added.lastLinkMs === 0 && worst.lastLinkMs > 0 ? added : worst;
    this.#entries.delete(victim.keyHex);
  }
}

function isWorse(a: Entry, b: Entry): boolean {
  const isUnproved = a.lastLinkMs === 0;
  if (isUnproved !== (b.lastLinkMs === 0)) return isUnproved;
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

function parseAddress(value: unknown): DhtAddress | undefined {
  if (!isObject(value)) return undefined;
  const { host, port } = value;
  if (typeof host !== 'string' || !isIPv4(host) || !Number.isInteger(port)) return undefined;
  if (Number(port) < 1 || Number(port) > 65_535) return undefined;
  return { host, port: Number(port) };
}

/** Dotted form only: the DHT is IPv4. */
export function isIPv4(host: string): boolean {
  const parts = host.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256);
}

/** The first three numbers of a public IPv4 address; undefined for private and loopback ones and for anything else. */
export function publicPrefix(host: string | undefined): string | undefined {
  if (host === undefined || !isIPv4(host)) return undefined;
  const [a, b, c] = host.split('.').map(Number) as [number, number, number, number];
  const isPrivate =
    a === 10 || a === 127 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) || (a === 169 && b === 254);
  return isPrivate ? undefined : `${a}.${b}.${c}`;
}
