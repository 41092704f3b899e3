/** What the transport over Hyperswarm is given, and what it tells beyond the port. */
import type { KeyPair, KnownNode, LinkId, LinkStats, Transport } from '../../core/ports.ts';
import type { CloseReason } from './close-reason.ts';
import type { RelayRefusal } from './relay/messages.ts';
import type { RelayFigures, RelaySettings } from './relay/relays.ts';

export interface HyperswarmTransportOptions {
  /** The node's identity, proved to each neighbour. */
  readonly keyPair: KeyPair;
  /** Name of the network: its nodes meet at the DHT topic H('broadside/topic/1', network as UTF-8). */
  readonly network: string;
  /** HOST:PORT of some DHT nodes; the public ones of Hyperswarm when left out. Ones that cannot be read are passed over. */
  readonly bootstrap?: readonly string[];
  /** Address to bind; every interface when left out. 127.0.0.1 for a network on one machine. */
  readonly host?: string;
  /** UDP port to ask for; else the one of last time, else any. Another is taken when it is in use. */
  readonly port?: number;
  /** Links move to TCP where the other end is near and can be called so (paths.ts). On when left out. */
  readonly tcp?: boolean;
  /** File that remembers nodes between starts; nothing is remembered without. */
  readonly knownNodesPath?: string;
  /** Links at most: 64 for routing, and a hub's (core/limits.ts). */
  readonly maxLinks: number;
  /**
   * Below so many links it dials by itself, known nodes and nodes of the topic; above, only whom the core asks for. FLOOR_LINKS
   * when left out.
   */
  readonly floorLinks?: number;
  /** See LinkTableOptions; off when left out. */
  readonly countsPrivateNets?: boolean;
  readonly limits: { readonly upBytesPerSecond: number; readonly downBytesPerSecond: number };
  /** What is carried for others; nothing when left out. */
  readonly relay?: RelaySettings;
  /** Nodes that cannot be met without a neighbour between, as behind some pairs of routers. For tests: where it is left out, sockets tell. */
  readonly cannotMeet?: (publicKey: Uint8Array) => boolean;
  /** Told of what a handler threw; a warning of the process when left out. */
  readonly onHandlerError?: (error: unknown) => void;
  /** Told of each dial that came to nothing: nobody answered, or the other end closed it before it was a link. */
  readonly onDialFailed?: (publicKey: Uint8Array) => void;
}

export type LinkCounters = Readonly<Record<CloseReason, number>>;

export interface HyperswarmTransport extends Transport {
  linkStats(link: LinkId): LinkStats | undefined;
  /** Where the node listens: the address that others see where it is known, else the local one. Undefined until started. */
  address(): { readonly host: string; readonly port: number } | undefined;
  /** Links and attempted links that ended, by reason. */
  closings(): LinkCounters;
  /** Entries in the cache of known nodes. */
  knownNodes(): number;
  /** Nodes that there was a link to, with an address: the present neighbours first, then the surest. */
  provedNodes(): readonly KnownNode[];
  readonly relaying: {
    readonly figures: RelayFigures;
    set(settings: RelaySettings): void;
    /** Why no neighbour carried a stream to this node, when it could not be reached without. */
    refusalOf(publicKey: Uint8Array): RelayRefusal | undefined;
    /** What there is to tell of the way to a node: the neighbour that carries the link, or why none does. */
    wayTo(publicKey: Uint8Array): {
      readonly relay?: Uint8Array;
      readonly unreached?: Exclude<RelayRefusal, 'no-link'>;
    };
  };
  /** An invite names this node: remembers it over restarts, and dials it now. */
  meet(node: KnownNode): void;
}
