import type { EffectId, NodeContext } from '../effects.ts';
import { LOCATE_PACE_MS, MAX_LOCATING, MAX_PLACES } from '../limits.ts';
import type { Location } from '../routing/location.ts';
import type { Timers } from '../routing/timers.ts';

interface Job {
  readonly key: string;
  readonly publicKey: Uint8Array;
}

/**
 * Places on the circle of other nodes, each computed here from its key, at a cost (protocol, section 1). Those of neighbours
 * at once, those of their neighbours one after the other at a pace that leaves the machine to its user.
 */
export class Places {
  readonly #context: NodeContext;
  readonly #timers: Timers;
  readonly #onPlace: (key: string, place: Location) => void;
  readonly #known = new Map<string, Location>();
  readonly #running = new Map<EffectId, Job>();
  readonly #queue = new Map<string, Job>();
  #paced = false;

  constructor(context: NodeContext, timers: Timers, onPlace: (key: string, place: Location) => void) {
    this.#context = context;
    this.#timers = timers;
    this.#onPlace = onPlace;
  }

  get size(): number {
    return this.#known.size;
  }

  get waiting(): number {
    return this.#queue.size + this.#running.size;
  }

  get(key: string): Location | undefined {
    return this.#known.get(key);
  }

  /** Computes it now; `onPlace` follows, at once if it is known. */
  findNow(key: string, publicKey: Uint8Array): void {
    const known = this.#known.get(key);
    if (known !== undefined) this.#onPlace(key, known);
    else this.#start({ key, publicKey });
  }

  /** Computes it when its turn comes. At the bound it is left out: the next telling brings it again. */
  findSometime(key: string, publicKey: Uint8Array): void {
    if (this.#known.has(key) || this.#queue.size >= MAX_LOCATING) return;
    this.#queue.set(key, { key, publicKey });
    this.#pace();
  }

  onLocated(effect: EffectId, place: Location): void {
    const job = this.#running.get(effect);
    if (job === undefined) return;
    this.#running.delete(effect);
    this.#known.set(job.key, place);
    if (this.#known.size > MAX_PLACES) this.#known.delete(this.#known.keys().next().value!);
    this.#onPlace(job.key, place);
  }

  #start(job: Job): void {
    for (const running of this.#running.values()) if (running.key === job.key) return;
    const effect = this.#context.nextEffect();
    this.#running.set(effect, job);
    this.#context.emit({ type: 'locate', effect, publicKey: job.publicKey });
  }

  #pace(): void {
    if (this.#paced) return;
    const next = this.#queue.values().next().value;
    if (next === undefined) return;
    this.#queue.delete(next.key);
    if (!this.#known.has(next.key)) this.#start(next);
    this.#paced = true;
    this.#timers.set(this.#context.now() + LOCATE_PACE_MS, () => {
      this.#paced = false;
      this.#pace();
    });
  }
}
