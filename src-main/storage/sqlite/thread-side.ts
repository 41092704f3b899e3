/** A store as its thread has it: what it is asked, what it says, and how the thread begins with one. */
import { parentPort } from 'node:worker_threads';
import type { MessagePort, Transferable } from 'node:worker_threads';
import { toStorageError } from './errors.ts';
import type { Answer, StoreProtocol, ThreadReport } from './store-thread.ts';
import type { ThreadMessage } from './worker-thread.ts';

export class ThreadSide<Protocol extends StoreProtocol> {
  readonly #port: MessagePort;
  readonly #what: string;
  #answers: Answer<Protocol['value']>[] = [];
  #transfers: Transferable[] = [];

  /** `what`: as in "the block store", for messages. */
  constructor(port: MessagePort, what: string) {
    this.#port = port;
    this.#what = what;
  }

  /** The file is open; from now on each request comes to `receive`, and `after` those of a message it is called. */
  open(opened: Protocol['opened'], receive: (request: Protocol['request']) => void, after?: () => void): void {
    this.#port.on('message', (requests: Protocol['request'][]) => {
      for (const request of requests) receive(request);
      after?.();
    });
    this.#say({ type: 'opened', ...opened });
  }

  /** What was damaged has been replaced. */
  replaced(notice: Protocol['notice']): void {
    this.#say({ type: 'replaced', ...notice });
  }

  /** Nothing more can be done. */
  failed(thrown: unknown): void {
    this.#say({ type: 'failed', error: this.#describe(thrown) });
  }

  /** How many answers wait for `flush`. */
  get waiting(): number {
    return this.#answers.length;
  }

  answer(id: number, value: Protocol['value'], transfers: readonly Transferable[] = []): void {
    this.#answers.push({ id, value });
    this.#transfers.push(...transfers);
  }

  refuse(id: number, thrown: unknown): void {
    this.#answers.push({ id, error: this.#describe(thrown) });
  }

  /** Answers with what `work` returns or throws. */
  run(id: number, work: () => Protocol['value']): void {
    try {
      this.answer(id, work());
    } catch (thrown) {
      this.refuse(id, thrown);
    }
  }

  flush(): void {
    if (this.#answers.length === 0) return;
    this.#say({ type: 'answers', answers: this.#answers }, this.#transfers);
    this.#answers = [];
    this.#transfers = [];
  }

  #say(
    report: ThreadReport<Protocol['value'], Protocol['opened'], Protocol['notice']>,
    transfers: readonly Transferable[] = [],
  ): void {
    this.#port.postMessage(report, transfers);
  }

  #describe(thrown: unknown) {
    const { code, message } = toStorageError(thrown, this.#what);
    return { code, message };
  }
}

/** The thread's program: begins with each store that comes, by its setup. What `begin` throws is told instead of 'opened'. */
export function serveStores<Setup, Protocol extends StoreProtocol>(
  what: string,
  begin: (side: ThreadSide<Protocol>, setup: Setup) => void,
): void {
  if (parentPort === null) throw new Error('this file runs in a worker thread');
  const parent = parentPort;
  parent.on('message', (message: ThreadMessage<Setup>) => {
    if (message === 'end') {
      parent.close();
      return;
    }
    const side = new ThreadSide<Protocol>(message.port, what);
    try {
      begin(side, message.setup);
    } catch (thrown) {
      side.failed(thrown);
    }
  });
}
