/** A store on a thread as seen from the main thread: requests with their answers, and what happens when the thread dies. */
import type { Transferable } from 'node:worker_threads';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { ErrorCode } from '../../../shared/base/errors.ts';
import type { ThreadClient, WorkerThread } from './worker-thread.ts';

export type Answer<Value> =
  | { readonly id: number; readonly value: Value }
  | { readonly id: number; readonly error: { readonly code: ErrorCode; readonly message: string } };

/** What a thread says; `Opened` comes first, when it has opened its file. */
export type ThreadReport<Value, Opened, Notice> =
  | { readonly type: 'answers'; readonly answers: readonly Answer<Value>[] }
  | { readonly type: 'failed'; readonly error: { readonly code: ErrorCode; readonly message: string } }
  | (Opened & { readonly type: 'opened' })
  | (Notice & { readonly type: 'replaced' });

/** What the requests, answers and reports of one kind of store are. */
export interface StoreProtocol {
  /** Those with an `id` are answered. */
  readonly request: { readonly type: string };
  readonly value: unknown;
  readonly opened: object;
  readonly notice: object;
}

/** A request without its number. */
export type Ask<Request> = Request extends { readonly id: number } ? Omit<Request, 'id'> : never;
type Tell<Request> = Request extends { readonly id: number } ? never : Request;

export interface ThreadOptions<Protocol extends StoreProtocol> {
  readonly thread: WorkerThread;
  /** What the thread is told of the store. */
  readonly setup: unknown;
  /** As in "the block store", for messages. */
  readonly what: string;
  readonly onReplaced: (notice: Protocol['notice']) => void;
}

interface Pending<Value> {
  readonly resolve: (value: Value) => void;
  readonly reject: (error: BroadsideError) => void;
}

export class StoreThread<Protocol extends StoreProtocol> {
  readonly #client: ThreadClient;
  readonly #what: string;
  readonly #onReplaced: (notice: Protocol['notice']) => void;
  readonly #pending = new Map<number, Pending<Protocol['value']>>();
  readonly #opened = Promise.withResolvers<Protocol['opened']>();
  /** Requests of this turn, which travel as one message: a message of its own costs as much as the reading of a record. */
  #outbox: unknown[] = [];
  #transfers: Transferable[] = [];
  #nextId = 1;
  #failure: BroadsideError | undefined;
  #closing: Promise<void> | undefined;

  private constructor({ thread, setup, what, onReplaced }: ThreadOptions<Protocol>) {
    this.#what = what;
    this.#onReplaced = onReplaced;
    this.#client = thread.enter(setup, (died) =>
      this.#fail(
        died === undefined
          ? this.#closed()
          : new BroadsideError('unexpected', `${what} stopped: ${died.message}`, { cause: died }),
      ),
    );
    this.#client.port.on('message', (report: ThreadReport<Protocol['value'], Protocol['opened'], Protocol['notice']>) =>
      this.#receive(report),
    );
  }

  /** Resolves when the thread has opened the file; rejects with its BroadsideError. */
  static async start<Protocol extends StoreProtocol>(
    options: ThreadOptions<Protocol>,
  ): Promise<{ thread: StoreThread<Protocol>; opened: Protocol['opened'] }> {
    const thread = new StoreThread<Protocol>(options);
    try {
      return { thread, opened: await thread.#opened.promise };
    } catch (thrown) {
      await thread.#client.leave(false);
      throw thrown;
    }
  }

  /** Requests that are not answered yet. */
  get pending(): number {
    return this.#pending.size;
  }

  ask(request: Ask<Protocol['request']>, transfers: Transferable[] = []): Promise<Protocol['value']> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      const id = this.#nextId;
      this.#nextId += 1;
      this.#pending.set(id, { resolve, reject });
      this.#send({ ...request, id }, transfers);
    });
  }

  tell(request: Tell<Protocol['request']>): void {
    if (this.#failure === undefined) this.#send(request, []);
  }

  #send(request: unknown, transfers: readonly Transferable[]): void {
    if (this.#outbox.length === 0) queueMicrotask(() => this.#flush());
    this.#outbox.push(request);
    this.#transfers.push(...transfers);
  }

  #flush(): void {
    this.#client.port.postMessage(this.#outbox, this.#transfers);
    this.#outbox = [];
    this.#transfers = [];
  }

  /** Asks it to close, by a request that is answered with true, and waits until the thread is done with it. Idempotent; never rejects. */
  close(request: Ask<Protocol['request']>): Promise<void> {
    this.#closing ??= this.#close(request);
    return this.#closing;
  }

  async #close(request: Ask<Protocol['request']>): Promise<void> {
    const closed = await this.ask(request).catch(() => false);
    this.#fail(this.#closed());
    await this.#client.leave(closed === true);
  }

  #closed(): BroadsideError {
    return new BroadsideError('unexpected', `${this.#what} is closed`);
  }

  #receive(report: ThreadReport<Protocol['value'], Protocol['opened'], Protocol['notice']>): void {
    if (report.type === 'opened') this.#opened.resolve(report);
    if (report.type === 'replaced') this.#onReplaced(report);
    if (report.type === 'failed') this.#fail(new BroadsideError(report.error.code, report.error.message));
    if (report.type !== 'answers') return;
    for (const answer of report.answers) {
      const pending = this.#pending.get(answer.id);
      this.#pending.delete(answer.id);
      if ('error' in answer) pending?.reject(new BroadsideError(answer.error.code, answer.error.message));
      else pending?.resolve(answer.value);
    }
  }

  #fail(error: BroadsideError): void {
    this.#failure ??= error;
    this.#opened.reject(error);
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}
