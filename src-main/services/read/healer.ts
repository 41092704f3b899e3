/**
 * Puts blocks back that a reader found missing and made anew of others: afterwards, slowly, and not without end, so that
 * reading is never slower for it and a network that loses much is not flooded by its readers. They go the way of every
 * insert, by the stem. Of slots nothing is put back here: who has none cannot make one, only their author can.
 */
import { toHex } from '../../../shared/base/bytes.ts';
import type { Random } from '../../core/ports.ts';
import { encodeRecord, KIND_CONTENT } from '../../core/wire/record.ts';
import type { BlockNetwork } from '../block-network.ts';
import { wait } from '../flow/waiting.ts';
import type { Clock } from '../jobs/clock.ts';

/** That wait: 4 MiB, the blocks of a segment. The rest is made anew by the next reader. */
export const MAX_HEALS_WAITING = 128;
/** 64 MiB a day: a small part of what a node sends for others. Guess. */
export const MAX_HEALS_A_DAY = 2_000;
/** Between two, and as much again at random, so that they do not tell by their rhythm who read what. Guess. */
export const HEAL_PAUSE_MS = 1_000;
/** Put back lately, by address: once is enough, whatever became of it. */
const MAX_REMEMBERED = 4_096;
const DAY_MS = 86_400_000;

export interface HealerDeps {
  readonly network: BlockNetwork;
  readonly clock: Clock;
  readonly random: Random;
}

export class Healer {
  readonly #deps: HealerDeps;
  readonly #waiting: Uint8Array[] = [];
  readonly #seen = new Set<string>();
  readonly #stop = new AbortController();
  #working: Promise<void> | undefined;
  #dayMs: number;
  #today = 0;
  /** Put back so far. */
  healed = 0;

  constructor(deps: HealerDeps) {
    this.#deps = deps;
    this.#dayMs = deps.clock.monotonicMs();
  }

  /** A content block that nobody had, and its payload, made anew and checked against its address. */
  readonly heal = (address: Uint8Array, payload: Uint8Array): void => {
    const key = toHex(address);
    if (this.#stop.signal.aborted || this.#seen.has(key) || this.#waiting.length >= MAX_HEALS_WAITING) return;
    const nowMs = this.#deps.clock.monotonicMs();
    if (nowMs - this.#dayMs >= DAY_MS) [this.#dayMs, this.#today] = [nowMs, 0];
    if (this.#today >= MAX_HEALS_A_DAY) return;
    this.#today += 1;
    this.#seen.add(key);
    for (const oldest of this.#seen) {
      if (this.#seen.size <= MAX_REMEMBERED) break;
      this.#seen.delete(oldest);
    }
    this.#waiting.push(encodeRecord({ kind: KIND_CONTENT, payload }));
    this.#working ??= this.#work().finally(() => (this.#working = undefined));
  };

  /** Gives up what waits; idempotent. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#waiting.length = 0;
    await this.#working;
  }

  async #work(): Promise<void> {
    const { network, clock, random } = this.#deps;
    const { signal } = this.#stop;
    try {
      while (this.#waiting.length > 0) {
        await wait(clock, HEAL_PAUSE_MS + random.below(HEAL_PAUSE_MS), signal);
        const outcome = await network.insert(this.#waiting.shift()!, { priority: 'bulk', signal });
        if (outcome.ok) this.healed += 1;
      }
    } catch {
      // Stopped, or the node is gone: the next reader makes them anew.
      this.#waiting.length = 0;
    }
  }
}
