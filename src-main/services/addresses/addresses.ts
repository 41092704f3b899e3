/**
 * Short addresses, whole: what they lead to, words that are claimed, pen names and what is followed, and the rounds that
 * keep all of it up.
 */
import { compareBytes } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { formatLink } from '../../../shared/base/links.ts';
import {
  explainAddressProblem,
  formatAddress,
  parseAddress,
  parsePenAddress,
} from '../../../shared/base/short-addresses.ts';
import type { Address, AddressProblem, PenAddress } from '../../../shared/base/short-addresses.ts';
import { normaliseWords } from '../../../shared/base/words.ts';
import type { Claim, Following, Resolved } from '../../../shared/ipc/address-model.ts';
import type { Handlers } from '../../../shared/ipc/rpc.ts';
import { rankOf } from '../../core/wire/record.ts';
import { linkFromText } from '../read/gather.ts';
import { FollowList } from './following.ts';
import type { FollowingDeps } from './following.ts';
import { exportPen, importPen } from './pen-export.ts';
import type { PenExportDeps } from './pen-export.ts';
import { Pens, requirePenName } from './pens.ts';
import type { PensDeps } from './pens.ts';
import { Rounds } from './rounds.ts';
import { LOOK_UP_MS } from './slots.ts';
import { Words } from './words.ts';
import type { WordsDeps } from './words.ts';

const HOUR_MS = 3_600_000;
/** What is followed is looked at so often, and first so long after the start: not all at once, and not at once. Guesses. */
const LOOK_EVERY_MS = 6 * HOUR_MS;
const LOOK_FIRST_MS = 5 * 60_000;
/** Own claims and editions are looked after so often: within a day of a quarter's beginning they are renewed. Guess. */
const KEEP_EVERY_MS = 24 * HOUR_MS;
const KEEP_FIRST_MS = 10 * 60_000;
/** Looks at once when somebody asks for all of them, and how long no further one is begun: a call has a minute. */
const LOOKS_AT_ONCE = 4;
const LOOKING_MS = 60_000 - 2 * LOOK_UP_MS;

type Parts = WordsDeps & PensDeps & PenExportDeps & FollowingDeps;
export type AddressesDeps = Omit<Parts, 'closing'>;

export type AddressHandlers = Pick<
  Handlers,
  Extract<keyof Handlers, `address.${string}` | `words.${string}` | `pens.${string}`>
>;

export class Addresses {
  readonly #deps: AddressesDeps;
  readonly #closing: AbortController;
  readonly #words: Words;
  readonly #pens: Pens;
  readonly #follows: FollowList;
  readonly #rounds: Rounds;

