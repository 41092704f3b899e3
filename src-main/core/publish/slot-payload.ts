/**
 * What a slot seals, 32,728 bytes (the payload less 24 of nonce and 16 of tag). uint is the codec's LEB128.
 *
 *   format              1           1
 *   k                   1           1 ... n
 *   n                   1           1 ... 100
 *   index               1           1 ... n
 *   edition             uint        1 ... 2^32 - 1
 *   salt                16          zeros where there is no passphrase
 *   passes              uint        of Argon2id; 0 where there is no passphrase
 *   memory              uint        of Argon2id, KiB; 0 where there is no passphrase
 *   names               16 n        in order of index, of this edition
 *   body kind           1           0 inline, 1 blocks, 2 moved, 3 deleted
 *   0: share            40
 *      sealed manifest  uint length and bytes
 *   1: share            40
 *      size             uint        of the sealed manifest in bytes
 *      block list       see block-list.ts
 *   2: link             67          link body (shared/base/links.ts) of the edition that readers shall go to
 *   3: nothing
 *   padding             zeros to the end
 *
 * A moved or deleted slot holds no share: k of them would give the key away for ever, and deletion would delete nothing.
 */
import { decodeLinkBody, encodeLinkBody, LINK_BODY_BYTES, MAX_SHARES } from '../../../shared/base/links.ts';
import type { PublicationLink } from '../../../shared/base/links.ts';
import type { Result } from '../../../shared/base/result.ts';
import type { KdfParameters } from '../ports.ts';
import { decode, Writer } from '../wire/codec.ts';
import type { Reader, WireErrorCode } from '../wire/codec.ts';
import { PAYLOAD_BYTES } from '../wire/record.ts';
import { MAX_EDITION, SALT_BYTES } from './author.ts';
import { readBlockList, writeBlockList } from './block-list.ts';
import type { BlockList } from './block-list.ts';
import { NAME_BYTES } from './names.ts';
import { SHARE_BYTES } from './shares.ts';

/** Sealed manifest at most, in bytes: 64 MiB holds 100,000 files with paths of 200 bytes, and fits in memory anywhere. */
export const MAX_SEALED_MANIFEST_BYTES = 64 * 1_048_576;
/** Nonce and tag of a slot's payload. */
const SEAL_BYTES = 24 + 16;
export const SLOT_PLAINTEXT_BYTES = PAYLOAD_BYTES - SEAL_BYTES;
const FORMAT = 1;
/** Far above what author.ts accepts: that is a matter of policy, this of what a number is. */
const MAX_PASSES = 0xff;
const MAX_MEMORY_KIB = 0xffff_ffff;

const BODY_INLINE = 0;
const BODY_BLOCKS = 1;
const BODY_MOVED = 2;
const BODY_DELETED = 3;

export type SlotBody =
  | { readonly kind: 'inline'; readonly share: Uint8Array; readonly sealedManifest: Uint8Array }
  | { readonly kind: 'blocks'; readonly share: Uint8Array; readonly list: BlockList }
  | { readonly kind: 'moved'; readonly link: PublicationLink }
  | { readonly kind: 'deleted' };

/** How the author's passphrase becomes the seed. */
export interface SlotKdf {
  readonly salt: Uint8Array;
  readonly cost: KdfParameters;
}

export interface SlotPayload {
  readonly k: number;
  readonly n: number;
  /** 1 ... n. */
  readonly index: number;
  readonly edition: number;
  /** Undefined for a fixed publication. */
  readonly kdf: SlotKdf | undefined;
  readonly names: readonly Uint8Array[];
  readonly body: SlotBody;
}

/**
 * Bytes of sealed manifest that fit in a slot of a publication of n shares, whatever edition and cost it has. The sealed
 * manifest is 40 bytes longer than the manifest (manifest.ts).
 */
export function inlineCapacityBytes(n: number): number {
  // format, k, n, index; edition (5 at most); salt; passes (2); memory (5); kind; share; length (3 up to 2,097,151).
  const others = 4 + 5 + SALT_BYTES + 2 + 5 + 1 + SHARE_BYTES + 3;
  return SLOT_PLAINTEXT_BYTES - others - n * NAME_BYTES;
}

