/** How far a stage of a long run is, and how long it may still take: a line on standard error, at most every few seconds. */

const SAY_EVERY_MS = 5_000;

export class StageProgress {
  readonly #what: string;
  readonly #total: number;
  readonly #startedMs = performance.now();
  #saidMs = this.#startedMs;
  #done = 0;

  constructor(what: string, total: number) {
    this.#what = what;
    this.#total = total;
  }

  /** So many more are done; or, with `done`, so many in all. */
  note(more: number, done: number = this.#done + more): void {
    this.#done = done;
    const nowMs = performance.now();
    if (nowMs - this.#saidMs < SAY_EVERY_MS) return;
    this.#saidMs = nowMs;
    const tookMs = nowMs - this.#startedMs;
    const leftMs = done === 0 ? undefined : (tookMs / done) * (this.#total - done);
    const left = leftMs === undefined ? '' : `, about ${Math.ceil(leftMs / 1_000)} s left`;
    process.stderr.write(`${this.#what}: ${done} of ${this.#total} after ${Math.round(tookMs / 1_000)} s${left}\n`);
  }
}
