/**
 * Strict canonical encoding. A value has exactly one encoding and a decoder accepts exactly that: trailing bytes,
 * unknown enum values, non-minimal integers, invalid UTF-8 and lengths over their bound are errors with a code.
 *
 * We do not use compact-encoding here, which Hyperswarm brings: it accepts all five, and wrapping each of its
 * primitives so that it does not is as long as this file.
 */
import { u32Bytes } from '../../../shared/base/bytes.ts';
import type { Result } from '../../../shared/base/result.ts';

export type WireErrorCode =
  | 'truncated' // fewer bytes than the value needs
  | 'trailing' // bytes left over
  | 'non-minimal' // an integer in more bytes than it takes
  | 'unknown-value' // an enum value, flag or version that is not defined
  | 'bad-utf8'
  | 'too-long' // a length over its bound
  | 'not-canonical'; // sorted lists out of order, padding that is not zero, ...

class WireError extends Error {
  readonly code: WireErrorCode;
  constructor(code: WireErrorCode) {
    super(code);
    this.code = code;
  }
}

/** Largest integer that an encoding can hold: JavaScript's own 2^53 - 1. */
const MAX_UINT = Number.MAX_SAFE_INTEGER;

declare const TextEncoder: { new (): { encode(text: string): Uint8Array } };
declare const TextDecoder: {
  new (label: string, options: { fatal: boolean; ignoreBOM: boolean }): { decode(bytes: Uint8Array): string };
};
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Small messages are written into pieces of one buffer: to make one for each takes longer than to write it. */
const SLAB_BYTES = 32_768;
/** What is larger, or may be kept for long, as records are, has a buffer of its own. */
const MAX_SLAB_PIECE_BYTES = 512;
let slab = new Uint8Array(SLAB_BYTES);
let slabUsed = 0;

function newBytes(count: number): Uint8Array {
  if (count > MAX_SLAB_PIECE_BYTES) return new Uint8Array(count);
  if (slabUsed + count > SLAB_BYTES) {
    slab = new Uint8Array(SLAB_BYTES);
    slabUsed = 0;
  }
  slabUsed += count;
  return slab.subarray(slabUsed - count, slabUsed);
}

/** Appends values to a growing buffer. */
export class Writer {
  #bytes: Uint8Array;
  #length = 0;

  /** `capacityBytes`: how much is likely to be written; it grows when that was too little. */
  constructor(capacityBytes = 256) {
    this.#bytes = newBytes(capacityBytes);
  }

