/** Gives one target changed inputs, as many as wanted; the same seed gives the same inputs. */
import { seededRandom } from '../support/seeded-random.ts';
import { mutate } from './mutate.ts';
import type { Target } from './target.ts';

/** Kept inputs that had a new kind of outcome, beside the samples. */
const MAX_KEPT = 512;
/** Processor time that no input may take, in milliseconds: a peer can send thousands a second. */
export const MAX_INPUT_MS = 250;
/** The largest input, over the largest sample. */
const GROWTH_BYTES = 4_096;

export interface Finding {
  readonly target: string;
  readonly input: Uint8Array;
  readonly problem: string;
}

export interface FuzzProgress {
  readonly inputs: number;
  readonly outcomes: number;
  readonly slowestMs: number;
}

export class Fuzzer {
  readonly #target: Target;
  readonly #random;
  readonly #samples: readonly Uint8Array[];
  readonly #kept: Uint8Array[] = [];
  readonly #outcomes = new Set<string>();
  readonly #maxBytes: number;
  #inputs = 0;
  #slowestMs = 0;

  /** Throws when a sample breaks a property, or there is none. */
  constructor(target: Target, seed: number) {
    this.#target = target;
    this.#random = seededRandom(seed);
    this.#samples = target.samples();
    if (this.#samples.length === 0) throw new Error(`${target.name} has no samples`);
    for (const sample of this.#samples) this.#outcomes.add(target.feed(sample));
    this.#maxBytes = GROWTH_BYTES + Math.max(...this.#samples.map(({ length }) => length));
  }

  get progress(): FuzzProgress {
    return { inputs: this.#inputs, outcomes: this.#outcomes.size, slowestMs: this.#slowestMs };
  }

  /** Of the inputs that it keeps to change further: what a reader is not to be blamed for. */
  get keptBytes(): number {
    return this.#kept.reduce((sum, { length }) => sum + length, 0);
  }

  /** The first input of `count` that breaks a property; undefined when none does. */
  run(count: number): Finding | undefined {
    for (let left = count; left > 0; left -= 1) {
      const input = this.#next();
      const problem = this.#feed(input);
      if (problem !== undefined) return { target: this.#target.name, input, problem };
    }
    return undefined;
  }

  #next(): Uint8Array {
    const from = this.#kept.length > 0 && this.#random.below(2) === 0 ? this.#kept : this.#samples;
    return mutate(from[this.#random.below(from.length)]!, this.#samples, this.#random, this.#maxBytes);
  }

  #feed(input: Uint8Array): string | undefined {
    this.#inputs += 1;
    const begunUs = process.cpuUsage();
    const begunMs = performance.now();
    try {
      const outcome = this.#target.feed(input);
      if (!this.#outcomes.has(outcome) && this.#outcomes.size < MAX_KEPT) {
        this.#outcomes.add(outcome);
        this.#kept.push(input);
      }
    } catch (thrown) {
      return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    }
    const wallMs = performance.now() - begunMs;
    this.#slowestMs = Math.max(this.#slowestMs, wallMs);
    // The clock counts other processes' work too: only the processor's time is held against an input.
    if (wallMs < MAX_INPUT_MS) return undefined;
    const { user, system } = process.cpuUsage(begunUs);
    const tookMs = (user + system) / 1_000;
    return tookMs < MAX_INPUT_MS ? undefined : `it took ${Math.round(tookMs)} ms of processor time`;
  }
}
