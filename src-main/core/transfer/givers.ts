import { bytesEqual } from '../../../shared/base/bytes.ts';
import { MAX_SOURCES } from '../limits.ts';

/** A node of which chunks came that proved right. */
export interface Giver {
  readonly publicKey: Uint8Array;
  bytes: number;
}

/** Who gave which chunk of a file: what an earlier run left has nobody, and so has what came of more nodes than are remembered. */
export class Givers {
  /** Of each chunk: 0 for nobody that is known, else one more than a place in `list`. */
  readonly #of: Uint8Array;
  /** In the order in which they began to give. */
  readonly list: Giver[] = [];

  constructor(chunks: number) {
    this.#of = new Uint8Array(chunks);
  }

  /** A chunk that proved right is on disk. */
  note(chunk: number, publicKey: Uint8Array, bytes: number): void {
    let place = this.list.findIndex((giver) => bytesEqual(giver.publicKey, publicKey));
    if (place < 0) {
      if (this.list.length >= MAX_SOURCES) return;
      place = this.list.push({ publicKey, bytes: 0 }) - 1;
    }
    this.list[place]!.bytes += bytes;
    this.#of[chunk] = place + 1;
  }

  /** Place in `list`; undefined: nobody that is known. */
  of(chunk: number): number | undefined {
    const number = this.#of[chunk] ?? 0;
    return number === 0 ? undefined : number - 1;
  }
}