  #room(count: number): number {
    const start = this.#length;
    const needed = start + count;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, start));
      this.#bytes = grown;
    }
    this.#length = needed;
    return start;
  }

  /** `#room` first: it may put another buffer in place of the one that is written to. */
  #append(bytes: Uint8Array): this {
    const start = this.#room(bytes.length);
    this.#bytes.set(bytes, start);
    return this;
  }

  u8(value: number): this {
    const start = this.#room(1);
    this.#bytes[start] = value;
    return this;
  }

  /** Unsigned LEB128, least significant group first, as few bytes as the value takes (at most 8). */
  uint(value: number): this {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`not an unsigned integer: ${value}`);
    let rest = value;
    while (rest >= 0x80) {
      this.u8((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    return this.u8(rest);
  }

  /** Four bytes, big-endian. */
  u32(value: number): this {
    return this.#append(u32Bytes(value));
  }

  /** Bytes whose length both sides know. */
  fixed(bytes: Uint8Array, length: number): this {
    if (bytes.length !== length) throw new RangeError(`expected ${length} bytes, got ${bytes.length}`);
    return this.#append(bytes);
  }

  /** Bytes behind their length. */
  bytes(bytes: Uint8Array): this {
    return this.uint(bytes.length).#append(bytes);
  }

  /** Text as UTF-8 behind its length. Lone surrogates have no UTF-8 and are refused. */
  text(text: string): this {
    if (!text.isWellFormed()) throw new RangeError('text with a lone surrogate has no UTF-8');
    return this.bytes(encoder.encode(text));
  }

  bool(value: boolean): this {
    return this.u8(value ? 1 : 0);
  }

  list<Item>(items: readonly Item[], write: (writer: Writer, item: Item) => void): this {
    this.uint(items.length);
    for (const item of items) write(this, item);
    return this;
  }

  zeros(count: number): this {
    const start = this.#room(count);
    this.#bytes.fill(0, start, this.#length);
    return this;
  }

  get length(): number {
    return this.#length;
  }

  /** What was written. The writer is not to be used after. */
  done(): Uint8Array {
    return this.#length === this.#bytes.length ? this.#bytes : this.#bytes.slice(0, this.#length);
  }
}

/** Reads values off a byte string; any breach of the encoding ends the decode that it belongs to. */
export class Reader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  fail(code: WireErrorCode): never {
    throw new WireError(code);
  }

  #take(count: number): number {
    const start = this.#offset;
    if (count > this.#bytes.length - start) this.fail('truncated');
    this.#offset = start + count;
    return start;
  }

  u8(): number {
    return this.#bytes[this.#take(1)]!;
  }

  /** At most `max`; more is 'too-long', for integers here are nearly always lengths and counts. */
  uint(max = MAX_UINT): number {
    let value = 0;
    let scale = 1;
    for (let index = 0; index < 8; index += 1) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (byte === 0 && index > 0) this.fail('non-minimal');
        if (value > max || value > MAX_UINT) this.fail('too-long');
        return value;
      }
      scale *= 0x80;
    }
    return this.fail('too-long');
  }

  /** Four bytes, big-endian. */
  u32(): number {
    const start = this.#take(4);
    const [a, b, c, d] = this.#bytes.subarray(start, start + 4) as unknown as [number, number, number, number];
    return a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;
  }

  /** A view into the input, not a copy. */
  fixed(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** A view into the input, not a copy. */
  bytes(maxLength: number): Uint8Array {
    return this.fixed(this.uint(maxLength));
  }

  text(maxBytes: number): string {
    const bytes = this.bytes(maxBytes);
    try {
      return decoder.decode(bytes);
    } catch {
      return this.fail('bad-utf8');
    }
  }

  bool(): boolean {
    const value = this.u8();
    if (value > 1) this.fail('unknown-value');
    return value === 1;
  }

  /** One of `values`, written as one byte. */
  oneOf<const Value extends number>(values: readonly Value[]): Value {
    const value = this.u8();
    if (!(values as readonly number[]).includes(value)) this.fail('unknown-value');
    return value as Value;
  }

  list<Item>(maxCount: number, read: (reader: Reader) => Item): Item[] {
    const count = this.uint(maxCount);
    const items: Item[] = [];
    for (let index = 0; index < count; index += 1) items.push(read(this));
    return items;
  }

  zeros(count: number): void {
    const start = this.#take(count);
    for (let index = start; index < start + count; index += 1) {
      if (this.#bytes[index] !== 0) this.fail('not-canonical');
    }
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  /** What is left, as a view. */
  rest(): Uint8Array {
    return this.fixed(this.remaining);
  }
}

/** Runs a decoder over all of `bytes`. Never throws for any input. */
export function decode<Value>(bytes: Uint8Array, read: (reader: Reader) => Value): Result<Value, WireErrorCode> {
  const reader = new Reader(bytes);
  try {
    const value = read(reader);
    if (reader.remaining > 0) return { ok: false, code: 'trailing' };
    return { ok: true, value };
  } catch (thrown) {
    if (thrown instanceof WireError) return { ok: false, code: thrown.code };
    throw thrown;
  }
}

export function encode(write: (writer: Writer) => void, capacityBytes?: number): Uint8Array {
  const writer = new Writer(capacityBytes);
  write(writer);
  return writer.done();
}
