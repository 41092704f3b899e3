/**
 * A network of production cores in one process on one virtual clock. It carries out the effects of each node, lets time
 * pass from event to event, and keeps a hash of all that happened. The same options give the same run.
 */
import type { Effect, NodeEvent } from '../../../src-main/core/effects.ts';
import type { InsertResult, RequestResult } from '../../../src-main/core/effects.ts';
import { MAX_HTL, SMALL_NETWORK_HTL } from '../../../src-main/core/limits.ts';
import type { NetworkParameters } from '../../../src-main/core/network-parameters.ts';
import { networkParameters } from '../../../src-main/core/network-parameters.ts';
import { locationOf } from '../../../src-main/core/routing/location.ts';
import { isSearchEffect } from '../../../src-main/core/search/effects.ts';
import type { SearchEffect, SearchOptions } from '../../../src-main/core/search/effects.ts';
import { findStamp } from '../../../src-main/core/routing/stamps.ts';
import type { WirePriority } from '../../../src-main/core/wire/messages.ts';
import type { RecordKind } from '../../../src-main/core/wire/record.ts';
import { keyOf } from './bytes-key.ts';
import { DEFAULT_CONDITIONS, LOCATE_MS, READ_MS, STAMP_HASHES_PER_MS, WALL_START_MS, WRITE_MS } from './conditions.ts';
import type { Conditions } from './conditions.ts';
import { createSimCrypto } from './crypto.ts';
import * as kinds from './event-kinds.ts';
import { EventQueue } from './event-queue.ts';
import { CLOSED, Links } from './links.ts';
import { Observers } from './observer.ts';
import type { Observer, Operation, OperationDone } from './observer.ts';
import { SimRandom } from './random.ts';
import { RecordTable } from './record-table.ts';
import { DEFAULT_QUOTA_RECORDS, SimNode } from './sim-node.ts';
import { Trace } from './trace.ts';
import { TransportUpkeep } from './transport-upkeep.ts';
import { CHANNELS, Wires } from './wires.ts';

/** Payloads of the simulator, in bytes, so that ten thousand nodes share one memory; bandwidth counts the real size. */
export const SIM_PAYLOAD_BYTES = 64;
/** Networks up to here use the HTL of small ones (core/limits.ts). */
const SMALL_NETWORK_NODES = 100;
/** Bits of stamps here: enough that they are found and checked, few enough that nobody waits for them. */
const SIM_STAMP_BITS = 3;
/** As many links as the settings give a node by default (shared/ipc/settings.ts). */
const DEFAULT_TARGET_LINKS = 16;

export interface NetworkOptions {
  readonly seed: number;
  readonly nodes: number;
  readonly targetLinks?: number;
  readonly parameters?: Partial<NetworkParameters>;
  readonly conditions?: Partial<Conditions>;
  /** Room in each store, in records. */
  readonly quotaRecords?: number;
  /** Left out: nobody takes part in search. */
  readonly search?: SearchSide;
}

/** What stands behind the search of the nodes: their indexes. */
export interface SearchSide {
  optionsOf(node: SimNode): SearchOptions;
  perform(network: Network, node: SimNode, effect: SearchEffect): void;
}

export interface RequestOptions {
  readonly kind?: RecordKind;
  readonly priority?: WirePriority;
  readonly skipOwn?: boolean;
}

export class Network {
  readonly seed: number;
  readonly parameters: NetworkParameters;
  readonly conditions: Conditions;
  readonly targetLinks: number;
  readonly crypto = createSimCrypto();
  /** For the network itself: delays, losses, dials. Nodes and experiments have generators of their own. */
  readonly random: SimRandom;
  readonly queue = new EventQueue();
  readonly links = new Links();
  readonly trace = new Trace(this.crypto);
  readonly observers = new Observers();
  readonly table = new RecordTable();
  readonly wires: Wires;
  readonly upkeep: TransportUpkeep;
  readonly nodes: SimNode[] = [];
  nowMs = 0;
  /** Events that were taken from the queue. */
  events = 0;
  /** Operations that a core ended and that were not under way: ended before, or never begun. */
  unknownEnds = 0;
  /** Costly work that nodes asked for. */
  readonly work = { locations: 0, stampHashes: 0 };
  /** False: nobody dials, neither the transports nor the cores; for measuring before repair. */
  canDial = true;
  readonly #byKey = new Map<string, SimNode>();
  readonly #operations = new Map<number, Operation>();
  readonly #quotaRecords: number;
  readonly #search: SearchSide | undefined;
  #lastOperation = 0;