  private constructor(
    deps: AddressesDeps,
    closing: AbortController,
    parts: { words: Words; pens: Pens; follows: FollowList },
  ) {
    this.#deps = deps;
    this.#closing = closing;
    this.#words = parts.words;
    this.#pens = parts.pens;
    this.#follows = parts.follows;
    this.#rounds = new Rounds(deps);
    for (const address of this.#words.addresses()) this.#keepClaim(address);
    for (const address of this.#pens.kept()) this.#keepEdition(address);
    for (const address of this.#follows.addresses()) this.#lookAgain(address);
  }

  static async load(deps: AddressesDeps): Promise<Addresses> {
    const rows = await deps.libraryStore.list();
    const closing = new AbortController();
    const parts: Parts = { ...deps, closing: closing.signal };
    return new Addresses(deps, closing, {
      words: new Words(parts, rows),
      pens: new Pens(parts, rows),
      follows: new FollowList(parts, rows),
    });
  }

  readonly handlers: AddressHandlers = {
    'address.resolve': ({ address }) => this.resolve(address),
    'words.claim': async ({ words, link, note, bits }) => {
      const claim = await this.#words.claim(bagOf(words), linkFromText(link), note?.trim() ?? '', bits);
      this.#keepClaim(claim.address);
      return claim;
    },
    'words.mine': () => this.#words.mine(),
    'words.withdraw': async ({ words }) => {
      const bag = bagOf(words);
      this.#rounds.delete(`claim ${formatAddress({ kind: 'word', words: bag })}`);
      await this.#words.withdraw(bag);
      return null;
    },
    'pens.list': () => this.#pens.list(),
    'pens.create': ({ name }) => this.#pens.create(name),
    'pens.set': async ({ pen, name, link }) => {
      const set = await this.#pens.set(pen, name, linkFromText(link));
      this.#keepEdition(set.address);
      return set;
    },
    'pens.export': async ({ pen, password }) => ({
      file: Buffer.from(await exportPen(this.#deps, await this.#pens.secretOf(pen), password)).toString('base64'),
    }),
    'pens.import': async ({ file, password, name }) => {
      const secret = await importPen(this.#deps, Buffer.from(file, 'base64'), password);
      return this.#pens.import({ ...secret, name: name === undefined ? secret.name : requirePenName(name) });
    },
    'pens.follow': async ({ address }) => {
      const following = await this.#follows.add(penOf(address));
      this.#lookAgain(following.address);
      return following;
    },
    'pens.unfollow': async ({ address }) => {
      const pen = penOf(address);
      this.#rounds.delete(`follow ${formatAddress(pen)}`);
      await this.#follows.remove(pen);
      return null;
    },
    'pens.following': () => this.#follows.list(),
    'pens.seen': async ({ address }) => {
      await this.#follows.seen(penOf(address));
      return null;
    },
    'pens.look': ({ address }) => this.#lookNow(address),
  };

  /** Throws what a look-up throws, and `bad-link` or `not-in-version` for what is no address. */
  async resolve(text: string): Promise<Resolved> {
    const parsed = addressOf(text);
    switch (parsed.kind) {
      case 'publication': {
        const link = formatLink(parsed.link);
        return { kind: 'publication', address: link, link };
      }
      case 'word': {
        const claims = await this.#words.get(parsed.words);
        const link = new Set(claims.map((claim) => claim.link)).size === 1 ? claims[0]!.link : undefined;
        return {
          kind: 'word',
          address: formatAddress(parsed),
          words: [...parsed.words],
          ...(link !== undefined && { link }),
          claims,
        };
      }
      case 'pen':
        return { kind: 'pen', address: formatAddress(parsed), ...(await this.#edition(parsed)) };
    }
  }

  /** The one link that a text leads to, for opening it: a link is taken as it is. Throws `usage` for words with several. */
  async linkOf(text: string): Promise<string> {
    const parsed = parseAddress(text);
    // What is wrong with a link is said by who reads it.
    if (parsed.ok ? parsed.value.kind === 'publication' : true) return text;
    const resolved = await this.resolve(text);
    if (resolved.link !== undefined) return resolved.link;
    throw severalClaims(resolved.kind === 'word' ? resolved.claims : []);
  }

  async close(): Promise<void> {
    this.#closing.abort(new BroadsideError('cancelled', 'The node is stopping.'));
    const rounds = this.#rounds.close();
    await this.#words.close();
    await rounds;
    await this.#pens.close();
    await this.#follows.close();
  }

  /** The highest edition that the network shows or, of what is followed, that was ever seen: an older one is no answer. */
  async #edition(address: PenAddress): Promise<{ readonly link: string; readonly edition: number }> {
    const known = this.#follows.known(address);
    try {
      const found = await this.#pens.get(address);
      await this.#follows.note(address, found);
      if (known === undefined || compareBytes(rankOf(found.version), known.rank) >= 0)
        return { link: formatLink(found.pointer.link), edition: found.version.counter };
    } catch (thrown) {
      if (known === undefined) throw thrown;
    }
    return { link: known.link, edition: known.edition };
  }

  async #look(address: PenAddress): Promise<void> {
    try {
      await this.#follows.note(address, await this.#pens.get(address));
    } catch (thrown) {
      if (!(thrown instanceof BroadsideError) || thrown.code === 'unexpected') throw thrown;
      if (thrown.code === 'cancelled') return;
      await this.#follows.note(address, undefined);
    }
  }

  async #lookNow(text: string | undefined): Promise<Following[]> {
    const waiting = (text === undefined ? this.#follows.addresses() : [text]).map(penOf);
    const endMs = this.#deps.clock.monotonicMs() + LOOKING_MS;
    const lane = async (): Promise<void> => {
      while (this.#deps.clock.monotonicMs() < endMs) {
        const next = waiting.shift();
        if (next === undefined) return;
        await this.#look(next);
      }
    };
    await Promise.all(Array.from({ length: LOOKS_AT_ONCE }, lane));
    return this.#follows.list();
  }

  #lookAgain(address: string): void {
    const pen = penOf(address);
    this.#rounds.set(`follow ${address}`, LOOK_FIRST_MS, LOOK_EVERY_MS, () => this.#look(pen));
  }

  #keepClaim(address: string): void {
    this.#rounds.set(`claim ${address}`, KEEP_FIRST_MS, KEEP_EVERY_MS, () => this.#words.renew(address));
  }

  #keepEdition(address: string): void {
    this.#rounds.set(`edition ${address}`, KEEP_FIRST_MS, KEEP_EVERY_MS, () => this.#pens.mend(address));
  }
}

function addressOf(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed.ok) return parsed.value;
  throw badAddress(parsed.code, text);
}

function penOf(text: string): PenAddress {
  const parsed = parsePenAddress(text);
  if (parsed.ok) return parsed.value;
  throw badAddress(parsed.code, text);
}

/** Words as they are typed, or their whole address. */
function bagOf(text: string): readonly string[] {
  const address = parseAddress(text);
  if (address.ok && address.value.kind === 'word') return address.value.words;
  if (/^\s*broadside:/i.test(text)) throw badAddress(address.ok ? 'no-words' : address.code, text);
  const bag = normaliseWords(text);
  if (bag.ok) return bag.value;
  throw new BroadsideError('usage', explainAddressProblem(bag.code, text));
}

function badAddress(code: AddressProblem, text: string): BroadsideError {
  const later = code === 'not-in-version' || code === 'newer-pen-key';
  return new BroadsideError(later ? 'not-in-version' : 'bad-link', explainAddressProblem(code, text));
}

/** Of links with long paths the beginning: all of them fit in a message. */
function severalClaims(claims: readonly Claim[]): BroadsideError {
  const links = [...new Set(claims.map((claim) => claim.link))];
  const list = links.map((link, position) => `(${position + 1}) ${link.slice(0, 300)}`).join(' ');
  return new BroadsideError(
    'usage',
    `These words are claimed for ${links.length} publications. Choose one and use its link; strongest claim first: ${list}`,
  );
}
