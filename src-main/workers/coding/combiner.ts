/** LinearCombiner of core/ports.ts by vector instructions. */
import type { LinearCombiner } from '../../core/ports.ts';
import { multiply, SEGMENT_BLOCKS } from '../../core/publish/reed-solomon.ts';
import { createKernel, ROWS, SLICE_BYTES } from './kernel.ts';

const TABLE_BYTES = 32;
const SOURCES = 256 * TABLE_BYTES;
const OUTPUTS = SOURCES + SEGMENT_BLOCKS * SLICE_BYTES;
/** Half a MiB, whatever the blocks' number and size: a slice of each source, and of four outputs. */
const MEMORY_BYTES = OUTPUTS + ROWS * SLICE_BYTES;

/** Needs a processor with 128-bit vectors, as every one has that V8 runs on. Not to be shared between threads. */
export function createCombiner(): LinearCombiner {
  const { memory, addProducts } = createKernel(MEMORY_BYTES);
  for (let factor = 0; factor < 256; factor += 1) {
    for (let half = 0; half < 16; half += 1) {
      memory[factor * TABLE_BYTES + half] = multiply(factor, half);
      memory[factor * TABLE_BYTES + 16 + half] = multiply(factor, half << 4);
    }
  }
  return {
    combine(outputs, sources, matrix) {
      const length = sources[0]?.length ?? 0;
      const even = [...outputs, ...sources].every((block) => block.length === length) && length % 16 === 0;
      if (!even || sources.length > SEGMENT_BLOCKS || matrix.length !== outputs.length * sources.length) {
        throw new RangeError('blocks and matrix do not fit together');
      }
      const table = (row: number, column: number): number =>
        row < outputs.length ? matrix[row * sources.length + column]! * TABLE_BYTES : 0;
      for (let start = 0; start < length; start += SLICE_BYTES) {
        const end = Math.min(length, start + SLICE_BYTES);
        sources.forEach((source, column) => memory.set(source.subarray(start, end), SOURCES + column * SLICE_BYTES));
        for (let row = 0; row < outputs.length; row += ROWS) {
          memory.fill(0, OUTPUTS, OUTPUTS + ROWS * SLICE_BYTES);
          for (let column = 0; column < sources.length; column += 1) {
            const from = SOURCES + column * SLICE_BYTES;
            addProducts(
              OUTPUTS,
              from,
              from + end - start,
              table(row, column),
              table(row + 1, column),
              table(row + 2, column),
              table(row + 3, column),
            );
          }
          for (let at = 0; at < ROWS && row + at < outputs.length; at += 1) {
            const from = OUTPUTS + at * SLICE_BYTES;
            outputs[row + at]!.set(memory.subarray(from, from + end - start), start);
          }
        }
      }
    },
  };
}
