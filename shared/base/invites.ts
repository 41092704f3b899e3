/**
 * Invites to a network: what a node needs to find its first neighbours when nobody told it anything.
 *
 *   broadside:join/<letters>
 *
 * The letters are base32 (RFC 4648, lower case, no padding) of
 *
 *   format              1     format 1 in the high four bits; the low four are zero
 *   network             1 + length    its name, in ASCII, behind its length: 1 ... 64
 *   bootstraps          1     how many, 0 ... 4; none: the network uses the public ones of the DHT
 *     host              1 + length    IPv4 address or host name, in ASCII, behind its length: 1 ... 64
 *     port              2     big-endian, 1 ... 65535
 *   nodes               1     how many, 1 ... 8
 *     key               32    Ed25519 public key
 *     address           4     IPv4, where one machine can be
 *     port              2     big-endian, 1 ... 65535
 *   checksum            4     first 4 bytes of H("invite", all that precedes)
 *
 * There is one text for each invite: no bootstrap, and no key of a node, is in it twice. Later formats keep the number at
 * the beginning and the checksum at the end, as links do. Addresses are hints: only the key is proved, by the link.
 */
import { blake2b } from '@noble/hashes/blake2.js';
import { decodeBase32, encodeBase32 } from './base32.ts';
import { bytesEqual, concatBytes, toHex } from './bytes.ts';
import { isHostIPv4 } from './ipv4.ts';
import { BLANKS, trimBlanks } from './link-text.ts';
import { LINK_PREFIX } from './links.ts';
import { fail, ok } from './result.ts';
import type { Result } from './result.ts';

export const INVITE_PREFIX = `${LINK_PREFIX}join/`;
const FORMAT = 1;
const CHECKSUM_BYTES = 4;
const KEY_BYTES = 32;
/** As many as make it likely that one of them is there, and few enough for a picture that a telephone reads. A guess. */
export const MAX_INVITE_NODES = 8;
/** Three or four are enough for any network. */
export const MAX_INVITE_BOOTSTRAPS = 4;
const MAX_NAME_LENGTH = 64;
/** 1,031 letters are the longest invite there can be; the rest is for blanks among them. Longer texts are not looked at. */
export const MAX_INVITE_TEXT = 4_096;

/** As the setting of that name (shared/ipc/settings.ts). */
const NETWORK_NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;
const HOST_NAME = /^[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?$/;

export interface InviteNode {
  readonly publicKey: Uint8Array;
  /** IPv4. */
  readonly host: string;
  readonly port: number;
}

export interface Invite {
  readonly network: string;
  /** HOST:PORT of the DHT's bootstraps where the network has its own; else none. */
  readonly bootstrap: readonly string[];
  readonly nodes: readonly InviteNode[];
}

export type InviteProblem =
  | 'not-an-invite' // does not begin with broadside:join/
  | 'empty' // nothing after that
  | 'bad-letter' // a character that base32 has not
  | 'too-long'
  | 'mistyped' // the checksum, or the spare bits, do not fit: wrong letters, or not all of them
  | 'newer-format'
  | 'impossible'; // the checksum fits, what is in it cannot be

/** Throws RangeError for a value that no invite can hold: a defect of the caller. */
export function formatInvite(invite: Invite): string {
  if (!isPossible(invite)) throw new RangeError('not a possible invite');
  const body = encodeBody(invite);
  return INVITE_PREFIX + encodeBase32(concatBytes(body, checksum(body)));
}

/** Generous where nothing can be mistaken: case and blanks, as in links. */
export function parseInvite(text: string): Result<Invite, InviteProblem> {
  if (text.length > MAX_INVITE_TEXT) return fail('too-long');
  const bare = trimBlanks(text).replace(BLANKS, '');
  if (bare.slice(0, INVITE_PREFIX.length).toLowerCase() !== INVITE_PREFIX) return fail('not-an-invite');
  const letters = bare.slice(INVITE_PREFIX.length);
  if (letters === '') return fail('empty');
  if (/[^a-z2-7]/i.test(letters)) return fail('bad-letter');
  const bytes = decodeBase32(letters);
  if (bytes === undefined || bytes.length <= CHECKSUM_BYTES) return fail('mistyped');
  const body = bytes.subarray(0, -CHECKSUM_BYTES);
  if (!bytesEqual(checksum(body), bytes.subarray(-CHECKSUM_BYTES))) return fail('mistyped');
  if (body[0]! >> 4 > FORMAT) return fail('newer-format');
  const invite = decodeBody(body);
  return invite === undefined ? fail('impossible') : ok(invite);
}

/** A host and a port that an invite can carry as a bootstrap of the DHT. */
export function isInviteBootstrap(address: string): boolean {
  return splitBootstrap(address) !== undefined;
}

/** One or two sentences for people: what is wrong with the text and what to do. */
export function explainInviteProblem(problem: InviteProblem): string {
  switch (problem) {
    case 'not-an-invite':
      return `This is not an invite: those begin with “${INVITE_PREFIX}”. Copy it again, from its first letter.`;
    case 'empty':
      return `There is nothing after “${INVITE_PREFIX}”. Copy the whole invite from where you found it.`;
    case 'bad-letter':
      return 'There is a character in this invite that invites do not have: they have only the letters a to z and the digits 2 to 7. Copy it again.';
    case 'too-long':
      return 'This text is too long to be an invite. Copy only the invite.';
    case 'mistyped':
      return 'A letter of this invite is wrong, or some are missing: its check does not fit. Copy it again, whole.';
    case 'newer-format':
      return 'This invite was made by a newer Broadside than this one. Update Broadside to join with it.';
    case 'impossible':
      return 'This invite contradicts itself, so it was not made by Broadside. Ask whoever gave it to you for another.';
  }
}

function isPossible({ network, bootstrap, nodes }: Invite): boolean {
  return (
    NETWORK_NAME.test(network) &&
    bootstrap.length <= MAX_INVITE_BOOTSTRAPS &&
    bootstrap.every(isInviteBootstrap) &&
    new Set(bootstrap).size === bootstrap.length &&
    nodes.length >= 1 &&
    nodes.length <= MAX_INVITE_NODES &&
    nodes.every(({ publicKey, host, port }) => publicKey.length === KEY_BYTES && isHostIPv4(host) && isPort(port)) &&
    new Set(nodes.map(({ publicKey }) => toHex(publicKey))).size === nodes.length
  );
}

function encodeBody({ network, bootstrap, nodes }: Invite): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(FORMAT << 4), encodeName(network), Uint8Array.of(bootstrap.length)];
  for (const address of bootstrap) {
    const { host, port } = splitBootstrap(address)!;
    parts.push(encodeName(host), encodePort(port));
  }
  parts.push(Uint8Array.of(nodes.length));
  for (const { publicKey, host, port } of nodes) {
    parts.push(publicKey, Uint8Array.from(host.split('.'), Number), encodePort(port));
  }
  return concatBytes(...parts);
}

