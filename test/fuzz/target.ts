/** One reader of what comes from outside, as the fuzzer sees it: what it takes, and what has to hold for anything else. */
import { bytesEqual } from '../../shared/base/bytes.ts';
import type { Result } from '../../shared/base/result.ts';

export interface Target {
  readonly name: string;
  /** Inputs that it takes, or that come near: others are made of these. One at least. */
  readonly samples: () => readonly Uint8Array[];
  /**
   * Gives the input to it. What it returns names the kind of outcome: an input whose kind is new is kept and changed further.
   * Throws when a property does not hold.
   */
  readonly feed: (input: Uint8Array) => string;
  /** Inputs of one run of `npm run soak -- fuzz` for each that a quick reader gets; 1 unless said. */
  readonly share?: number;
}

/** A codec with one encoding for each value: what it takes is exactly what it writes. `kind`: of a value, for the outcome. */
export function strict<Value>(
  name: string,
  samples: () => readonly Uint8Array[],
  decode: (input: Uint8Array) => Result<Value, string>,
  encode: ((value: Value) => Uint8Array) | undefined,
  kind: (value: Value) => string = () => 'taken',
): Target {
  return {
    name,
    samples,
    feed: (input) => {
      const before = input.slice();
      const decoded = decode(input);
      if (!bytesEqual(before, input)) throw new Error('it changed its input');
      if (!decoded.ok) return decoded.code;
      if (encode !== undefined && !bytesEqual(encode(decoded.value), before))
        throw new Error('it took bytes that it would not write');
      return `${kind(decoded.value)} ${Math.ceil(Math.log2(input.length + 1))}`;
    },
  };
}

/**
 * Text that people type or paste. `format` writes what was read in its one spelling, which must be read as itself.
 * Inputs that are not UTF-8 become text with U+FFFD, as they would on their way here.
 */
export function text<Value>(
  name: string,
  samples: readonly string[],
  parse: (input: string) => Result<Value, string>,
  format: ((value: Value) => string) | undefined,
): Target {
  return {
    name,
    samples: () => samples.map((sample) => new TextEncoder().encode(sample)),
    feed: (input) => {
      const parsed = parse(new TextDecoder().decode(input));
      if (!parsed.ok) return parsed.code;
      if (format !== undefined) {
        const spelling = format(parsed.value);
        const again = parse(spelling);
        if (!again.ok) throw new Error(`its own spelling ${JSON.stringify(spelling)} is refused: ${again.code}`);
        if (format(again.value) !== spelling) throw new Error(`${JSON.stringify(spelling)} is spelt otherwise again`);
      }
      return `taken ${Math.ceil(Math.log2(input.length + 1))}`;
    },
  };
}
