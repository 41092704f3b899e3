import { base32nopad } from '@scure/base';
import { toHex } from '../../../shared/base/bytes.ts';
import type { Neighbour, NetworkView, Status, Strain } from '../../../shared/ipc/model.ts';
import type { BlockStore, Transport } from '../../core/ports.ts';
import type { NodeStatusSource } from '../events.ts';
import type { Clock } from '../jobs/clock.ts';
import { faultsOf } from './faults.ts';
import { keptSpan } from './kept-span.ts';
import type { NodeService } from './node-service.ts';
import { StrainMeter } from './strain.ts';

export interface NodeStatusOptions {
  readonly node: NodeService;
  readonly transport: Transport;
  /** Blocks kept for others. */
  readonly store: BlockStore;
  /** Blocks of what was opened here. */
  readonly opened: BlockStore;
  readonly clock: Clock;
  readonly network: string;
  readonly targetLinks: () => number;
  readonly version: string;
  readonly dataDirectory: string;
  /** HOST:PORT of this node in the DHT, once it listens. */
  readonly dht: () => string | undefined;
  /** Bytes free on the disk of the data directory. */
  readonly diskFreeBytes: () => Promise<number | undefined>;
  /** Links and connections that ended, by the transport's reason. */
  readonly closings: () => Readonly<Record<string, number>>;
  /** Absent where nothing is carried for others. */
  readonly relay?: () => NonNullable<Status['relay']>;
}

/** The span of kept keys is looked up anew after so long, while somebody looks: it changes slowly and costs a scan. */
const SPAN_MS = 30_000;
/** While there is none, it is looked for more often: a scan of nothing is quick. */
const NO_SPAN_MS = 2_000;

/** First eight letters of a key in fours: how nodes and signers are named everywhere. */
export function shortName(publicKey: Uint8Array): string {
  const letters = base32nopad.encode(publicKey.subarray(0, 5)).toLowerCase();
  return `${letters.slice(0, 4)} ${letters.slice(4, 8)}`;
}

/** What `status` and Network show of this node. */
export class NodeStatus implements NodeStatusSource {
  readonly #options: NodeStatusOptions;
  readonly #startedMs: number;
  readonly #startedMonotonicMs: number;
  readonly #strain: StrainMeter;
  #offlineSinceMs: number | undefined;
  #span: { readonly value: number | undefined; readonly atMs: number } | undefined;

  constructor(options: NodeStatusOptions) {
    this.#options = options;
    this.#startedMs = options.clock.now();
    this.#startedMonotonicMs = options.clock.monotonicMs();
    this.#strain = new StrainMeter();
    this.#offlineSinceMs = this.#startedMs;
    options.node.onNeighbours(() => {
      if (options.node.readyLinks() > 0) this.#offlineSinceMs = undefined;
      else this.#offlineSinceMs ??= options.clock.now();
    });
  }

  async status(): Promise<Status> {
    const { node, transport, store, opened, clock, network, version, dataDirectory } = this.#options;
    const [storeStats, openedStats, diskFreeBytes, span] = await Promise.all([
      store.stats(),
      opened.stats(),
      this.#options.diskFreeBytes(),
      this.#keptSpan(),
    ]);
    const rate = node.meter.rate();
    const dht = this.#options.dht();
    return {
      publicKey: toHex(transport.publicKey),
      name: shortName(transport.publicKey),
      place: node.location,
      network,
      links: node.readyLinks(),
      targetLinks: this.#options.targetLinks(),
      ...(dht === undefined ? {} : { dht }),
      store: { usedBytes: storeStats.usedBytes, quotaBytes: storeStats.quotaBytes, blocks: storeStats.blocks },
      opened: { usedBytes: openedStats.usedBytes, quotaBytes: openedStats.quotaBytes, blocks: openedStats.blocks },
      traffic: {
        ...transport.traffic(),
        inBytesPerSecond: rate.inBytes,
        outBytesPerSecond: rate.outBytes,
      },
      requests: {
        started: node.statistics?.started ?? 0,
        answered: node.statistics?.answered ?? 0,
        garbage: node.statistics?.garbage ?? 0,
        refused: node.statistics?.refused ?? 0,
      },
      faults: faultsOf(node.statistics, this.#options.closings()),
      uploads: node.transfers.uploads(),
      ...(this.#options.relay === undefined ? {} : { relay: this.#options.relay() }),
      role: node.search?.view().role ?? 'leaf',
      uptimeSeconds: Math.floor((clock.monotonicMs() - this.#startedMonotonicMs) / 1000),
      startedMs: this.#startedMs,
      ...(this.#offlineSinceMs === undefined ? {} : { offlineSinceMs: this.#offlineSinceMs }),
      ...(span === undefined ? {} : { keptSpan: span }),
      version,
      dataDirectory,
      ...(diskFreeBytes === undefined ? {} : { diskFreeBytes }),
    };
  }

  strain(): Strain {
    return { ...this.#strain.look(), tables: this.#options.node.tableSizes() };
  }

  readyLinks(): number {
    return this.#options.node.readyLinks();
  }

  onNeighbours(listener: () => void): () => void {
    return this.#options.node.onNeighbours(listener);
  }

  async #keptSpan(): Promise<number | undefined> {
    const { store, node, clock } = this.#options;
    const nowMs = clock.monotonicMs();
    const keptMs = this.#span?.value === undefined ? NO_SPAN_MS : SPAN_MS;
    if (this.#span === undefined || nowMs - this.#span.atMs >= keptMs) {
      this.#span = { value: keptSpan(await store.spread(), node.location), atMs: nowMs };
    }
    return this.#span.value;
  }

  networkView(): NetworkView {
    const { node, transport, clock } = this.#options;
    const wallOffsetMs = clock.now() - clock.monotonicMs();
    const neighbours = node.neighbours().map((view): Neighbour => {
      const link = transport.linkStats?.(view.link);
      return {
        name: shortName(view.publicKey),
        publicKey: toHex(view.publicKey),
        state: view.ready ? 'connected' : 'connecting',
        ...(view.location === undefined ? {} : { place: view.location }),
        ...(view.distance === undefined ? {} : { distance: view.distance }),
        ...(link?.roundTripMs === undefined ? {} : { roundTripMs: link.roundTripMs }),
        ...(link?.path === undefined ? {} : { path: link.path }),
        ...(link?.relay === undefined ? {} : { relay: shortName(link.relay) }),
        ...(view.answeredShare === undefined ? {} : { answered: view.answeredShare }),
        busy: view.busy,
        inBytes: link?.inBytes ?? 0,
        outBytes: link?.outBytes ?? 0,
        sinceMs: wallOffsetMs + view.sinceMs,
      };
    });
    neighbours.sort((a, b) => (a.distance ?? 1) - (b.distance ?? 1));
    const last = node.lastRequest();
    const rate = node.meter.rate();
    return {
      neighbours,
      ...(last === undefined
        ? {}
        : {
            // Not the neighbour that it went to first: that is where this node's stems begin.
            lastRequest: { place: last.place, outcome: last.outcome },
          }),
      requests: node.requestLog.view(),
      // The present rate too, so that the picture ends now and is not empty for the first ten seconds.
      history: [
        ...node.meter.history(),
        { atMs: clock.now(), inBytesPerSecond: rate.inBytes, outBytesPerSecond: rate.outBytes },
      ],
    };
  }
}
