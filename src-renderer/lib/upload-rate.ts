/** How fast an upload goes, and how long it takes yet: from what came within the last seconds. */

/** Long enough that it does not jump with each file, short enough that it follows. Guess. */
const WINDOW_MS = 5_000;
/** Before that it would be a guess. */
const LEAST_MS = 1_000;

export class UploadRate {
  #marks: { readonly atMs: number; readonly doneBytes: number }[] = [];

  /** Bytes a second; undefined until there is something to tell by. */
  add(doneBytes: number, atMs: number): number | undefined {
    this.#marks.push({ atMs, doneBytes });
    const oldest = this.#marks.findIndex((mark) => atMs - mark.atMs <= WINDOW_MS);
    this.#marks = this.#marks.slice(Math.max(0, oldest));
    const first = this.#marks[0]!;
    const spanMs = atMs - first.atMs;
    if (spanMs < LEAST_MS) return undefined;
    return Math.max(0, ((doneBytes - first.doneBytes) * 1_000) / spanMs);
  }

  /** It stood still, or began elsewhere. */
  forget(): void {
    this.#marks = [];
  }
}
