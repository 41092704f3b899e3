/**
 * Asks for the slots of a publication: in random order, a few at once, more as some fail or stay silent; and says at any
 * time how each of them stands. What an answer is worth is for the caller to say.
 */
import type { Share } from '../../../shared/ipc/model.ts';
import { locationOf } from '../../core/routing/location.ts';
import type { BlockNetwork, RequestFailure } from '../block-network.ts';
import type { Clock } from '../jobs/clock.ts';
import { cancelled, wait } from '../flow/waiting.ts';

/** Further tries of a slot: as many as a node has other successors to begin with. Guess. */
export const MAX_SLOT_RETRIES = 2;
/** Pause before them: a neighbour may come, a queue may drain. Guess. */
export const RETRY_AFTER_MS = 500;
/** Silence after which one more slot is asked, so that a slow node holds nobody up. Guess: some times a usual answer. */
export const HEDGE_AFTER_MS = 1_500;

export type SlotAnswer =
  | { readonly index: number; readonly ok: true; readonly record: Uint8Array }
  | { readonly index: number; readonly ok: false; readonly code: RequestFailure };

interface SlotState {
  readonly address: Uint8Array;
  state: Share['state'];
  startedMs: number;
  afterMs: number | undefined;
  failure: RequestFailure | undefined;
  tries: number;
}

export class SlotRequests {
  readonly #network: BlockNetwork;
  readonly #clock: Clock;
  readonly #signal: AbortSignal | undefined;
  readonly #skipOwn: boolean;
  readonly #abort = new AbortController();
  /** By index - 1. */
  readonly #slots: SlotState[];
  /** Indices not asked yet; the next is the last. */
  readonly #unasked: number[];
  readonly #answers: SlotAnswer[] = [];
  #inFlight = 0;
  #wake: (() => void) | undefined;

  /** `addresses` by index - 1; `order`: all indices, 1 ... n, as they are to be asked. */
  constructor(options: {
    network: BlockNetwork;
    clock: Clock;
    addresses: readonly Uint8Array[];
    order: readonly number[];
    signal?: AbortSignal;
    skipOwn?: boolean;
  }) {
    this.#network = options.network;
    this.#clock = options.clock;
    this.#signal = options.signal;
    this.#skipOwn = options.skipOwn ?? false;
    this.#unasked = [...options.order].reverse();
    this.#slots = options.addresses.map((address) => ({
      address,
      state: 'unasked',
      startedMs: 0,
      afterMs: undefined,
      failure: undefined,
      tries: 0,
    }));
    options.signal?.addEventListener('abort', this.#stopped, { once: true });
    if (options.signal?.aborted) this.#stopped();
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get asked(): number {
    return this.#slots.filter((slot) => slot.state !== 'unasked').length;
  }

  get exhausted(): boolean {
    return this.#unasked.length === 0;
  }

  /** Asks up to `count` more; returns how many there were. */
  ask(count: number): number {
    let asked = 0;
    while (asked < count && this.#unasked.length > 0) {
      this.#request(this.#unasked.pop()!);
      asked += 1;
    }
    return asked;
  }

  /**
   * Asks once more, after a pause, for those that failed, as far as their tries go; returns how many. 'Not found' as well:
   * one liar on the way is enough for that, and each try goes another way. Rejects when aborted.
   */
  async retryFailed(): Promise<number> {
    const again = this.#slots.flatMap((slot, position) => {
      const retried = slot.state === 'missing' && slot.tries <= MAX_SLOT_RETRIES;
      return retried ? [position + 1] : [];
    });
    if (again.length === 0) return 0;
    await wait(this.#clock, RETRY_AFTER_MS, this.#signal);
    for (const index of again) this.#request(index);
    return again.length;
  }

  /** The next answer; undefined after `timeoutMs` without one, or when nothing is asked. Rejects when aborted. */
  async next(timeoutMs: number): Promise<SlotAnswer | undefined> {
    if (this.#signal?.aborted) throw cancelled(this.#signal);
    if (this.#answers.length === 0 && this.#inFlight > 0) {
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.after(timeoutMs, () => this.#wake?.());
        this.#wake = () => {
          this.#wake = undefined;
          cancel();
          resolve();
        };
      });
    }
    if (this.#signal?.aborted) throw cancelled(this.#signal);
    return this.#answers.shift();
  }

  /** The caller's judgement of an answer. */
  mark(index: number, state: 'found' | 'missing' | 'bad'): void {
    this.#slots[index - 1]!.state = state;
  }

  shares(): Share[] {
    return this.#slots.map((slot, position) => {
      const share: Share = { index: position + 1, state: slot.state, place: locationOf(slot.address) };
      if (slot.state === 'moving') share.afterMs = Math.max(0, this.#clock.monotonicMs() - slot.startedMs);
      else if (slot.afterMs !== undefined) share.afterMs = slot.afterMs;
      return share;
    });
  }

  /** How often each failure stands now. */
  failures(): Record<RequestFailure, number> {
    const counts: Record<RequestFailure, number> = { 'not-found': 0, 'no-route': 0, busy: 0, timeout: 0, cancelled: 0 };
    for (const slot of this.#slots)
      if (slot.state === 'missing' && slot.failure !== undefined) counts[slot.failure] += 1;
    return counts;
  }

  /** Gives up what is still on its way; the states stay as they are, but what moved is unasked again. */
  close(): void {
    this.#signal?.removeEventListener('abort', this.#stopped);
    this.#abort.abort();
    for (const slot of this.#slots) if (slot.state === 'moving') slot.state = 'unasked';
  }

  readonly #stopped = (): void => {
    this.#abort.abort(this.#signal?.reason);
    this.#wake?.();
  };

  #request(index: number): void {
    const slot = this.#slots[index - 1]!;
    slot.state = 'moving';
    slot.failure = undefined;
    slot.startedMs = this.#clock.monotonicMs();
    slot.tries += 1;
    this.#inFlight += 1;
    const answered = (answer: SlotAnswer, afterMs: number): void => {
      this.#inFlight -= 1;
      if (this.#abort.signal.aborted) return;
      slot.afterMs = afterMs;
      if (!answer.ok) {
        slot.state = 'missing';
        slot.failure = answer.code;
      }
      this.#answers.push(answer);
      this.#wake?.();
    };
    this.#network
      .request(slot.address, {
        kind: 'slot',
        priority: 'interactive',
        signal: this.#abort.signal,
        ...(this.#skipOwn ? { skipOwn: true } : {}),
      })
      .then(
        (outcome) => {
          if (outcome.ok) answered({ index, ok: true, record: outcome.record }, outcome.afterMs);
          else answered({ index, ok: false, code: outcome.code }, outcome.afterMs);
        },
        // The port never rejects but for a defect of the node, which must not hang a reader.
        () => answered({ index, ok: false, code: 'timeout' }, this.#clock.monotonicMs() - slot.startedMs),
      );
  }
}
