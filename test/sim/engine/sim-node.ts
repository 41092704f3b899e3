/** One node of the simulator: the production core, and what surrounds it on its machine. */
import { Node } from '../../../src-main/core/node.ts';
import { MAX_LINKS, MAX_PEER_LINKS } from '../../../src-main/core/limits.ts';
import type { NetworkParameters } from '../../../src-main/core/network-parameters.ts';
import { locationOf } from '../../../src-main/core/routing/location.ts';
import type { Location } from '../../../src-main/core/routing/location.ts';
import type { ChannelName, Crypto, KeyPair } from '../../../src-main/core/ports.ts';
import type { SearchOptions } from '../../../src-main/core/search/effects.ts';
import { NodeStore } from './node-store.ts';
import type { SimRandom } from './random.ts';
import type { RecordTable } from './record-table.ts';

/** Room in a store, in records: 10 GB of blocks of 33 KB. Only experiments that fill stores say less. */
export const DEFAULT_QUOTA_RECORDS = 300_000;
/** Bytes of a record on disk, for the quota that the core is told. */
const STORED_RECORD_BYTES = 33_000;

/** Changes, swallows (undefined) or passes on a message; for faults and for hostile nodes. */
export type Filter = (from: SimNode, to: SimNode, channel: ChannelName, bytes: Uint8Array) => Uint8Array | undefined;

export interface SimNodeSetup {
  readonly index: number;
  readonly crypto: Crypto;
  readonly keyPair: KeyPair;
  readonly random: SimRandom;
  readonly parameters: NetworkParameters;
  readonly targetLinks: number;
  readonly table: RecordTable;
  readonly quotaRecords: number;
  readonly x: number;
  readonly y: number;
  readonly upBytesPerMs: number;
  readonly skewMs: number;
  readonly isBehindNat: boolean;
  readonly host: string;
  /** Time of the simulation as wall-clock time, without skew. */
  readonly wallMs: () => number;
  /** Undefined: it takes no part in search. */
  readonly search: ((node: SimNode) => SearchOptions) | undefined;
}

export class SimNode {
  readonly index: number;
  readonly publicKey: Uint8Array;
  readonly keyPair: KeyPair;
  readonly location: Location;
  readonly store: NodeStore;
  readonly random: SimRandom;
  readonly host: string;
  readonly port: number;
  /** The /24 that the address lies in. */
  readonly prefix: string;
  /** The transport takes no more links than this. */
  readonly maxLinks: number;
  /** Place in the plane of delays, 0 ... 1 each. */
  readonly x: number;
  readonly y: number;
  upBytesPerMs: number;
  /** Added to every message that it receives: a slow machine. */
  slowMs = 0;
  isBehindNat: boolean;
  /** Nodes of different sides of a partition do not reach each other. */
  side = 0;
  isAlive = false;
  /** Counts starts, so that what was asked for before a restart finds nobody after it. */
  incarnation = 0;
  /** Set for nodes that do not keep to the protocol: checkers do not hold them to it. */
  isHostile = false;
  outgoing: Filter | undefined;
  incoming: Filter | undefined;
  core: Node;
  /** When the uplink will have sent the message that it sends now. */
  uplinkFreeMs = 0;
  /** Ends with messages that wait for the uplink, the next one first. */
  readonly turns = new Set<number>();
  wakeMs = -1;
  /** Open and doomed ends, by the index of the node at the other end. */
  readonly ends = new Map<number, number>();
  readonly dialling = new Set<number>();
  /** Nodes that the transport has heard of, lately heard last, and whether there was ever a link (transport-upkeep.ts). */
  readonly known = new Map<number, boolean>();
  /** Delay before the transport looks for links again; 0 while it is content. */
  upkeepDelayMs = 0;
  messagesSent = 0;
  messagesReceived = 0;
  bytesSent = 0;
  readonly #setup: SimNodeSetup;

  constructor(setup: SimNodeSetup) {
    this.#setup = setup;
    this.index = setup.index;
    this.keyPair = setup.keyPair;
    this.publicKey = setup.keyPair.publicKey;
    this.location = locationOf(this.publicKey);
    this.random = setup.random;
    this.host = setup.host;
    this.prefix = setup.host.slice(0, setup.host.lastIndexOf('.'));
    // As host/compose.ts tells the transport.
    const peerLinks = setup.search === undefined ? 0 : MAX_PEER_LINKS;
    this.maxLinks = Math.min(MAX_LINKS, 2 * setup.targetLinks) + peerLinks;
    this.port = 40_000 + (setup.index % 20_000);
    this.x = setup.x;
    this.y = setup.y;
    this.upBytesPerMs = setup.upBytesPerMs;
    this.isBehindNat = setup.isBehindNat;
    this.store = new NodeStore(setup.table, setup.quotaRecords);
    this.core = this.#newCore();
  }

  /** A new process on the same disk, with the same key. */
  restart(): void {
    this.incarnation += 1;
    this.wakeMs = -1;
    this.uplinkFreeMs = 0;
    this.turns.clear();
    this.core = this.#newCore();
  }

  #newCore(): Node {
    const { crypto, keyPair, random, parameters, targetLinks, quotaRecords, skewMs, wallMs, search } = this.#setup;
    return new Node({
      crypto,
      random,
      network: parameters,
      keyPair,
      location: this.location,
      targetLinks,
      wallMs: () => wallMs() + skewMs,
      storeQuotaBytes: () => quotaRecords * STORED_RECORD_BYTES,
      ...(search && { search: search(this) }),
    });
  }
}
