/** What experiments and checkers may watch. Every hook is optional and costs nothing where nobody gave it. */
import type { InsertResult, NodeEvent, RequestResult } from '../../../src-main/core/effects.ts';
import type { ChannelName, PutOutcome, StoreEntry } from '../../../src-main/core/ports.ts';
import type { SimNode } from './sim-node.ts';

export interface Operation {
  readonly id: number;
  readonly node: number;
  readonly incarnation: number;
  readonly kind: 'request' | 'insert';
  readonly address: Uint8Array;
  readonly startedMs: number;
  readonly onDone: OperationDone | undefined;
}

export type OperationDone = (result: RequestResult | InsertResult, operation: Operation, nowMs: number) => void;

export interface Observer {
  /** A node sends a message, which may have to wait for its uplink. */
  onMessage?(nowMs: number, from: number, to: number, channel: ChannelName, bytes: Uint8Array): void;
  /** A message came, before the node handles it: what that node, if it were hostile, would see. */
  onDelivered?(nowMs: number, from: number, to: number, channel: ChannelName, bytes: Uint8Array): void;
  /** Both ends of a link came up, or the second of the two noticed that it is down. */
  onLink?(nowMs: number, a: number, b: number, isUp: boolean): void;
  onWrite?(nowMs: number, node: SimNode, entry: StoreEntry, outcome: PutOutcome): void;
  onOperationStart?(operation: Operation): void;
  onOperationEnd?(operation: Operation, result: RequestResult | InsertResult, nowMs: number): void;
  /** After each event that a node handled. The most expensive hook. */
  onHandled?(nowMs: number, node: SimNode, event: NodeEvent): void;
}

export class Observers {
  readonly message: Required<Pick<Observer, 'onMessage'>>[] = [];
  readonly delivered: Required<Pick<Observer, 'onDelivered'>>[] = [];
  readonly link: Required<Pick<Observer, 'onLink'>>[] = [];
  readonly write: Required<Pick<Observer, 'onWrite'>>[] = [];
  readonly operationStart: Required<Pick<Observer, 'onOperationStart'>>[] = [];
  readonly operationEnd: Required<Pick<Observer, 'onOperationEnd'>>[] = [];
  readonly handled: Required<Pick<Observer, 'onHandled'>>[] = [];

  add(observer: Observer): void {
    if (observer.onMessage !== undefined) this.message.push(observer as Required<Observer>);
    if (observer.onDelivered !== undefined) this.delivered.push(observer as Required<Observer>);
    if (observer.onLink !== undefined) this.link.push(observer as Required<Observer>);
    if (observer.onWrite !== undefined) this.write.push(observer as Required<Observer>);
    if (observer.onOperationStart !== undefined) this.operationStart.push(observer as Required<Observer>);
    if (observer.onOperationEnd !== undefined) this.operationEnd.push(observer as Required<Observer>);
    if (observer.onHandled !== undefined) this.handled.push(observer as Required<Observer>);
  }

  remove(observer: Observer): void {
    for (const list of Object.values(this) as Observer[][]) {
      const at = list.indexOf(observer);
      if (at >= 0) list.splice(at, 1);
    }
  }
}
