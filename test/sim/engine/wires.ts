/**
 * What happens between nodes: messages with their delays, dials, closing, silent deaths and partitions. It does for the
 * nodes of the simulator what src-main/transport does for real ones.
 */
import type { ChannelName } from '../../../src-main/core/ports.ts';
import { MESSAGE_OVERHEAD_BYTES } from '../../../src-main/transport/limits.ts';
import { GONE_MS, IDLE_PING_MS } from '../../../src-main/transport/hyperswarm/liveness.ts';
import { PAYLOAD_BYTES } from '../../../src-main/core/wire/record.ts';
import { DIAL_ROUND_TRIPS, LOOKUP_ROUND_TRIPS, PACKET_BYTES, RESEND_MIN_MS } from './conditions.ts';
import { DIALLED, LINK_DOWN, MESSAGE, TRACE_LINK, UPLINK } from './event-kinds.ts';
import { CLOSED, DOOMED, OPEN } from './links.ts';
import type { WaitingMessage } from './links.ts';
import type { Network } from './network.ts';
import type { SimNode } from './sim-node.ts';

export const CHANNELS: readonly ChannelName[] = ['link', 'route', 'search', 'transfer'];
const CHANNEL_NUMBERS: Readonly<Record<ChannelName, number>> = { link: 0, route: 1, search: 2, transfer: 3 };
/** Route messages that end in a record: insert, replicate, found, stemInsert (core/wire/messages.ts). */
const CARRIES_RECORD = new Set([2, 3, 4, 14]);
/** Dials that a transport has asked for and under way, in all (docs/LIMITS.md, Transport). */
const MAX_DIALS = 64;
/** Neighbours from one /24 (protocol, section 1). */
const MAX_LINKS_OF_PREFIX = 2;
/** Longest way in the unit square, for scaling delays. */
const DIAGONAL = Math.SQRT2;

export class Wires {
  readonly #network: Network;

  constructor(network: Network) {
    this.#network = network;
  }

  /** One-way delay between two nodes without jitter, in milliseconds. */
  latencyMs(a: SimNode, b: SimNode): number {
    const { latencyMinMs, latencyMaxMs } = this.#network.conditions;
    const away = Math.hypot(a.x - b.x, a.y - b.y) / DIAGONAL;
    return latencyMinMs + (latencyMaxMs - latencyMinMs) * away;
  }

  /**
   * Bytes that a message is charged: with a record in it as many as it would have with payloads of the production size,
   * so that small payloads save memory here and change nothing in bandwidth.
   */
  chargedBytes(channel: ChannelName, bytes: Uint8Array): number {
    const isLarge = channel === 'route' && CARRIES_RECORD.has(bytes[0]!);
    const saved = isLarge ? PAYLOAD_BYTES - this.#network.parameters.payloadBytes : 0;
    return bytes.length + saved + MESSAGE_OVERHEAD_BYTES;
  }

  send(from: SimNode, end: number, channel: ChannelName, original: Uint8Array): void {
    const network = this.#network;
    const { links, nowMs } = network;
    if (links.state[end] === CLOSED) return;
    const to = network.nodes[links.node[end ^ 1]!]!;
    const bytes = from.outgoing === undefined ? original : from.outgoing(from, to, channel, original);
    if (bytes === undefined) return;
    const charged = this.chargedBytes(channel, bytes);
    from.messagesSent += 1;
    from.bytesSent += charged;
    for (const observer of network.observers.message) observer.onMessage(nowMs, from.index, to.index, channel, bytes);
    const message = { channel, bytes, charged };
    if (from.uplinkFreeMs > nowMs || from.turns.size > 0) this.#wait(from, end, message);
    else this.#leave(from, end, message);
  }

  /** The uplink is free: the next message of the link whose turn it is. */
  onUplink(node: SimNode): void {
    const { links, queue } = this.#network;
    if (!node.isAlive) return;
    for (const end of node.turns) {
      node.turns.delete(end);
      const message = links.shift(end);
      if (message === undefined) continue; // the link has closed
      this.#leave(node, end, message);
      if (links.pendingBytes(end) > 0) node.turns.add(end);
      if (node.turns.size > 0) queue.add(node.uplinkFreeMs, UPLINK, node.index, 0, node.incarnation);
      if (links.clearCongested(end)) this.#network.handle(node, { type: 'writable', link: end + 1 });
      return;
    }
  }

