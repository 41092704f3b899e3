/**
 * What publications need of routing, and all that they know of it: addresses in, verified records out. The node answers
 * it (services/node), and tests answer it from a table.
 */

/** Interactive: somebody waits for it (slots, first page). Bulk: the rest. They are admitted and counted apart. */
export type Priority = 'interactive' | 'bulk';

export type RequestFailure =
  | 'not-found' // asked where it should be; nobody had it
  | 'no-route' // no neighbour could take it
  | 'busy' // all that could take it are overloaded
  | 'timeout'
  | 'cancelled';

export type RequestOutcome =
  | { readonly ok: true; readonly record: Uint8Array; readonly afterMs: number }
  | { readonly ok: false; readonly code: RequestFailure; readonly afterMs: number };

export type InsertFailure = 'no-route' | 'busy' | 'full' | 'timeout' | 'cancelled';

export type InsertOutcome =
  | {
      readonly ok: true;
      /** Durable copies that the sink vouches for, itself included, 1 ... 4. */
      readonly copies: number;
      /** Times it had to be sent again. */
      readonly retries: number;
      readonly afterMs: number;
    }
  | { readonly ok: false; readonly code: InsertFailure; readonly retries: number; readonly afterMs: number };

export interface RequestOptions {
  readonly kind: 'content' | 'slot';
  readonly priority: Priority;
  readonly signal?: AbortSignal;
  /** Do not answer from this node's own store: to see what others would get. */
  readonly skipOwn?: boolean;
}

export interface BlockNetwork {
  /** A record that was verified against its address. Never rejects but for a defect. */
  request(address: Uint8Array, options: RequestOptions): Promise<RequestOutcome>;
  /** Places a record with the nodes nearest to its address; resolves when they have it on disk. Retries by itself. */
  insert(
    record: Uint8Array,
    options: { readonly priority: Priority; readonly signal?: AbortSignal },
  ): Promise<InsertOutcome>;
}