/** SLOT_PLAINTEXT_BYTES. Throws RangeError for what has no encoding or does not fit. */
export function encodeSlotPayload(payload: SlotPayload): Uint8Array {
  const { k, n, index, edition, kdf, names, body } = payload;
  const possible =
    k >= 1 && k <= n && n <= MAX_SHARES && index >= 1 && index <= n && edition >= 1 && edition <= MAX_EDITION;
  if (!possible || names.length !== n) throw new RangeError('not a possible slot');
  const writer = new Writer();
  writer.u8(FORMAT).u8(k).u8(n).u8(index).uint(edition);
  if (kdf === undefined) {
    writer.zeros(SALT_BYTES).uint(0).uint(0);
  } else {
    if (!costPossible(kdf.cost)) throw new RangeError('not a possible cost');
    writer.fixed(kdf.salt, SALT_BYTES).uint(kdf.cost.passes).uint(kdf.cost.memoryKib);
  }
  for (const name of names) writer.fixed(name, NAME_BYTES);
  writeBody(writer, body);
  if (writer.length > SLOT_PLAINTEXT_BYTES) throw new RangeError('does not fit in a slot');
  return writer.zeros(SLOT_PLAINTEXT_BYTES - writer.length).done();
}

/** Byte fields of the result are copies. */
export function decodeSlotPayload(bytes: Uint8Array): Result<SlotPayload, WireErrorCode> {
  return decode(bytes, (reader) => {
    if (bytes.length !== SLOT_PLAINTEXT_BYTES)
      reader.fail(bytes.length > SLOT_PLAINTEXT_BYTES ? 'trailing' : 'truncated');
    reader.oneOf([FORMAT]);
    const [k, n, index] = [reader.u8(), reader.u8(), reader.u8()];
    if (k < 1 || k > n || n > MAX_SHARES || index < 1 || index > n) reader.fail('unknown-value');
    const edition = reader.uint(MAX_EDITION);
    if (edition < 1) reader.fail('unknown-value');
    const kdf = readKdf(reader);
    const names: Uint8Array[] = [];
    for (let count = 0; count < n; count += 1) names.push(reader.fixed(NAME_BYTES).slice());
    const body = readBody(reader);
    reader.zeros(reader.remaining);
    return { k, n, index, edition, kdf, names, body };
  });
}

function costPossible(cost: KdfParameters): boolean {
  const { passes, memoryKib } = cost;
  return passes >= 1 && passes <= MAX_PASSES && memoryKib >= 1 && memoryKib <= MAX_MEMORY_KIB;
}

function readKdf(reader: Reader): SlotKdf | undefined {
  const salt = reader.fixed(SALT_BYTES).slice();
  const cost = { passes: reader.uint(MAX_PASSES), memoryKib: reader.uint(MAX_MEMORY_KIB) };
  if (costPossible(cost)) return { salt, cost };
  if (cost.passes !== 0 || cost.memoryKib !== 0 || salt.some((byte) => byte !== 0)) reader.fail('not-canonical');
  return undefined;
}

function writeBody(writer: Writer, body: SlotBody): void {
  switch (body.kind) {
    case 'inline':
      writer.u8(BODY_INLINE).fixed(body.share, SHARE_BYTES).bytes(body.sealedManifest);
      return;
    case 'blocks':
      writer.u8(BODY_BLOCKS).fixed(body.share, SHARE_BYTES).uint(body.list.sizeBytes);
      writeBlockList(writer, body.list);
      return;
    case 'moved':
      writer.u8(BODY_MOVED).fixed(encodeLinkBody(body.link), LINK_BODY_BYTES);
      return;
    case 'deleted':
      writer.u8(BODY_DELETED);
  }
}

function readBody(reader: Reader): SlotBody {
  switch (reader.oneOf([BODY_INLINE, BODY_BLOCKS, BODY_MOVED, BODY_DELETED])) {
    case BODY_INLINE: {
      const share = reader.fixed(SHARE_BYTES).slice();
      return { kind: 'inline', share, sealedManifest: reader.bytes(SLOT_PLAINTEXT_BYTES).slice() };
    }
    case BODY_BLOCKS: {
      const share = reader.fixed(SHARE_BYTES).slice();
      const sizeBytes = reader.uint(MAX_SEALED_MANIFEST_BYTES);
      return { kind: 'blocks', share, list: readBlockList(reader, sizeBytes) };
    }
    case BODY_MOVED: {
      const link = decodeLinkBody(reader.fixed(LINK_BODY_BYTES));
      return link.ok ? { kind: 'moved', link: link.value } : reader.fail('unknown-value');
    }
    case BODY_DELETED:
      return { kind: 'deleted' };
  }
}
