import { bytesEqual, compareBytes, toHex } from '../../../shared/base/bytes.ts';
import type { LinkId } from '../../core/ports.ts';
import { prefixOf, publicPrefix } from '../../../shared/base/ipv4.ts';
import type { Connection } from './connection.ts';

/** Streams that have not agreed yet, from whom ever; more are refused. Each holds up to 64 KiB for at most 10 s. */
export const MAX_OPENING = 64;
/** A connection from a node that we are dialling too waits so long for our dial, which is the one to keep. */
const PARK_MS = 1_000;
/** Neighbours from one IPv4 /24: whoever has one block of addresses is not half of anybody's neighbours (protocol, section 1). */
export const MAX_LINKS_OF_PREFIX = 2;

export interface LinkTableOptions {
  /** Ours: which of two connections is kept depends on both ends' keys. */
  readonly publicKey: Uint8Array;
  readonly maxLinks: number;
  /**
   * The rule of MAX_LINKS_OF_PREFIX holds for loopback, private and link-local addresses too. Otherwise they are excepted: on
   * one machine or in one house all nodes have one prefix, and nobody on the internet has such an address.
   */
  readonly countsPrivateNets: boolean;
  /** A dial of ours to this node is under way that has not led to a connection yet. */
  readonly isDialling: (keyHex: string) => boolean;
  /** The connection to this node was chosen: a dial that is still under way would only make a second one. */
  readonly onChosen: (keyHex: string) => void;
  /** Monotonic clock, milliseconds. */
  readonly now: () => number;
}

/**
 * The connections of a node: those that are opening, the one chosen for each neighbour, and those of them that are links.
 * Both ends decide alike which of two connections to keep. Bounded by MAX_OPENING and `maxLinks`.
 */
export class LinkTable {
  readonly #options: LinkTableOptions;
  readonly #ownKeyHex: string;
  readonly #opening = new Set<Connection>();
  readonly #chosen = new Map<string, Connection>();
  readonly #links = new Map<LinkId, Connection>();
  readonly #parked = new Map<Connection, NodeJS.Timeout>();
  #nextLink = 1;
  #stopped = false;

  constructor(options: LinkTableOptions) {
    this.#options = options;
    this.#ownKeyHex = toHex(options.publicKey);
  }

  /** Links that are up. */
  get size(): number {
    return this.#links.size;
  }

  /** Nodes that a connection was chosen for: links, and those that the other end has to choose yet. */
  get chosenCount(): number {
    return this.#chosen.size;
  }

