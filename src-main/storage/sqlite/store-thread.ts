/** One thread of a block store as seen from the main thread: requests with their answers, and what happens when it dies. */
import { Worker } from 'node:worker_threads';
import type { Transferable } from 'node:worker_threads';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { Answer, Report, Request, WorkerSetup } from './messages.ts';

export type Value = Extract<Answer, { value: unknown }>['value'];
/** A request without its number. */
export type Ask = Request extends infer Each ? (Each extends { id: number } ? Omit<Each, 'id'> : never) : never;

interface Pending {
  readonly resolve: (value: Value) => void;
  readonly reject: (error: BroadsideError) => void;
}

export class StoreThread {
  readonly #worker: Worker;
  readonly #onReplaced: (movedTo: string) => void;
  readonly #pending = new Map<number, Pending>();
  readonly #exited: Promise<void>;
  /** Requests of this turn, which travel as one message: a message of its own costs as much as the reading of a record. */
  #outbox: Request[] = [];
  #transfers: Transferable[] = [];
  #nextId = 1;
  #failure: BroadsideError | undefined;

  private constructor(worker: Worker, onReplaced: (movedTo: string) => void) {
    this.#worker = worker;
    this.#onReplaced = onReplaced;
    this.#exited = new Promise((resolve) => worker.once('exit', () => resolve()));
  }

  /** Resolves when the thread has opened the file; rejects with its BroadsideError. */
  static start(
    workerUrl: URL,
    setup: WorkerSetup,
    onReplaced: (movedTo: string) => void,
  ): Promise<{ thread: StoreThread; salt: Uint8Array; movedTo: string | undefined }> {
    const worker = new Worker(workerUrl, { workerData: setup, name: `store ${setup.role}` });
    const thread = new StoreThread(worker, onReplaced);
    return new Promise((resolve, reject) => {
      worker.on('message', (message: Report) => {
        if (message.type === 'opened') resolve({ thread, salt: message.salt, movedTo: message.movedTo });
        else thread.#receive(message);
        if (message.type === 'failed') reject(thread.#failure!);
      });
      const die = (error: BroadsideError) => {
        thread.#fail(error);
        reject(error);
      };
      worker.on('error', (error) =>
        die(new BroadsideError('unexpected', `the block store stopped: ${error.message}`, { cause: error })),
      );
      worker.on('exit', () => die(new BroadsideError('unexpected', 'the block store is closed')));
    });
  }

  /** Requests that are not answered yet. */
  get pending(): number {
    return this.#pending.size;
  }

  ask(request: Ask, transfers: Transferable[] = []): Promise<Value> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      const id = this.#nextId;
      this.#nextId += 1;
      this.#pending.set(id, { resolve, reject });
      this.#send({ ...request, id }, transfers);
    });
  }

  tell(request: Extract<Request, { type: 'touch' | 'begin' }>): void {
    if (this.#failure === undefined) this.#send(request, []);
  }

  #send(request: Request, transfers: readonly Transferable[]): void {
    if (this.#outbox.length === 0) queueMicrotask(() => this.#flush());
    this.#outbox.push(request);
    this.#transfers.push(...transfers);
  }

  #flush(): void {
    this.#worker.postMessage(this.#outbox, this.#transfers);
    this.#outbox = [];
    this.#transfers = [];
  }

  /** Asks it to close and waits until the thread has ended; never rejects. */
  async close(): Promise<void> {
    const closed = await this.ask({ type: 'close' }).catch(() => false);
    if (closed !== true) await this.#worker.terminate();
    await this.#exited;
  }

  #receive(message: Report): void {
    if (message.type === 'replaced') this.#onReplaced(message.movedTo);
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
