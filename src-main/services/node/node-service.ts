/**
 * Runs the node of the core: hands it events from transport, store and clock one at a time, and carries out its effects.
 * To the other services it is the BlockNetwork.
 */
import type { Effect, EffectId, InsertResult, NodeEvent, RequestResult } from '../../core/effects.ts';
import { MAX_LOCAL_PENDING } from '../../core/limits.ts';
import { Node } from '../../core/node.ts';
import type { LastRequest, NeighbourView } from '../../core/node-view.ts';
import type { NetworkParameters } from '../../core/network-parameters.ts';
import type { BlockStore, Crypto, KeyPair, Random, Stamper, StoreEntry, Transport } from '../../core/ports.ts';
import type { Location } from '../../core/routing/location.ts';
import type { Statistics } from '../../core/routing/statistics.ts';
import type { TransferOptions } from '../../core/transfer/transfers.ts';
import { isTransferEffect } from '../../core/transfer/effects.ts';
import { isSearchEffect } from '../../core/search/effects.ts';
import type { SearchOptions } from '../../core/search/effects.ts';
import type { SearchIndex } from '../../core/search/index-port.ts';
import { PRIORITY_BULK, PRIORITY_INTERACTIVE } from '../../core/wire/messages.ts';
import { KIND_CONTENT, KIND_SLOT, verifyRecord } from '../../core/wire/record.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { BlockNetwork, InsertOutcome, Priority, RequestOptions, RequestOutcome } from '../block-network.ts';
import type { Clock } from '../jobs/clock.ts';
import { BulkClock } from './bulk-clock.ts';
import { Gate } from './gate.ts';
import type { Locator } from './locator.ts';
import { RequestLog } from './request-log.ts';
import { restoreKept } from './restore-kept.ts';
import type { Ended } from './request-log.ts';
import { SearchNetwork } from './search-network.ts';
import { TransferNetwork } from './transfer-network.ts';
import { TrafficMeter } from './traffic-meter.ts';

export interface NodeServiceOptions {
  readonly transport: Transport;
  readonly store: BlockStore;
  readonly crypto: Crypto;
  readonly random: Random;
  readonly clock: Clock;
  readonly locator: Locator;
  readonly network: NetworkParameters;
  /** The identity that the transport proves. */
  readonly keyPair: KeyPair;
  readonly targetLinks: number;
  readonly storeQuotaBytes: () => number;
  readonly stamper: Stamper;
  /** Left out: it neither loads shared files nor serves them. */
  readonly transfers?: TransferOptions;
  /** Left out: the node takes no part in search. */
  readonly search?: SearchOptions & { readonly index: SearchIndex };
  /** A defect inside the node, for the report; the node goes on. */
  readonly onDefect: (defect: unknown) => void;
}

export class NodeService implements BlockNetwork {
  readonly #options: NodeServiceOptions;
  readonly #gate = new Gate(MAX_LOCAL_PENDING);
  readonly #bulkClock: BulkClock;
  readonly #operations = new Map<number, (result: RequestResult | InsertResult, wasHere: boolean) => void>();
  readonly #queue: NodeEvent[] = [];
  readonly #listeners = new Set<() => void>();
  readonly meter: TrafficMeter;
  /** How this node's own requests and inserts ended, for showing. */
  readonly requestLog: RequestLog;
  /** Undefined where the node takes no part in search. */
  readonly search: SearchNetwork | undefined;
  /** Shared files that come and go. */
  readonly transfers: TransferNetwork;
  #node: Node | undefined;
  #location: Location | undefined;
  #handling = false;
  #stopped = false;
  #lastOperation = 0;
  #cancelWake: (() => void) | undefined;

  constructor(options: NodeServiceOptions) {
    this.#options = options;
    this.#bulkClock = new BulkClock(options.clock, () => this.#node?.roomForBulk());
    this.meter = new TrafficMeter(options.clock, () => options.transport.traffic());
    this.requestLog = new RequestLog(options.clock);
    const { clock, onDefect, search } = options;
    const handle = (event: NodeEvent): void => this.#handle(event);
    const view = () => this.#node?.search();
    this.transfers = new TransferNetwork({
      handle,
      view: (operation) => this.#node?.download(operation),
      transfers: () => this.#node?.transfers(),
      hasRoom: (link) => this.#node?.hasRoom(link) === true,
      onDefect,
    });
    if (search !== undefined) this.search = new SearchNetwork({ index: search.index, clock, handle, view, onDefect });
  }

  /** Finds this node's own place, then begins to dial and to accept. */
  async start(): Promise<void> {
    const { transport, locator, clock } = this.#options;
    const location = await locator.locate(transport.publicKey);
    this.#location = location;
    const wallMs = (): number => clock.now();
    this.#node = new Node({ ...this.#options, location, wallMs });
    await transport.start({
      linkUp: (info) => this.#handle({ type: 'linkUp', info }),
      linkDown: (link) => this.#handle({ type: 'linkDown', link }),
      message: (link, channel, bytes) => this.#handle({ type: 'message', link, channel, bytes }),
      writable: (link) => this.#handle({ type: 'writable', link }),
    });
    this.meter.start();
    this.search?.start();
    const { store, onDefect } = this.#options;
    restoreKept(store, (event) => this.#handle(event)).catch((defect: unknown) => {
      if (!this.#stopped) onDefect(defect);
    });
  }

