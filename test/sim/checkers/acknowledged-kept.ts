/**
 * Nothing acknowledged is lost. When an insert is acknowledged with so many copies, so many disks hold the record, unless
 * somebody on the way was hostile; and from then on it is remembered, so that a healed network can be asked for it.
 * Of a publication of n shares, those that live are enough while there are k of them.
 */
import type { InsertResult, RequestResult } from '../../../src-main/core/effects.ts';
import { keyOf } from '../engine/bytes-key.ts';
import type { Network } from '../engine/network.ts';
import type { Operation } from '../engine/observer.ts';
import type { SimNode } from '../engine/sim-node.ts';
import type { Checker, Complain } from './checker.ts';

export class AcknowledgedKept implements Checker {
  readonly name = 'acknowledged is kept';
  readonly #network: Network;
  readonly #complain: Complain;
  readonly #acknowledged = new Map<string, Uint8Array>();
  /** Once somebody lies, copies cannot be counted on any more. */
  #anyHostile = false;

  constructor(network: Network, complain: Complain) {
    this.#network = network;
    this.#complain = complain;
  }

  get acknowledged(): number {
    return this.#acknowledged.size;
  }

  onOperationEnd(operation: Operation, result: RequestResult | InsertResult): void {
    const { nodes, table } = this.#network;
    this.#anyHostile ||= nodes.some((node) => node.isHostile);
    if (operation.kind !== 'insert' || !result.ok || !('copies' in result)) return;
    if (nodes[operation.node]!.isHostile) return;
    this.#acknowledged.set(keyOf(operation.address), operation.address);
    if (this.#anyHostile) return;
    const address = table.find(operation.address);
    const held = address === undefined ? 0 : nodes.filter((node) => node.store.keeps(address)).length;
    if (held < result.copies)
      this.#complain(operation.node, `was told of ${result.copies} copies of its record, but ${held} disks hold it`);
  }

  /** Nodes that live and keep this address; where it only passed by nobody would look for it. */
  holders(address: Uint8Array): SimNode[] {
    const number = this.#network.table.find(address);
    if (number === undefined) return [];
    return this.#network.nodes.filter((node) => node.isAlive && !node.isHostile && node.store.keeps(number));
  }

  /** What was acknowledged and lies on the disk of a node that lives: a healed network has to find each. */
  mustBeFound(): Uint8Array[] {
    return [...this.#acknowledged.values()].filter((address) => this.holders(address).length > 0);
  }

  /** How many of these live, of those that were acknowledged. */
  living(addresses: readonly Uint8Array[]): number {
    return addresses.filter((address) => this.#acknowledged.has(keyOf(address)) && this.holders(address).length > 0)
      .length;
  }
}
