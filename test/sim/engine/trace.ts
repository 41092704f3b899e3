/**
 * The hash of all that happened, in order: two runs with one hash were the same run. What happens is appended to a buffer,
 * and BLAKE2b takes the buffer whole, since many small hashes would cost as much as the nodes themselves.
 */
import { toHex } from '../../../shared/base/bytes.ts';
import type { Crypto } from '../../../src-main/core/ports.ts';

const BUFFER_BYTES = 65_536;
/** Time (8), kind (1), two numbers (8), length (4). */
const HEAD_BYTES = 21;
const NOTHING = new Uint8Array(0);

export class Trace {
  readonly #crypto: Crypto;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  readonly #view = new DataView(this.#buffer.buffer);
  #used = 0;
  #state: Uint8Array = new Uint8Array(32);

  constructor(crypto: Crypto) {
    this.#crypto = crypto;
  }

  add(timeMs: number, kind: number, a: number, b: number, bytes: Uint8Array = NOTHING): void {
    const needed = HEAD_BYTES + bytes.length;
    if (this.#used + needed > BUFFER_BYTES) this.#flush();
    const at = this.#used;
    this.#view.setFloat64(at, timeMs, true);
    this.#buffer[at + 8] = kind;
    this.#view.setInt32(at + 9, a, true);
    this.#view.setInt32(at + 13, b, true);
    this.#view.setUint32(at + 17, bytes.length, true);
    if (needed > BUFFER_BYTES) {
      this.#used = at + HEAD_BYTES;
      this.#flush();
      this.#state = this.#crypto.hash('trace', this.#state, bytes);
      return;
    }
    this.#buffer.set(bytes, at + HEAD_BYTES);
    this.#used = at + needed;
  }

  /** Hexadecimal; the trace can go on after. */
  digest(): string {
    this.#flush();
    return toHex(this.#state);
  }

  #flush(): void {
    if (this.#used === 0) return;
    this.#state = this.#crypto.hash('trace', this.#state, this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }
}
