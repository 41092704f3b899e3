/**
 * The queue of a discrete-event simulation: what happens next, in order of time and, at one time, in order of asking.
 * A 4-ary heap over flat arrays (shallower than a binary one, and four keys lie in one cache line); what an event
 * carries lies beside it in slots that do not move, so that no object is made for an event.
 */

const FIRST_CAPACITY = 1_024;

export class EventQueue {
  /** Fields of the event that `take` took last. */
  atMs = 0;
  kind = 0;
  a = 0;
  b = 0;
  c = 0;
  payload: unknown;

  #size = 0;
  #order = 0;
  #heapTime = new Float64Array(FIRST_CAPACITY);
  /** Breaks ties; 2^53 events are more than any run has. */
  #heapOrder = new Float64Array(FIRST_CAPACITY);
  #heapSlot = new Int32Array(FIRST_CAPACITY);
  #slotKind = new Uint8Array(FIRST_CAPACITY);
  #slotA = new Int32Array(FIRST_CAPACITY);
  #slotB = new Int32Array(FIRST_CAPACITY);
  #slotC = new Int32Array(FIRST_CAPACITY);
  readonly #slotPayload: unknown[] = [];
  #freeSlots = new Int32Array(FIRST_CAPACITY);
  #freeCount = 0;
  #slotCount = 0;

  get size(): number {
    return this.#size;
  }

  /** Time of the next event; Infinity when there is none. */
  get nextMs(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : this.#heapTime[0]!;
  }

  /** Events ever asked for. */
  get asked(): number {
    return this.#order;
  }

  add(atMs: number, kind: number, a: number, b = 0, c = 0, payload?: unknown): void {
    if (this.#size === this.#heapTime.length) this.#grow();
    const slot = this.#freeCount > 0 ? this.#freeSlots[(this.#freeCount -= 1)]! : this.#slotCount++;
    this.#slotKind[slot] = kind;
    this.#slotA[slot] = a;
    this.#slotB[slot] = b;
    this.#slotC[slot] = c;
    this.#slotPayload[slot] = payload;
    this.#order += 1;
    this.#up(this.#size, atMs, this.#order, slot);
    this.#size += 1;
  }

  /** Takes the next event off and puts it into the fields; false when there is none. */
  take(): boolean {
    if (this.#size === 0) return false;
    const slot = this.#heapSlot[0]!;
    this.atMs = this.#heapTime[0]!;
    this.kind = this.#slotKind[slot]!;
    this.a = this.#slotA[slot]!;
    this.b = this.#slotB[slot]!;
    this.c = this.#slotC[slot]!;
    this.payload = this.#slotPayload[slot];
    this.#slotPayload[slot] = undefined;
    this.#freeSlots[this.#freeCount] = slot;
    this.#freeCount += 1;
    this.#size -= 1;
    const last = this.#size;
    if (last > 0) this.#down(this.#heapTime[last]!, this.#heapOrder[last]!, this.#heapSlot[last]!);
    return true;
  }

  #up(from: number, time: number, order: number, slot: number): void {
    const times = this.#heapTime;
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 2;
      // The newcomer has the highest order, so it passes nobody of its own time.
      if (times[parent]! <= time) break;
      this.#move(parent, index);
      index = parent;
    }
    times[index] = time;
    this.#heapOrder[index] = order;
    this.#heapSlot[index] = slot;
  }

  #down(time: number, order: number, slot: number): void {
    const times = this.#heapTime;
    const orders = this.#heapOrder;
    const size = this.#size;
    let index = 0;
    for (;;) {
      const first = index * 4 + 1;
      if (first >= size) break;
      let least = first;
      const end = Math.min(first + 4, size);
      for (let child = first + 1; child < end; child += 1) {
        const away = times[child]! - times[least]!;
        if (away < 0 || (away === 0 && orders[child]! < orders[least]!)) least = child;
      }
      if (times[least]! > time || (times[least] === time && orders[least]! > order)) break;
      this.#move(least, index);
      index = least;
    }
    times[index] = time;
    orders[index] = order;
    this.#heapSlot[index] = slot;
  }

  #move(from: number, to: number): void {
    this.#heapTime[to] = this.#heapTime[from]!;
    this.#heapOrder[to] = this.#heapOrder[from]!;
    this.#heapSlot[to] = this.#heapSlot[from]!;
  }

  #grow(): void {
    const capacity = this.#heapTime.length * 2;
    this.#heapTime = copied(new Float64Array(capacity), this.#heapTime);
    this.#heapOrder = copied(new Float64Array(capacity), this.#heapOrder);
    this.#heapSlot = copied(new Int32Array(capacity), this.#heapSlot);
    this.#slotKind = copied(new Uint8Array(capacity), this.#slotKind);
    this.#slotA = copied(new Int32Array(capacity), this.#slotA);
    this.#slotB = copied(new Int32Array(capacity), this.#slotB);
    this.#slotC = copied(new Int32Array(capacity), this.#slotC);
    this.#freeSlots = copied(new Int32Array(capacity), this.#freeSlots);
  }
}

function copied<Numbers extends Float64Array | Int32Array | Uint8Array>(to: Numbers, from: Numbers): Numbers {
  to.set(from);
  return to;
}