  /** Nodes that we dialled, with a connection, and that have not said yet who they are. */
  get greetedCount(): number {
    let count = 0;
    for (const { initiator, keyHex } of this.#opening) if (initiator && !this.#chosen.has(keyHex)) count += 1;
    return count;
  }

  get isFull(): boolean {
    return this.#chosen.size >= this.#options.maxLinks;
  }

  /** No further stream can be taken until one of those that are opening has agreed or ended. */
  get isCrowded(): boolean {
    return this.#opening.size >= MAX_OPENING;
  }

  /** There are as many neighbours of this address's /24 as there may be. */
  isPrefixFull(host: string | undefined): boolean {
    const prefix = this.#prefixOf(host);
    if (prefix === undefined) return false;
    let count = 0;
    for (const connection of this.#chosen.values()) if (this.#prefixOf(connection.host) === prefix) count += 1;
    return count >= MAX_LINKS_OF_PREFIX;
  }

  get(link: LinkId): Connection | undefined {
    return this.#links.get(link);
  }

  links(): Iterable<Connection> {
    return this.#links.values();
  }

  /** Every connection there is, once. */
  all(): Connection[] {
    return [...new Set([...this.#opening, ...this.#links.values(), ...this.#chosen.values()])];
  }

  /** The connection that is chosen for this node. */
  chosen(keyHex: string): Connection | undefined {
    return this.#chosen.get(keyHex);
  }

  /** A connection to this node is chosen. */
  has(keyHex: string): boolean {
    return this.#chosen.has(keyHex);
  }

  /** A connection to this node, from whichever end, is opening. */
  isOpening(keyHex: string): boolean {
    for (const connection of this.#opening) if (connection.keyHex === keyHex) return true;
    return false;
  }

  open(connection: Connection): void {
    this.#opening.add(connection);
  }

  /** The other end said who it is: chooses the connection, lets it wait, or ends it. */
  identified(connection: Connection): void {
    const { keyHex } = connection;
    if (keyHex === this.#ownKeyHex) return connection.destroy('self');
    const existing = this.#chosen.get(keyHex);
    if (existing === undefined) {
      if (!this.#hasRoom(connection)) return;
      const isDialling = connection.relay === undefined && this.#isDialling(keyHex);
      if (!connection.initiator && isDialling && this.#ownDialWins(connection)) {
        return this.#park(connection);
      }
      this.#choose(connection);
      return this.unpark(keyHex);
    }
    if (this.#isBetter(connection, existing)) {
      // That a neighbour carries the one has no address, which the other does.
      if (existing.relay !== undefined && !this.#hasRoomInPrefix(connection)) return;
      // A link that a neighbour carries moves to the new connection when that is established.
      if (!this.#mayMove(existing, connection)) existing.destroy('replaced');
      this.#choose(connection);
    } else {
      connection.destroy('duplicate');
      // The other end would not dial without need: perhaps it lost the link that we hold.
      if (existing.isEstablished) existing.ping(this.#options.now());
    }
  }

  /** The connection that carries a link to the same node by a neighbour, which goes on by this one; undefined when it is a new link. */
  takeOver(connection: Connection): Connection | undefined {
    for (const [link, former] of this.#links) {
      if (former.keyHex !== connection.keyHex || !this.#mayMove(former, connection)) continue;
      former.link = undefined;
      connection.link = link;
      this.#opening.delete(connection);
      this.#links.set(link, connection);
      return former;
    }
    return undefined;
  }

  /** The connection is a link from now on; its number, which is never used again. */
  establish(connection: Connection): LinkId {
    const link = this.#nextLink;
    this.#nextLink += 1;
    connection.link = link;
    this.#opening.delete(connection);
    this.#links.set(link, connection);
    return link;
  }

  /** Forgets a connection that has ended. */
  remove(connection: Connection): void {
    this.#opening.delete(connection);
    clearTimeout(this.#parked.get(connection));
    this.#parked.delete(connection);
    const { keyHex, link } = connection;
    if (link !== undefined) this.#links.delete(link);
    if (this.#chosen.get(keyHex) === connection) {
      this.#chosen.delete(keyHex);
      // It was to take over a link, and came to nothing: the link stays where it is.
      for (const other of this.#links.values()) if (other.keyHex === keyHex) this.#chosen.set(keyHex, other);
    }
    if (link === undefined && connection.initiator && !this.#isDialling(keyHex)) this.unpark(keyHex);
  }

  /** Our own dial to this node has ended: what waited for it goes on. */
  unpark(keyHex: string): void {
    for (const parked of [...this.#parked.keys()]) if (parked.keyHex === keyHex) this.#unpark(parked);
  }

  /** Ends every connection; those that there were. */
  stop(): Connection[] {
    this.#stopped = true;
    const connections = this.all();
    for (const connection of connections) connection.destroy('stopped');
    return connections;
  }

  #choose(connection: Connection): void {
    this.#chosen.set(connection.keyHex, connection);
    // A way of its own is better than by a neighbour.
    if (connection.relay === undefined) this.#options.onChosen(connection.keyHex);
    connection.choose();
  }

  /** Of two connections dialled from both ends at once, both ends keep that of the node with the greater key. */
  #ownDialWins(connection: Connection): boolean {
    return compareBytes(this.#options.publicKey, connection.publicKey) > 0;
  }

  #isBetter(connection: Connection, existing: Connection): boolean {
    // The other end was started anew: what we hold leads nowhere.
    if (!bytesEqual(connection.remoteInstance!, existing.remoteInstance!)) return true;
    if ((connection.relay === undefined) !== (existing.relay === undefined)) return connection.relay === undefined;
    // Its dialler would not dial twice: it lost the first.
    if (connection.initiator === existing.initiator) return true;
    return connection.initiator === this.#ownDialWins(connection);
  }

  /** Both ends have the link by a neighbour, and it can go on by a connection of its own. */
  #mayMove(from: Connection, to: Connection): boolean {
    const isOneStart = bytesEqual(from.remoteInstance!, to.remoteInstance!);
    return from.relay !== undefined && to.relay === undefined && from.isEstablished && !from.isClosed && isOneStart;
  }

  #park(connection: Connection): void {
    const timer = setTimeout(() => this.#unpark(connection), PARK_MS);
    this.#parked.set(connection, timer);
  }

  #unpark(connection: Connection): void {
    clearTimeout(this.#parked.get(connection));
    if (!this.#parked.delete(connection) || connection.isClosed || this.#stopped) return;
    if (this.#chosen.has(connection.keyHex)) return this.identified(connection);
    if (this.#hasRoom(connection)) this.#choose(connection);
  }

  /** False when there is none for one more, or for one more of its prefix; the connection is dismissed then. */
  #hasRoom(connection: Connection): boolean {
    if (!this.isFull) return this.#hasRoomInPrefix(connection);
    connection.dismiss('full');
    return false;
  }

  #hasRoomInPrefix(connection: Connection): boolean {
    if (!this.isPrefixFull(connection.host)) return true;
    connection.dismiss('prefix');
    return false;
  }

  #prefixOf(host: string | undefined): string | undefined {
    return this.#options.countsPrivateNets ? prefixOf(host) : publicPrefix(host);
  }

  /** A dial of ours to this node is under way, or has led to a connection that has not said hello yet. */
  #isDialling(keyHex: string): boolean {
    if (this.#options.isDialling(keyHex)) return true;
    for (const connection of this.#opening) if (connection.initiator && connection.keyHex === keyHex) return true;
    return false;
  }
}