  constructor(options: NetworkOptions) {
    this.seed = options.seed;
    this.random = new SimRandom(options.seed, 1);
    this.conditions = { ...DEFAULT_CONDITIONS, ...options.conditions };
    this.targetLinks = options.targetLinks ?? DEFAULT_TARGET_LINKS;
    this.#quotaRecords = options.quotaRecords ?? DEFAULT_QUOTA_RECORDS;
    this.#search = options.search;
    this.parameters = {
      ...networkParameters('simulator'),
      maxHtl: options.nodes <= SMALL_NETWORK_NODES ? SMALL_NETWORK_HTL : MAX_HTL,
      payloadBytes: SIM_PAYLOAD_BYTES,
      stampBits: SIM_STAMP_BITS,
      ...options.parameters,
    };
    this.wires = new Wires(this);
    this.upkeep = new TransportUpkeep(this);
    for (let index = 0; index < options.nodes; index += 1) this.addNode();
  }

  /** A node that is not started yet. `seed`: 32 bytes of its key, for experiments that choose where nodes lie. */
  addNode(seed?: Uint8Array, host?: string): SimNode {
    const index = this.nodes.length;
    const { conditions, crypto } = this;
    const random = new SimRandom(this.seed, 1_000 + index);
    const spread = conditions.upMaxBytesPerSecond / conditions.upMinBytesPerSecond;
    const node = new SimNode({
      index,
      crypto,
      keyPair: crypto.keyPairFromSeed(seed ?? random.bytes(32)),
      x: random.fraction(),
      y: random.fraction(),
      upBytesPerMs: (conditions.upMinBytesPerSecond * spread ** random.fraction()) / 1_000,
      skewMs: random.between(-conditions.clockSkewMs, conditions.clockSkewMs),
      isBehindNat: random.fraction() < conditions.natShare,
      // Everybody has a /24 of their own; who wants crowded prefixes says so.
      host: host ?? `${11 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}.1`,
      random,
      parameters: this.parameters,
      targetLinks: this.targetLinks,
      table: this.table,
      quotaRecords: this.#quotaRecords,
      wallMs: () => WALL_START_MS + this.nowMs,
      search: this.#search && ((each) => this.#search!.optionsOf(each)),
    });
    this.nodes.push(node);
    this.#byKey.set(keyOf(node.publicKey), node);
    return node;
  }

  observe(observer: Observer): void {
    this.observers.add(observer);
  }

  /** A generator for an experiment or a fault plan, apart from those of the network and the nodes. */
  newRandom(stream: number): SimRandom {
    return new SimRandom(this.seed, 500 + stream);
  }

  nodeOf(publicKey: Uint8Array): SimNode | undefined {
    return this.#byKey.get(keyOf(publicKey));
  }

  alive(): SimNode[] {
    return this.nodes.filter((node) => node.isAlive);
  }

  /** Starts the process; after `kill` or `stop` a new one on the same disk. */
  start(node: SimNode): void {
    if (node.isAlive) return;
    if (node.incarnation > 0) node.restart();
    else node.incarnation = 1;
    node.isAlive = true;
    this.trace.add(this.nowMs, kinds.TRACE_LIFE, node.index, 1);
    const addresses = node.store.keptAddresses();
    if (addresses.length > 0) this.handle(node, { type: 'kept', addresses });
    this.upkeep.onStart(node);
  }

