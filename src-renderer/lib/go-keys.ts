/** G waits for the letter of a section. Kept here, so that a view's own letters do not take what follows a G. */

import { keyOf } from './key-of.ts';

/** How long G waits for its letter. Guess. */
const G_MS = 1500;

class GoKeys {
  #pressedMs = Number.NEGATIVE_INFINITY;

  press(event: KeyboardEvent): void {
    this.#pressedMs = keyOf(event) === 'g' ? event.timeStamp : Number.NEGATIVE_INFINITY;
  }

  isWaiting(event: KeyboardEvent): boolean {
    return event.timeStamp - this.#pressedMs < G_MS;
  }

  forget(): void {
    this.#pressedMs = Number.NEGATIVE_INFINITY;
  }
}

export const goKeys = new GoKeys();
