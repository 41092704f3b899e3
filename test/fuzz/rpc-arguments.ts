/** Arguments of the contract's calls: by their schemas, a little off them, and nothing like them. Paths stay in one directory. */
import { join } from 'node:path';
import fc from 'fast-check';
import { CALLS } from '../../shared/ipc/contract.ts';
import type { CallName } from '../../shared/ipc/contract.ts';
import { SETTINGS } from '../../shared/ipc/settings.ts';

/** As much of a valibot schema as the contract uses. */
interface Schema {
  readonly type: string;
  readonly entries?: Readonly<Record<string, Schema>>;
  readonly wrapped?: Schema;
  readonly item?: Schema;
  readonly options?: readonly unknown[];
  readonly literal?: unknown;
  readonly key?: Schema;
  readonly value?: Schema;
  readonly pipe?: readonly { readonly type: string; readonly requirement?: unknown }[];
}

/** Longest text and list that is drawn, whatever may be longer. */
const MAX_TEXT = 200;
const MAX_ITEMS = 4;
/** Words that mean something somewhere. */
const TELLING = [
  '',
  'broadside:',
  'broadside:file/aaaa',
  'word:harbour',
  'a/../b',
  'x'.repeat(MAX_TEXT),
  '\u0000',
  '\ud800',
  '__proto__',
  'constructor',
  '東京',
  ...Object.keys(SETTINGS),
];

/** `directory`: what texts that could be paths lie in. */
export function argumentsOf(name: CallName, directory: string): fc.Arbitrary<unknown> {
  return valueOf(CALLS[name].params as unknown as Schema, directory);
}

/** As above, with something in it changed, or anything at all. */
export function anyArguments(name: CallName, directory: string): fc.Arbitrary<unknown> {
  const right = argumentsOf(name, directory);
  const wild = fc
    .anything({ maxDepth: 3, withNullPrototype: true, withBigInt: false })
    .map((value) => tame(value, directory));
  return fc.oneof(
    { weight: 4, arbitrary: right },
    {
      weight: 2,
      arbitrary: fc.tuple(right, wild, fc.nat()).map(([value, other, at]) => withOneChanged(value, other, at)),
    },
    wild,
  );
}

function valueOf(schema: Schema, directory: string): fc.Arbitrary<unknown> {
  const inner = (each: Schema): fc.Arbitrary<unknown> => valueOf(each, directory);
  switch (schema.type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'literal':
      return fc.constant(schema.literal);
    case 'picklist':
      return fc.constantFrom(...schema.options!);
    case 'number':
      return numberOf(schema);
    case 'string':
      return textOf(schema, directory);
    case 'optional':
      return fc.option(inner(schema.wrapped!), { nil: undefined });
    case 'nullable':
      return fc.option(inner(schema.wrapped!));
    case 'array':
      return fc.array(inner(schema.item!), { maxLength: MAX_ITEMS });
    case 'union':
    case 'variant':
      return fc.oneof(...(schema.options as readonly Schema[]).map(inner));
    case 'record':
      return fc.dictionary(inner(schema.key!) as fc.Arbitrary<string>, inner(schema.value!), { maxKeys: MAX_ITEMS });
    case 'object': {
      const fields = Object.entries(schema.entries!).map(([name, each]) => [name, inner(each)] as const);
      return fc
        .record(Object.fromEntries(fields))
        .map((drawn) => Object.fromEntries(Object.entries(drawn).filter(([, value]) => value !== undefined)));
    }
    default:
      throw new Error(`no arguments of the type ${schema.type} are drawn yet`);
  }
}

function bound(schema: Schema, type: string): number | undefined {
  const found = schema.pipe?.find((step) => step.type === type)?.requirement;
  return typeof found === 'number' ? found : undefined;
}

function numberOf(schema: Schema): fc.Arbitrary<number> {
  const [min, max] = [bound(schema, 'min_value') ?? -(2 ** 31), bound(schema, 'max_value') ?? 2 ** 31];
  if (schema.pipe?.some(({ type }) => type === 'integer') === true) return fc.integer({ min, max });
  return fc.double({ min, max, noNaN: true });
}

function textOf(schema: Schema, directory: string): fc.Arbitrary<string> {
  const maxLength = Math.min(bound(schema, 'max_length') ?? MAX_TEXT, MAX_TEXT);
  return fc
    .oneof(
      fc.string({ maxLength }),
      fc.string({ unit: 'grapheme', maxLength: Math.floor(maxLength / 4) }),
      fc.constantFrom(...TELLING),
    )
    .map((text) => inside(text.slice(0, Math.max(maxLength, 0)), directory));
}

/** Whatever a call does with a text that is a path, it does it in this directory. */
function inside(text: string, directory: string): string {
  return /^[/~\\]|\.\.|^[A-Za-z]:/.test(text) ? join(directory, 'below', text.replaceAll(/[./\\~:]/g, '_')) : text;
}

function tame(value: unknown, directory: string): unknown {
  if (typeof value === 'string') return inside(value, directory);
  if (Array.isArray(value)) return value.map((item) => tame(item, directory));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, tame(item, directory)]));
}

function withOneChanged(value: unknown, other: unknown, at: number): unknown {
  if (typeof value !== 'object' || value === null) return other;
  const names = Object.keys(value);
  if (names.length === 0) return { ...value, more: other };
  const name = names[at % names.length]!;
  return { ...value, [name]: other };
}
