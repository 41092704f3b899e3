/**
 * A thread that stores work on, each over a port of its own: there from the first that is opened to the last that is closed. To start one
 * takes some 60 ms of a processor and 15 MB (npm run bench -- desktop shows what a node takes), so stores of little traffic share one.
 */
import { MessageChannel, Worker } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';

/** What the thread is told: of a store to work for, or that no other comes. */
export type ThreadMessage<Setup> = { readonly port: MessagePort; readonly setup: Setup } | 'end';

export interface ThreadClient {
  readonly port: MessagePort;
  /** The store is closed, or given up when not `cleanly`; resolves when nothing of it is left on the thread, if it was the last. */
  leave(cleanly: boolean): Promise<void>;
}

interface Running {
  readonly worker: Worker;
  /** For each store, told when the thread ends: with the error that it died of, if it did. */
  readonly clients: Set<(died: Error | undefined) => void>;
  readonly exited: Promise<void>;
}

export class WorkerThread {
  readonly #url: URL;
  readonly #name: string;
  #running: Running | undefined;

  /** `name`: for whoever looks at a process. */
  constructor(url: URL, name: string) {
    this.#url = url;
    this.#name = name;
  }

  /** Has the thread work for another store, as `setup` says. */
  enter(setup: unknown, onEnd: (died: Error | undefined) => void): ThreadClient {
    const running = (this.#running ??= this.#start());
    const { port1: port, port2 } = new MessageChannel();
    running.clients.add(onEnd);
    running.worker.postMessage({ port: port2, setup } satisfies ThreadMessage<unknown>, [port2]);
    let left: Promise<void> | undefined;
    return { port, leave: (cleanly) => (left ??= this.#leave(running, onEnd, port, cleanly)) };
  }

  #start(): Running {
    const worker = new Worker(this.#url, { name: this.#name });
    const { promise: exited, resolve } = Promise.withResolvers<void>();
    const running: Running = { worker, clients: new Set(), exited };
    const end = (died: Error | undefined): void => {
      if (this.#running === running) this.#running = undefined;
      const clients = [...running.clients];
      running.clients.clear();
      for (const onEnd of clients) onEnd(died);
    };
    worker.on('error', end);
    worker.on('exit', () => {
      end(undefined);
      resolve();
    });
    return running;
  }

  async #leave(
    running: Running,
    onEnd: (died: Error | undefined) => void,
    port: MessagePort,
    cleanly: boolean,
  ): Promise<void> {
    running.clients.delete(onEnd);
    port.close();
    if (running.clients.size > 0) return;
    // Who comes now has a new one.
    if (this.#running === running) this.#running = undefined;
    if (cleanly) running.worker.postMessage('end' satisfies ThreadMessage<unknown>);
    else await running.worker.terminate();
    await running.exited;
  }
}