/** Undefined for anything that encodeBody does not make of a possible invite. */
function decodeBody(body: Uint8Array): Invite | undefined {
  if (body[0] !== FORMAT << 4) return undefined;
  let offset = 1;
  const take = (length: number): Uint8Array => body.subarray(offset, (offset += length));
  const byte = (): number => take(1)[0] ?? 0;
  const port = (): number => byte() * 256 + byte();
  const name = (): string => String.fromCharCode(...take(Math.min(byte(), MAX_NAME_LENGTH + 1)));
  const network = name();
  const bootstrap: string[] = [];
  for (let left = Math.min(byte(), MAX_INVITE_BOOTSTRAPS + 1); left > 0; left -= 1)
    bootstrap.push(`${name()}:${port()}`);
  const nodes: InviteNode[] = [];
  for (let left = Math.min(byte(), MAX_INVITE_NODES + 1); left > 0; left -= 1) {
    nodes.push({ publicKey: take(KEY_BYTES).slice(), host: take(4).join('.'), port: port() });
  }
  const invite = { network, bootstrap, nodes };
  // Lengths that lie, what is left over and what is missing all show here: there is one encoding of each invite.
  return isPossible(invite) && bytesEqual(encodeBody(invite), body) ? invite : undefined;
}

function encodeName(name: string): Uint8Array {
  return Uint8Array.of(name.length, ...Array.from(name, (letter) => letter.charCodeAt(0)));
}

function encodePort(port: number): Uint8Array {
  return Uint8Array.of(port >> 8, port & 0xff);
}

function splitBootstrap(address: string): { readonly host: string; readonly port: number } | undefined {
  const match = /^([^:]{1,64}):([1-9][0-9]{0,4})$/.exec(address);
  const [host, port] = [match?.[1] ?? '', Number(match?.[2])];
  return HOST_NAME.test(host) && isPort(port) ? { host, port } : undefined;
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}

/** H("invite", body) of the protocol: each behind its length as 32 bits little-endian. */
function checksum(body: Uint8Array): Uint8Array {
  const tag = Uint8Array.from('invite', (letter) => letter.charCodeAt(0));
  const framed = concatBytes(
    Uint8Array.of(tag.length, 0, 0, 0),
    tag,
    Uint8Array.of(body.length, body.length >>> 8, 0, 0),
    body,
  );
  return blake2b(framed, { dkLen: 32 }).subarray(0, CHECKSUM_BYTES);
}