  /** Kills the process: no farewell, and what it was doing is gone. */
  kill(node: SimNode): void {
    this.#end(node, (end) => {
      this.links.close(end);
      this.wires.breakSilently(end ^ 1);
    });
  }

  /** Ends the process cleanly: its neighbours know at once. */
  stop(node: SimNode): void {
    this.#end(node, (end) => this.wires.close(end));
  }

  #end(node: SimNode, leave: (end: number) => void): void {
    if (!node.isAlive) return;
    node.isAlive = false;
    this.trace.add(this.nowMs, kinds.TRACE_LIFE, node.index, 0);
    for (const end of [...node.ends.values()]) leave(end);
    node.ends.clear();
    node.dialling.clear();
    for (const [id, operation] of this.#operations) if (operation.node === node.index) this.#operations.delete(id);
  }

  /** Divides the network: links between sides break without a word, dials between them fail, until all sides are 0 again. */
  partition(sideOf: (node: SimNode) => number): void {
    for (const node of this.nodes) node.side = sideOf(node);
    for (const node of this.nodes)
      for (const [peer, end] of node.ends) if (this.nodes[peer]!.side !== node.side) this.wires.breakSilently(end);
  }

  startRequest(node: SimNode, address: Uint8Array, options: RequestOptions = {}, onDone?: OperationDone): number {
    const operation = this.#open(node, 'request', address, onDone);
    const { kind = 1, priority = 0, skipOwn = false } = options;
    this.handle(node, { type: 'request', operation, address, kind, priority, skipOwn });
    return operation;
  }

  startInsert(
    node: SimNode,
    address: Uint8Array,
    record: Uint8Array,
    onDone?: OperationDone,
    priority: WirePriority = 1,
  ): number {
    const operation = this.#open(node, 'insert', address, onDone);
    this.handle(node, { type: 'insert', operation, record, priority });
    return operation;
  }

  #open(node: SimNode, kind: Operation['kind'], address: Uint8Array, onDone: OperationDone | undefined): number {
    const id = (this.#lastOperation += 1);
    const { index, incarnation } = node;
    const operation = { id, node: index, incarnation, kind, address, startedMs: this.nowMs, onDone };
    this.#operations.set(id, operation);
    for (const observer of this.observers.operationStart) observer.onOperationStart(operation);
    return id;
  }

  /** Operations that neither ended nor died with their node. */
  operationsUnderway(): IterableIterator<Operation> {
    return this.#operations.values();
  }

  /** Runs `task` at a time, as an event. */
  at(atMs: number, task: () => void): void {
    this.queue.add(Math.max(atMs, this.nowMs), kinds.CALL, 0, 0, 0, task);
  }

  later(delayMs: number, task: () => void): void {
    this.at(this.nowMs + delayMs, task);
  }

  runFor(durationMs: number): void {
    this.runUntil(() => false, durationMs);
  }

  /** Lets time pass until `isDone` holds after an event, at most `durationMs`; says whether it held. */
  runUntil(isDone: () => boolean, durationMs: number): boolean {
    const endMs = this.nowMs + durationMs;
    const { queue } = this;
    if (isDone()) return true;
    while (queue.nextMs <= endMs) {
      queue.take();
      this.nowMs = queue.atMs;
      this.events += 1;
      this.#happen();
      if (isDone()) return true;
    }
    this.nowMs = endMs;
    return false;
  }

  handle(node: SimNode, event: NodeEvent): void {
    if (!node.isAlive) return;
    for (const effect of node.core.handle(event, this.nowMs)) this.#perform(node, effect);
    for (const observer of this.observers.handled) observer.onHandled(this.nowMs, node, event);
  }

  #happen(): void {
    const { kind, a, b, c, payload } = this.queue;
    switch (kind) {
      case kinds.MESSAGE:
        return this.#deliver(a, b, payload as Uint8Array);
      case kinds.LINK_DOWN:
        return this.wires.onLinkDown(a, b === 1);
      case kinds.CALL:
        return (payload as () => void)();
      case kinds.DIALLED:
        return this.wires.onDialled(this.nodes[a]!, this.nodes[b]!, c);
      case kinds.UPKEEP:
        return this.upkeep.onUpkeep(this.nodes[a]!, b, c);
      default:
    }
    const node = this.nodes[a]!;
    if (c !== node.incarnation) return undefined;
    switch (kind) {
      case kinds.UPLINK:
        return this.wires.onUplink(node);
      case kinds.WAKE:
        if (node.wakeMs !== this.nowMs) return undefined;
        node.wakeMs = -1;
        return this.handle(node, { type: 'wake' });
      case kinds.READ_DONE:
        return this.handle(node, { type: 'readDone', effect: b, record: payload as Uint8Array | undefined });
      case kinds.WRITE_DONE:
        return this.handle(node, { type: 'writeDone', effect: b, outcome: payload as 'stored' });
      case kinds.LOCATED:
        return this.handle(node, { type: 'located', effect: b, location: locationOf(payload as Uint8Array) });
      case kinds.STAMPED:
        return this.handle(node, { type: 'stamped', effect: b, stamp: payload as Uint8Array });
      default:
        throw new Error(`no such event: ${kind}`);
    }
  }

  #deliver(end: number, channelNumber: number, original: Uint8Array): void {
    const { links, nodes, nowMs } = this;
    if (links.state[end] === CLOSED) return;
    const to = nodes[links.node[end]!]!;
    const from = nodes[links.node[end ^ 1]!]!;
    const channel = CHANNELS[channelNumber]!;
    const bytes = to.incoming === undefined ? original : to.incoming(from, to, channel, original);
    if (bytes === undefined) return;
    to.messagesReceived += 1;
    this.trace.add(nowMs, kinds.MESSAGE, end, channelNumber, bytes);
    for (const observer of this.observers.delivered) observer.onDelivered(nowMs, from.index, to.index, channel, bytes);
    this.handle(to, { type: 'message', link: end + 1, channel, bytes });
  }

  #perform(node: SimNode, effect: Effect): void {
    const { queue, nowMs } = this;
    switch (effect.type) {
      case 'send':
        return this.wires.send(node, effect.link - 1, effect.channel, effect.bytes);
      case 'close':
        return this.wires.close(effect.link - 1);
      case 'read': {
        const held = effect.isUse === false ? node.store.look(effect.address) : node.store.get(effect.address);
        const record = held?.record;
        return queue.add(nowMs + READ_MS, kinds.READ_DONE, node.index, effect.effect, node.incarnation, record);
      }
      case 'write': {
        const outcome = node.store.put(effect.entry);
        for (const observer of this.observers.write) observer.onWrite(nowMs, node, effect.entry, outcome);
        if (effect.effect === undefined) return undefined;
        return queue.add(nowMs + WRITE_MS, kinds.WRITE_DONE, node.index, effect.effect, node.incarnation, outcome);
      }
      case 'locate':
        this.work.locations += 1;
        return queue.add(
          nowMs + LOCATE_MS,
          kinds.LOCATED,
          node.index,
          effect.effect,
          node.incarnation,
          effect.publicKey,
        );
      case 'stamp': {
        const hashes = 2 ** effect.bits;
        this.work.stampHashes += hashes;
        const stamp = findStamp(this.crypto, effect.address, effect.bits);
        const readyMs = nowMs + hashes / STAMP_HASHES_PER_MS;
        return queue.add(readyMs, kinds.STAMPED, node.index, effect.effect, node.incarnation, stamp);
      }
      case 'dial': {
        const to = this.nodeOf(effect.node.publicKey);
        if (to === undefined) return undefined;
        this.upkeep.heardOf(node, to);
        return this.wires.dial(node, to, effect.node.host !== undefined);
      }
      case 'wake':
        node.wakeMs = Math.max(effect.atMs, nowMs);
        return queue.add(node.wakeMs, kinds.WAKE, node.index, 0, node.incarnation);
      case 'requestDone':
      case 'insertDone':
        return this.#finish(effect.operation, effect.result);
      case 'neighboursChanged':
        return undefined;
      default:
        if (isSearchEffect(effect)) this.#search?.perform(this, node, effect);
        return undefined;
    }
  }

  #finish(id: number, result: RequestResult | InsertResult): void {
    const operation = this.#operations.get(id);
    if (operation === undefined) {
      this.unknownEnds += 1;
      return;
    }
    this.#operations.delete(id);
    this.trace.add(this.nowMs, kinds.TRACE_OPERATION, id, result.ok ? 1 : 0);
    for (const observer of this.observers.operationEnd) observer.onOperationEnd(operation, result, this.nowMs);
    operation.onDone?.(result, operation, this.nowMs);
  }
}