  /** Milliseconds until all that waits at a node will have left. */
  backlogMs(node: SimNode): number {
    const { links, nowMs } = this.#network;
    let bytes = 0;
    for (const end of node.turns) bytes += links.pendingBytes(end);
    return Math.max(0, node.uplinkFreeMs - nowMs) + bytes / node.upBytesPerMs;
  }

  #wait(from: SimNode, end: number, message: WaitingMessage): void {
    const { links, queue } = this.#network;
    if (from.turns.size === 0) queue.add(from.uplinkFreeMs, UPLINK, from.index, 0, from.incarnation);
    from.turns.add(end);
    const pressure = links.push(end, message);
    if (pressure === 'tooSlow') this.close(end, true);
    else if (pressure === 'congested' && links.setCongested(end)) from.core.congested(end + 1);
  }

  #leave(from: SimNode, end: number, { channel, bytes, charged }: WaitingMessage): void {
    const network = this.#network;
    const { links, nowMs } = network;
    const leavesMs = nowMs + charged / from.upBytesPerMs;
    from.uplinkFreeMs = leavesMs;
    if (links.state[end] === CLOSED) return;
    const peerEnd = end ^ 1;
    const to = network.nodes[links.node[peerEnd]!]!;
    const arrivesMs = Math.max(
      links.lastArrivalMs[peerEnd]!,
      leavesMs + this.#underwayMs(from, to, charged) + to.slowMs,
    );
    links.lastArrivalMs[peerEnd] = arrivesMs;
    if (links.state[end] === DOOMED) this.#hasten(end);
    else network.queue.add(arrivesMs, MESSAGE, peerEnd, CHANNEL_NUMBERS[channel], 0, bytes);
  }

  /** Delay, jitter, and the time of sending lost packets again. */
  #underwayMs(from: SimNode, to: SimNode, bytes: number): number {
    const { random, conditions } = this.#network;
    const oneWayMs = this.latencyMs(from, to);
    let underwayMs = oneWayMs * (1 + conditions.jitter * random.fraction());
    if (conditions.loss === 0) return underwayMs;
    const packets = Math.ceil(bytes / PACKET_BYTES);
    const anyLost = 1 - (1 - conditions.loss) ** packets;
    // The packets that were lost go again together, so a second loss is that of few.
    for (let chance = anyLost; random.fraction() < chance; chance = conditions.loss)
      underwayMs += Math.max(RESEND_MIN_MS, 2 * oneWayMs);
    return underwayMs;
  }

  /** Makes a link now; false where the two cannot or need not have one. */
  connect(a: SimNode, b: SimNode): boolean {
    const network = this.#network;
    if (a === b || !this.canMeet(a, b)) return false;
    const [stale, staleOfB] = [a.ends.get(b.index), b.ends.get(a.index)];
    // A new start of a node replaces a link that the other side has not yet found dead.
    if (stale !== undefined && network.links.state[stale] === OPEN) return false;
    if (stale !== undefined) this.onLinkDown(stale);
    if (staleOfB !== undefined) this.onLinkDown(staleOfB);
    if (!this.#hasRoom(a, b) || !this.#hasRoom(b, a)) return false;
    const end = network.links.open(a.index, b.index, network.nowMs);
    a.ends.set(b.index, end);
    b.ends.set(a.index, end + 1);
    network.trace.add(network.nowMs, TRACE_LINK, a.index, b.index);
    for (const observer of network.observers.link) observer.onLink(network.nowMs, a.index, b.index, true);
    network.upkeep.onLinkUp(a, b);
    const { publicKey: keyOfA, host: hostOfA, port: portOfA } = a;
    const { publicKey: keyOfB, host: hostOfB, port: portOfB } = b;
    const infoOfB = { link: end + 1, publicKey: keyOfB, initiator: true, host: hostOfB, port: portOfB };
    const infoOfA = { link: end + 2, publicKey: keyOfA, initiator: false, host: hostOfA, port: portOfA };
    network.handle(a, { type: 'linkUp', info: infoOfB });
    if (network.links.state[end + 1] !== CLOSED) network.handle(b, { type: 'linkUp', info: infoOfA });
    return true;
  }

  /** As the transport's table of links decides: not beyond its bound, and few of one prefix. */
  #hasRoom(node: SimNode, other: SimNode): boolean {
    if (node.ends.size >= node.maxLinks) return false;
    let ofPrefix = 0;
    for (const peer of node.ends.keys()) if (this.#network.nodes[peer]!.prefix === other.prefix) ofPrefix += 1;
    return ofPrefix < MAX_LINKS_OF_PREFIX;
  }

  canMeet(a: SimNode, b: SimNode): boolean {
    return a.isAlive && b.isAlive && a.side === b.side && !(a.isBehindNat && b.isBehindNat);
  }

  /** The outcome is a link after some round trips, or nothing. */
  dial(from: SimNode, to: SimNode, hasAddress: boolean): void {
    const { queue, nowMs, canDial, random } = this.#network;
    if (!canDial || from === to || from.ends.has(to.index) || from.dialling.has(to.index)) return;
    if (from.dialling.size >= MAX_DIALS) return;
    from.dialling.add(to.index);
    const meanRoundTripMs = this.#network.conditions.latencyMaxMs * 0.75;
    const lookupMs = hasAddress ? 0 : LOOKUP_ROUND_TRIPS * meanRoundTripMs;
    const dialMs = lookupMs + 2 * DIAL_ROUND_TRIPS * this.latencyMs(from, to) * (1 + random.fraction());
    queue.add(nowMs + dialMs, DIALLED, from.index, to.index, from.incarnation);
  }

  onDialled(from: SimNode, to: SimNode, incarnation: number): void {
    if (incarnation !== from.incarnation) return;
    from.dialling.delete(to.index);
    this.connect(from, to);
  }

  /** Closes cleanly: this side at once, the other when the word has come there. `tells`: this side's core hears it too. */
  close(end: number, tells = false): void {
    const { links, nodes, queue, nowMs } = this.#network;
    if (links.state[end] === CLOSED) return;
    const wasOpen = links.state[end] === OPEN;
    const [node, peer] = [nodes[links.node[end]!]!, nodes[links.node[end ^ 1]!]!];
    if (wasOpen && links.state[end ^ 1] !== CLOSED) {
      const arrivesMs = Math.max(links.lastArrivalMs[end ^ 1]!, nowMs + this.latencyMs(node, peer));
      queue.add(arrivesMs, LINK_DOWN, end ^ 1);
    }
    this.#forget(node, peer, end);
    // As an event of its own: the node may be in the middle of its effects.
    if (tells) queue.add(nowMs, LINK_DOWN, end, 1);
  }

  /** The transport of this end has learned that the link is no more. `told`: the end is closed, only the core is to hear. */
  onLinkDown(end: number, told = false): void {
    const network = this.#network;
    const { links, nodes } = network;
    if (links.state[end] === CLOSED && !told) return;
    const [node, peer] = [nodes[links.node[end]!]!, nodes[links.node[end ^ 1]!]!];
    if (!told) this.#forget(node, peer, end);
    network.handle(node, { type: 'linkDown', link: end + 1 });
  }

  #forget(node: SimNode, peer: SimNode, end: number): void {
    const { links, nowMs, observers, trace, upkeep } = this.#network;
    links.close(end);
    if (node.ends.get(peer.index) === end) node.ends.delete(peer.index);
    trace.add(nowMs, LINK_DOWN, node.index, peer.index);
    if (links.state[end ^ 1] === CLOSED)
      for (const observer of observers.link) observer.onLink(nowMs, node.index, peer.index, false);
    upkeep.onLinkDown(node);
  }

  /** This end's process is gone without a word, or nothing gets through any more: the other side is to find out. */
  breakSilently(end: number): void {
    const { links, queue, nowMs } = this.#network;
    if (links.state[end] !== OPEN) return;
    links.state[end] = DOOMED;
    // An idle link is tried 20 s after the last sign of life, and given up 6 s later (protocol, section 1).
    queue.add(Math.max(nowMs, links.lastArrivalMs[end]! + IDLE_PING_MS) + GONE_MS, LINK_DOWN, end);
  }

  #hasten(end: number): void {
    const { links, queue, nowMs } = this.#network;
    if (links.hastened[end] === 1) return;
    links.hastened[end] = 1;
    queue.add(nowMs + GONE_MS, LINK_DOWN, end);
  }
}
