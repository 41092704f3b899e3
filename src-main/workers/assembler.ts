/**
 * WebAssembly modules of one function and one memory, put together here, instruction by instruction, so that neither a
 * compiler nor its output is needed. WebAssembly Core Specification 2.0, chapter 5 (binary format).
 */

export const I32 = 0x7f;
export const I64 = 0x7e;
export const V128 = 0x7b;

/** One memory of so many pages, which never grows, exported as `memory`, and one function. */
export interface ModuleParts {
  readonly pages: number;
  readonly name: string;
  readonly parameters: readonly number[];
  readonly results: readonly number[];
  /** How many locals of which type, numbered behind the parameters. */
  readonly locals: readonly (readonly [count: number, type: number])[];
  readonly body: readonly number[];
}

export const PAGE_BYTES = 65_536;

export function assemble(parts: ModuleParts): Uint8Array<ArrayBuffer> {
  const code = [...vector(parts.locals.map(([count, type]) => [...unsigned(count), type])), ...parts.body, END];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [[0x60, ...vector(parts.parameters.map(single)), ...vector(parts.results.map(single))]]),
    ...section(3, [[0]]),
    ...section(5, [[1, ...unsigned(parts.pages), ...unsigned(parts.pages)]]),
    ...section(7, [
      [...name('memory'), 2, 0],
      [...name(parts.name), 0, 0],
    ]),
    ...section(10, [sized(code)]),
  ]);
}

/** The module's exports: its memory, and its function by its name. */
export function instantiate(bytes: Uint8Array<ArrayBuffer>): Record<string, unknown> & { memory: Uint8Array } {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  return { ...exports, memory: new Uint8Array((exports['memory'] as WebAssembly.Memory).buffer) };
}

export const END = 0x0b;
export const LOOP = 0x03;
export const IF = 0x04;
export const NO_RESULT = 0x40;
export const BR_IF = 0x0d;
export const RETURN = 0x0f;
export const I32_CONST = 0x41;
export const I32_ADD = 0x6a;
export const I32_LT_U = 0x49;

export const get = (local: number): number[] => [0x20, ...unsigned(local)];
export const set = (local: number): number[] => [0x21, ...unsigned(local)];
export const tee = (local: number): number[] => [0x22, ...unsigned(local)];

/** LEB128. */
export function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

/** Signed LEB128 of 64 bits. */
export function signed(value: bigint): number[] {
  const group = Number(value & 0x7fn);
  const rest = BigInt.asIntN(64, value) >> 7n;
  return rest === (group & 0x40 ? -1n : 0n) ? [group] : [group | 0x80, ...signed(rest)];
}

function single(item: number): number[] {
  return [item];
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function sized(bytes: readonly number[]): number[] {
  return [...unsigned(bytes.length), ...bytes];
}

function section(id: number, items: readonly (readonly number[])[]): number[] {
  return [id, ...sized(vector(items))];
}

function name(text: string): number[] {
  return sized([...text].map((letter) => letter.charCodeAt(0)));
}
