/** Timers as values: a binary heap of deadlines. The host is asked to wake the node for the earliest one. */

export interface Timer {
  readonly atMs: number;
  readonly run: () => void;
  cancelled: boolean;
}

export class Timers {
  readonly #heap: Timer[] = [];
  /** Cancelled timers still in the heap; it is rebuilt when they are the most of it, so that it stays bounded. */
  #cancelled = 0;

  set(atMs: number, run: () => void): Timer {
    const timer: Timer = { atMs, run, cancelled: false };
    this.#heap.push(timer);
    this.#up(this.#heap.length - 1);
    return timer;
  }

  cancel(timer: Timer | undefined): void {
    if (timer === undefined || timer.cancelled) return;
    timer.cancelled = true;
    this.#cancelled += 1;
    if (this.#cancelled > 64 && this.#cancelled * 2 > this.#heap.length) this.#rebuild();
  }

  /** Takes off and returns the next timer that is due at `nowMs`. */
  due(nowMs: number): Timer | undefined {
    this.#dropCancelled();
    const first = this.#heap[0];
    if (first === undefined || first.atMs > nowMs) return undefined;
    this.#removeFirst();
    first.cancelled = true;
    return first;
  }

  /** Deadline of the next timer, or undefined when none is set. */
  next(): number | undefined {
    this.#dropCancelled();
    return this.#heap[0]?.atMs;
  }

  #dropCancelled(): void {
    while (this.#heap[0]?.cancelled === true) {
      this.#removeFirst();
      this.#cancelled -= 1;
    }
  }

  #rebuild(): void {
    const live = this.#heap.filter((timer) => !timer.cancelled);
    this.#heap.length = 0;
    this.#cancelled = 0;
    for (const timer of live) {
      this.#heap.push(timer);
      this.#up(this.#heap.length - 1);
    }
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#down(0);
  }

  #up(from: number): void {
    const heap = this.#heap;
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (heap[parent]!.atMs <= heap[index]!.atMs) return;
      [heap[parent], heap[index]] = [heap[index]!, heap[parent]!];
      index = parent;
    }
  }

  #down(from: number): void {
    const heap = this.#heap;
    let index = from;
    for (;;) {
      const left = index * 2 + 1;
      const right = left + 1;
      let least = index;
      if (left < heap.length && heap[left]!.atMs < heap[least]!.atMs) least = left;
      if (right < heap.length && heap[right]!.atMs < heap[least]!.atMs) least = right;
      if (least === index) return;
      [heap[least], heap[index]] = [heap[index]!, heap[least]!];
      index = least;
    }
  }
}
