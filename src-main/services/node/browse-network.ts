/** Looking through shared folders between the core and the services: TransferNetwork owns it and gives it the effects. */
import type { NodeEvent } from '../../core/effects.ts';
import { MAX_BROWSES } from '../../core/limits.ts';
import type { KnownNode } from '../../core/ports.ts';
import type { TransferEffect } from '../../core/transfer/effects.ts';
import type { BrowseOutcome, ShelfPage, ShelfQuestion, ShelfRefusal } from '../../core/transfer/shelves.ts';

/** What a user who asks is answered. */
export type TellShelf = (publicKey: Uint8Array, question: ShelfQuestion) => ShelfPage | ShelfRefusal;

export class BrowseNetwork {
  readonly #handle: (event: NodeEvent) => void;
  readonly #asked = new Map<number, (outcome: BrowseOutcome) => void>();
  #tell: TellShelf | undefined;
  #lastOperation = 0;

  constructor(handle: (event: NodeEvent) => void) {
    this.#handle = handle;
  }

  /** One page; `busy` as well while too many are asked for. Rejects with the signal's reason. */
  page(node: KnownNode, question: ShelfQuestion, signal?: AbortSignal): Promise<BrowseOutcome> {
    if (this.#asked.size >= MAX_BROWSES) return Promise.resolve('busy');
    // Four bytes: it is the id of the message, too.
    this.#lastOperation = (this.#lastOperation + 1) >>> 0;
    const operation = this.#lastOperation;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#asked.delete(operation);
        this.#handle({ type: 'browseStop', operation });
        reject(signal!.reason as Error);
      };
      if (signal?.aborted === true) return reject(signal.reason as Error);
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#asked.set(operation, (outcome) => {
        signal?.removeEventListener('abort', onAbort);
        resolve(outcome);
      });
      this.#handle({ type: 'browse', operation, node, question });
      return undefined;
    });
  }

  /** Until then nobody may look through anything here. */
  answerWith(tell: TellShelf): void {
    this.#tell = tell;
  }

  perform(effect: Extract<TransferEffect, { type: 'browsed' | 'readShelf' }>): void {
    if (effect.type === 'browsed') {
      const done = this.#asked.get(effect.operation);
      this.#asked.delete(effect.operation);
      done?.(effect.outcome);
      return;
    }
    const shelf = this.#tell?.(effect.publicKey, effect.question) ?? 'refused';
    this.#handle({ type: 'shelfRead', effect: effect.effect, shelf });
  }
}
