/** One thread of a store as seen from the main thread: requests with their answers, and what happens when it dies. */
import { Worker } from 'node:worker_threads';
import type { Transferable } from 'node:worker_threads';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { ErrorCode } from '../../../shared/base/errors.ts';

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
  readonly workerUrl: URL;
  readonly workerData: unknown;
  /** Of the thread, for whoever looks at a process. */
  readonly name: string;
  /** As in "the block store", for messages. */
  readonly what: string;
  readonly onReplaced: (notice: Protocol['notice']) => void;
}

interface Pending<Value> {
  readonly resolve: (value: Value) => void;
  readonly reject: (error: BroadsideError) => void;
}

export class StoreThread<Protocol extends StoreProtocol> {
  readonly #worker: Worker;
  readonly #onReplaced: (notice: Protocol['notice']) => void;
  readonly #pending = new Map<number, Pending<Protocol['value']>>();
  readonly #exited: Promise<void>;
  /** Requests of this turn, which travel as one message: a message of its own costs as much as the reading of a record. */
  #outbox: unknown[] = [];
  #transfers: Transferable[] = [];
  #nextId = 1;
  #failure: BroadsideError | undefined;

  private constructor(worker: Worker, onReplaced: (notice: Protocol['notice']) => void) {
    this.#worker = worker;
    this.#onReplaced = onReplaced;
    this.#exited = new Promise((resolve) => worker.once('exit', () => resolve()));
  }

  /** Resolves when the thread has opened the file; rejects with its BroadsideError. */
  static start<Protocol extends StoreProtocol>(
    options: ThreadOptions<Protocol>,
  ): Promise<{ thread: StoreThread<Protocol>; opened: Protocol['opened'] }> {
    const { workerUrl, workerData, name, what } = options;
    const worker = new Worker(workerUrl, { workerData, name });
    const thread = new StoreThread<Protocol>(worker, options.onReplaced);
    return new Promise((resolve, reject) => {
      worker.on('message', (message: ThreadReport<Protocol['value'], Protocol['opened'], Protocol['notice']>) => {
        if (message.type === 'opened') resolve({ thread, opened: message });
        else thread.#receive(message);
        if (message.type === 'failed') reject(thread.#failure!);
      });
      const die = (error: BroadsideError) => {
        thread.#fail(error);
        reject(error);
      };
      worker.on('error', (error) =>
        die(new BroadsideError('unexpected', `${what} stopped: ${error.message}`, { cause: error })),
      );
      worker.on('exit', () => die(new BroadsideError('unexpected', `${what} is closed`)));
    });
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
    this.#worker.postMessage(this.#outbox, this.#transfers);
    this.#outbox = [];
    this.#transfers = [];
  }

  /** Asks it to close, by a request that is answered with true, and waits until the thread has ended; never rejects. */
  async close(request: Ask<Protocol['request']>): Promise<void> {
    const closed = await this.ask(request).catch(() => false);
    if (closed !== true) await this.#worker.terminate();
    await this.#exited;
  }

  #receive(message: ThreadReport<Protocol['value'], Protocol['opened'], Protocol['notice']>): void {
    if (message.type === 'replaced') this.#onReplaced(message);
    if (message.type === 'failed') this.#fail(new BroadsideError(message.error.code, message.error.message));
    if (message.type !== 'answers') return;
    for (const answer of message.answers) {
      const pending = this.#pending.get(answer.id);
      this.#pending.delete(answer.id);
      if ('error' in answer) pending?.reject(new BroadsideError(answer.error.code, answer.error.message));
      else pending?.resolve(answer.value);
    }
  }

  #fail(error: BroadsideError): void {
    this.#failure ??= error;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}
