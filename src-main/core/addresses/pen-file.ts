/**
 * A pen name to be kept or carried to another machine, under a password. uint and text are the codec's.
 *
 *   magic               14          "broadside pen" and a line feed
 *   format              1           1
 *   salt                16
 *   passes, memory      uint, uint  of Argon2id; memory in KiB
 *   nonce               24          random
 *   sealed              the rest    under Argon2id(password), associated data: all bytes before
 *
 * Sealed:
 *   seed                32          the pen's secret
 *   name                text        what it was called, at most 128 bytes
 *   entries             uint        at most 256, in the order of their names as UTF-8, no name twice
 *     name              text        at most 128 bytes
 *     edition           uint        the last that is known, 1 ... 2^48 - 1
 *
 * The editions are there so that who sets the next one need not rely on what the network shows.
 */
import { compareUtf8, utf8Length } from '../../../shared/base/paths.ts';
import { fail } from '../../../shared/base/result.ts';
import type { Result } from '../../../shared/base/result.ts';
import { MAX_PEN_ENTRY_BYTES, normalisePenEntry } from '../../../shared/base/words.ts';
import type { Crypto, KdfParameters } from '../ports.ts';
import { kdfCostWithin, SALT_BYTES } from '../publish/author.ts';
import type { KdfBounds } from '../publish/author.ts';
import { utf8 } from '../publish/integers.ts';
import { decode, Writer } from '../wire/codec.ts';
import type { WireErrorCode } from '../wire/codec.ts';
import { MAX_COUNTER } from '../wire/record.ts';
import { PEN_SEED_BYTES } from './pen.ts';
import { NONCE_BYTES } from './pointer.ts';

const MAGIC = utf8('broadside pen\n');
const FORMAT = 1;
/** Names under one pen: more than one author keeps up. Guess. */
export const MAX_PEN_ENTRIES = 256;
export const MAX_PEN_NAME_BYTES = 128;
/** All entries, each with its longest name, and what is round them. */
export const MAX_PEN_FILE_BYTES = 65_536;
const MAX_COST = 0xffff_ffff;

export interface PenSecret {
  readonly seed: Uint8Array;
  readonly name: string;
  /** In any order. */
  readonly entries: readonly { readonly name: string; readonly edition: number }[];
}

export interface PenFileHead {
  readonly salt: Uint8Array;
  readonly cost: KdfParameters;
  readonly nonce: Uint8Array;
  /** What the seal binds. */
  readonly head: Uint8Array;
  readonly sealed: Uint8Array;
}

export function isPenName(name: string): boolean {
  return (
    name !== '' &&
    name === name.trim() &&
    name.isWellFormed() &&
    utf8Length(name) <= MAX_PEN_NAME_BYTES &&
    !/^@|[/\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(name)
  );
}

/** `key` is Argon2id's of the password, with `salt` and `cost`. Throws RangeError for what no pen can be. */
export function encodePenFile(
  crypto: Crypto,
  secret: PenSecret,
  key: Uint8Array,
  { salt, cost, nonce }: Pick<PenFileHead, 'salt' | 'cost' | 'nonce'>,
): Uint8Array {
  const entries = secret.entries.toSorted((a, b) => compareUtf8(a.name, b.name));
  if (!isPenName(secret.name) || entries.length > MAX_PEN_ENTRIES || !entries.every(isEntry) || !areDistinct(entries))
    throw new RangeError('not a possible pen name');
  const inside = new Writer();
  inside.fixed(secret.seed, PEN_SEED_BYTES).text(secret.name);
  inside.list(entries, (writer, entry) => writer.text(entry.name).uint(entry.edition));
  const head = new Writer();
  head.fixed(MAGIC, MAGIC.length).u8(FORMAT).fixed(salt, SALT_BYTES).uint(cost.passes).uint(cost.memoryKib);
  const bound = head.fixed(nonce, NONCE_BYTES).done();
  const whole = new Writer();
  const sealed = crypto.seal(inside.done(), nonce, key, bound);
  return whole.fixed(bound, bound.length).fixed(sealed, sealed.length).done();
}

/** `cost-out-of-bounds`: before any work, for whoever made the file says how much work it is. */
export function decodePenFileHead(
  bytes: Uint8Array,
  bounds: KdfBounds,
): Result<PenFileHead, WireErrorCode | 'not-a-pen-file' | 'newer-format' | 'cost-out-of-bounds'> {
  if (bytes.length > MAX_PEN_FILE_BYTES || !MAGIC.every((byte, index) => byte === bytes[index]))
    return fail('not-a-pen-file');
  if ((bytes[MAGIC.length] ?? 0) > FORMAT) return fail('newer-format');
  const decoded = decode(bytes, (reader) => {
    reader.fixed(MAGIC.length);
    reader.oneOf([FORMAT]);
    const salt = reader.fixed(SALT_BYTES).slice();
    const cost = { passes: reader.uint(MAX_COST), memoryKib: reader.uint(MAX_COST) };
    const nonce = reader.fixed(NONCE_BYTES).slice();
    const head = bytes.slice(0, bytes.length - reader.remaining);
    return { salt, cost, nonce, head, sealed: reader.rest().slice() };
  });
  if (decoded.ok && !kdfCostWithin(decoded.value.cost, bounds)) return fail('cost-out-of-bounds');
  return decoded;
}

/** `wrong-password` as well for a file that was altered: nothing tells one from the other. */
export function openPenFile(
  crypto: Crypto,
  file: PenFileHead,
  key: Uint8Array,
): Result<PenSecret, WireErrorCode | 'wrong-password'> {
  const inside = crypto.open(file.sealed, file.nonce, key, file.head);
  if (inside === undefined) return fail('wrong-password');
  return decode(inside, (reader) => {
    const seed = reader.fixed(PEN_SEED_BYTES).slice();
    const name = reader.text(MAX_PEN_NAME_BYTES);
    const entries = reader.list(MAX_PEN_ENTRIES, (item) => ({
      name: item.text(MAX_PEN_ENTRY_BYTES),
      edition: item.uint(MAX_COUNTER),
    }));
    if (!isPenName(name) || !entries.every(isEntry)) reader.fail('unknown-value');
    const sorted = entries.every(
      (entry, index) => index === 0 || compareUtf8(entries[index - 1]!.name, entry.name) < 0,
    );
    if (!sorted) reader.fail('not-canonical');
    return { seed, name, entries };
  });
}

function isEntry({ name, edition }: { readonly name: string; readonly edition: number }): boolean {
  return normalisePenEntry(name) === name && Number.isInteger(edition) && edition >= 1 && edition <= MAX_COUNTER;
}

function areDistinct(entries: readonly { readonly name: string }[]): boolean {
  return new Set(entries.map(({ name }) => name)).size === entries.length;
}