  /** Ends what is under way with 'cancelled', then closes the links. The store is the caller's. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.meter.stop();
    this.search?.stop();
    this.#cancelWake?.();
    for (const [operation, done] of this.#operations) {
      this.#operations.delete(operation);
      done({ ok: false, code: 'no-route' }, false);
    }
    await this.#options.transport.stop();
  }

  get location(): Location {
    return this.#location ?? 0;
  }

  get statistics(): Statistics | undefined {
    return this.#node?.statistics;
  }

  tableSizes(): Readonly<Record<string, number>> {
    return this.#node?.tableSizes() ?? {};
  }

  neighbours(): NeighbourView[] {
    return this.#node?.neighbours() ?? [];
  }

  readyLinks(): number {
    return this.#node?.readyLinks() ?? 0;
  }

  lastRequest(): LastRequest | undefined {
    return this.#node?.lastRequest();
  }

  /** Calls `listener` whenever a neighbour came, went or became ready; the function returned ends that. */
  onNeighbours(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves true once `count` neighbours are ready, false after `timeoutMs` or when the signal aborts. */
  waitForLinks(count: number, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    if (this.readyLinks() >= count) return Promise.resolve(true);
    return new Promise((resolve) => {
      const end = (reached: boolean): void => {
        stopListening();
        cancelTimer();
        signal?.removeEventListener('abort', onAbort);
        resolve(reached);
      };
      const onAbort = (): void => end(false);
      const stopListening = this.onNeighbours(() => {
        if (this.readyLinks() >= count) end(true);
      });
      const cancelTimer = this.#options.clock.after(timeoutMs, () => end(false));
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  async request(address: Uint8Array, options: RequestOptions): Promise<RequestOutcome> {
    const { clock } = this.#options;
    const startedMs = clock.monotonicMs();
    const event = (operation: number): NodeEvent => ({
      type: 'request',
      operation,
      address,
      kind: options.kind === 'content' ? KIND_CONTENT : KIND_SLOT,
      priority: wirePriority(options.priority),
      skipOwn: options.skipOwn ?? false,
    });
    const result = await this.#operate<RequestResult>(options, event, (ended) =>
      this.requestLog.addRequest({ ...ended, priority: options.priority }),
    );
    const afterMs = clock.monotonicMs() - startedMs;
    if (result === 'cancelled') return { ok: false, code: 'cancelled', afterMs };
    return { ...result, afterMs };
  }

  async insert(
    record: Uint8Array,
    options: { readonly priority: Priority; readonly signal?: AbortSignal },
  ): Promise<InsertOutcome> {
    const { clock } = this.#options;
    const startedMs = clock.monotonicMs();
    const event = (operation: number): NodeEvent => ({
      type: 'insert',
      operation,
      record,
      priority: wirePriority(options.priority),
    });
    const result = await this.#operate<InsertResult>(options, event, (ended) =>
      this.requestLog.addInsert({ ...ended, priority: options.priority }),
    );
    const afterMs = clock.monotonicMs() - startedMs;
    if (result === 'cancelled') return { ok: false, code: 'cancelled', retries: 0, afterMs };
    // Routing may lead back here, and this node cannot refuse what is its own: a neighbour could tell it by that.
    if (result.ok && result.copies === 1 && (await this.#isHere(record)))
      return { ok: false, code: 'full', retries: result.retries, afterMs };
    return { ...result, afterMs };
  }

  /** Own shared files that are offered: all of them the first time, then what changed. */
  shareList(change: Omit<Extract<NodeEvent, { type: 'shareList' }>, 'type'>): void {
    if (this.#node !== undefined && !this.#stopped) this.#handle({ type: 'shareList', ...change });
  }

  /** Whether this node's own store has a record. */
  async #isHere(record: Uint8Array): Promise<boolean> {
    const { crypto, network, store } = this.#options;
    const verified = verifyRecord(crypto, record, undefined, network.payloadBytes);
    return verified.ok && (await store.has(verified.value.address));
  }

  async #operate<R extends RequestResult | InsertResult>(
    options: { readonly signal?: AbortSignal; readonly priority: Priority },
    event: (operation: number) => NodeEvent,
    log: (ended: Ended<R>) => void,
  ): Promise<R | 'cancelled'> {
    if (this.#node === undefined || this.#stopped) throw new BroadsideError('offline', 'The node is not running.');
    if (options.priority === 'interactive') return this.#admitted(options, event, log);
    if (!(await this.#turn(options.signal))) return 'cancelled';
    try {
      return await this.#admitted(options, event, log);
    } finally {
      this.#bulkClock.ended();
    }
  }

  async #admitted<R extends RequestResult | InsertResult>(
    { signal, priority }: { readonly signal?: AbortSignal; readonly priority: Priority },
    event: (operation: number) => NodeEvent,
    log: (ended: Ended<R>) => void,
  ): Promise<R | 'cancelled'> {
    if (!(await this.#gate.enter(signal, priority === 'interactive'))) return 'cancelled';
    try {
      this.#lastOperation += 1;
      const operation = this.#lastOperation;
      const begunMs = this.#options.clock.monotonicMs();
      const afterMs = (): number => this.#options.clock.monotonicMs() - begunMs;
      return await new Promise<R | 'cancelled'>((resolve) => {
        const onAbort = (): void => {
          this.#operations.delete(operation);
          this.#handle({ type: 'cancel', operation });
          log({ result: 'cancelled', wasHere: false, afterMs: afterMs() });
          resolve('cancelled');
        };
        this.#operations.set(operation, (result, wasHere) => {
          signal?.removeEventListener('abort', onAbort);
          log({ result: result as R, wasHere, afterMs: afterMs() });
          resolve(result as R);
        });
        signal?.addEventListener('abort', onAbort, { once: true });
        this.#handle(event(operation));
      });
    } finally {
      this.#gate.leave();
    }
  }

  /** Resolves when the clock lets a bulk message go; false when the signal aborted first. */
  #turn(signal: AbortSignal | undefined): Promise<boolean> {
    if (signal?.aborted === true) return Promise.resolve(false);
    return new Promise((resolve) => {
      const onAbort = (): void => {
        cancel();
        resolve(false);
      };
      const cancel = this.#bulkClock.wait(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve(true);
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Events that come while one is handled (a store that answers at once, a send that fails) wait their turn. */
  #handle(event: NodeEvent): void {
    this.#queue.push(event);
    if (this.#handling) return;
    this.#handling = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        if (this.#stopped || this.#node === undefined) continue;
        try {
          for (const effect of this.#node.handle(next, this.#options.clock.monotonicMs())) this.#perform(effect, next);
        } catch (defect) {
          this.#options.onDefect(defect);
        }
      }
    } finally {
      this.#handling = false;
    }
  }

  #perform(effect: Effect, cause: NodeEvent): void {
    const { transport } = this.#options;
    switch (effect.type) {
      case 'send':
        if (!transport.send(effect.link, effect.channel, effect.bytes)) this.#node?.congested(effect.link);
        return;
      case 'close':
        transport.close(effect.link);
        return;
      case 'read':
        void this.#read(effect.effect, effect.address, effect.isUse !== false);
        return;
      case 'write':
        void this.#write(effect.effect, effect.entry);
        return;
      case 'locate':
        void this.#locate(effect.effect, effect.publicKey);
        return;
      case 'stamp':
        void this.#stamp(effect.effect, effect.address, effect.bits);
        return;
      case 'dial':
        transport.dial(effect.node);
        return;
      case 'requestDone':
      case 'insertDone': {
        const done = this.#operations.get(effect.operation);
        this.#operations.delete(effect.operation);
        // What the store's answer ends was here; what the network had comes with a message.
        done?.(effect.result, cause.type === 'readDone');
        return;
      }
      case 'neighboursChanged':
        for (const listener of this.#listeners) listener();
        return;
      case 'wake':
        this.#cancelWake?.();
        this.#cancelWake = this.#options.clock.after(Math.max(0, effect.atMs - this.#options.clock.monotonicMs()), () =>
          this.#handle({ type: 'wake' }),
        );
        return;
      default:
        if (isSearchEffect(effect)) this.search?.perform(effect);
        else if (isTransferEffect(effect)) this.transfers.perform(effect);
    }
  }

  async #read(effect: EffectId, address: Uint8Array, isUse: boolean): Promise<void> {
    let record: Uint8Array | undefined;
    try {
      const { store } = this.#options;
      record = await (isUse ? store.get(address) : store.peek(address));
    } catch (defect) {
      this.#options.onDefect(defect);
    }
    this.#handle({ type: 'readDone', effect, record });
  }

  async #write(effect: EffectId | undefined, entry: StoreEntry): Promise<void> {
    let outcome: 'stored' | 'present' | 'full' = 'full';
    try {
      outcome = await this.#options.store.put(entry);
    } catch (defect) {
      this.#options.onDefect(defect);
    }
    if (effect !== undefined) this.#handle({ type: 'writeDone', effect, outcome });
  }

  async #locate(effect: EffectId, publicKey: Uint8Array): Promise<void> {
    try {
      this.#handle({ type: 'located', effect, location: await this.#options.locator.locate(publicKey) });
    } catch (defect) {
      this.#options.onDefect(defect);
    }
  }

  async #stamp(effect: EffectId, address: Uint8Array, bits: number): Promise<void> {
    try {
      this.#handle({ type: 'stamped', effect, stamp: await this.#options.stamper.stamp(address, bits) });
    } catch (defect) {
      // A stamp that was being looked for when the node stopped is not missed.
      if (this.#stopped) return;
      this.#handle({ type: 'stamped', effect, stamp: undefined });
      if (!(defect instanceof BroadsideError && defect.code === 'busy')) this.#options.onDefect(defect);
    }
  }
}

const wirePriority = (priority: Priority): 0 | 1 => (priority === 'bulk' ? PRIORITY_BULK : PRIORITY_INTERACTIVE);
