/** The part of demo-contract.ts that answers for short addresses: from tables that a story fills. */
import { BroadsideError } from '../../shared/base/errors.ts';
import { formatAddress, formatPenKey, parseAddress, parsePenAddress } from '../../shared/base/short-addresses.ts';
import type { EventName, EventValue } from '../../shared/ipc/contract.ts';
import type { Following, OwnClaim, Pen, Resolved } from '../../shared/ipc/address-model.ts';
import type { Handlers } from '../../shared/ipc/rpc.ts';

export interface AddressStory {
  /** By address, in its one spelling. */
  readonly resolved?: Readonly<Record<string, Resolved>>;
  readonly claims?: readonly OwnClaim[];
  readonly pens?: readonly Pen[];
  readonly following?: readonly Following[];
}

/** Two who claim the same words, a pen name with two editions of something, and news of what is followed. */
export function demoAddresses(linkOf: (name: string) => string): AddressStory {
  const [now, key] = [Date.now(), formatPenKey(new Uint8Array(32).fill(7))];
  const address = (name: string): string => `broadside:${key}/${name}`;
  const claim = { quarter: 230, own: false };
  const claimed = {
    ...{ words: ['tables', 'tide'], address: 'broadside:word/tables+tide', link: linkOf('tide tables') },
    ...{ quarter: 230, atMs: now },
  };
  return {
    resolved: {
      [claimed.address]: {
        ...{ kind: 'word', address: claimed.address, words: claimed.words },
        claims: [
          { ...claim, link: linkOf('another'), note: 'Tide tables, all ports', bits: 27, claimant: 'dumq 7xkt' },
          { ...claim, link: linkOf('tide tables'), bits: 24, claimant: 'k4fq 5d2m', own: true },
        ],
      },
    },
    claims: [
      { ...claimed, note: 'Tide tables for small boats', state: 'placed', bits: 24 },
      {
        ...{ ...claimed, words: ['lightship'], address: 'broadside:word/lightship', state: 'outbid', bits: 28 },
        error: { code: 'refused', message: 'All 8 places of these words are held by stronger claims.' },
      },
    ],
    pens: [
      {
        ...{ name: 'Harbour office', key, createdMs: now },
        entries: [
          { name: 'tide-tables', address: address('tide-tables'), link: linkOf('tide tables'), edition: 2, atMs: now },
          { name: 'minutes', address: address('minutes'), edition: 7, atMs: now },
        ],
      },
    ],
    following: [
      {
        ...{ address: address('notices'), link: linkOf('notices'), edition: 4, seenEdition: 3 },
        ...{ checkedMs: now, foundMs: now - 3_600_000 },
      },
      { address: address('letters'), edition: 0, seenEdition: 0, checkedMs: now },
    ],
  };
}

/** Names of calls of short addresses. */
type AddressCall = Extract<keyof Handlers, `address.${string}` | `words.${string}` | `pens.${string}`>;

export class DemoAddresses {
  claims: OwnClaim[];
  pens: Pen[];
  following: Following[];
  readonly #resolved: Readonly<Record<string, Resolved>>;
  readonly #emit: <N extends EventName>(name: N, value: EventValue<N>) => void;
  readonly #called: (name: string) => void;

  constructor(
    story: AddressStory,
    emit: <N extends EventName>(name: N, value: EventValue<N>) => void,
    called: (name: string) => void,
  ) {
    this.#resolved = story.resolved ?? {};
    this.claims = [...(story.claims ?? [])];
    this.pens = [...(story.pens ?? [])];
    this.following = [...(story.following ?? [])];
    this.#emit = emit;
    this.#called = called;
  }

  handlers(): Pick<Handlers, AddressCall> {
    const said = <Value>(name: AddressCall, value: Value): Value => {
      this.#called(name);
      this.#emit('addresses', null);
      return value;
    };
    const penOf = (name: string): Pen => {
      const pen = this.pens.find((other) => other.name === name);
      if (pen === undefined) throw new BroadsideError('not-found', `There is no pen name ${name} here.`);
      return pen;
    };
    return {
      'address.resolve': ({ address }) => {
        const parsed = parseAddress(address);
        if (!parsed.ok) throw new BroadsideError('bad-link', 'This is not an address.');
        const known = parsed.value.kind === 'publication' ? undefined : this.#resolved[formatAddress(parsed.value)];
        if (known === undefined) throw new BroadsideError('not-found', 'Nobody claims these words.');
        this.#called('address.resolve');
        return known;
      },
      'words.claim': ({ words, link, note }) => {
        const address = formatAddress({ kind: 'word', words: words.toLowerCase().split(/\s+/).sort() });
        const claim: OwnClaim = {
          ...{ words: words.split(/\s+/), address, link, state: 'placed', bits: 24, quarter: 230, atMs: Date.now() },
          ...(note !== undefined && { note }),
        };
        this.claims = [claim, ...this.claims];
        return said('words.claim', claim);
      },
      'words.mine': () => this.claims,
      'words.withdraw': ({ words }) => {
        this.claims = this.claims.filter((claim) => claim.address !== words);
        return said('words.withdraw', null);
      },
      'pens.list': () => this.pens,
      'pens.create': ({ name }) => {
        const pen: Pen = { name, key: `@${'ca'.repeat(30)}`, entries: [], createdMs: Date.now() };
        this.pens = [...this.pens, pen];
        return said('pens.create', pen);
      },
      'pens.set': ({ pen, name, link }) => {
        const address = `broadside:${penOf(pen).key}/${name}`;
        return said('pens.set', { address, link, edition: 1, slots: { wanted: 4, placed: 4 } });
      },
      'pens.export': ({ pen }) => said('pens.export', { file: Buffer.from(penOf(pen).key).toString('base64') }),
      'pens.import': () => {
        throw new BroadsideError('refused', 'The password is wrong, or the file was altered.');
      },
      'pens.follow': ({ address }) => {
        const parsed = parsePenAddress(address);
        if (!parsed.ok) throw new BroadsideError('bad-link', 'This is not the address of a pen name.');
        const following: Following = { address: formatAddress(parsed.value), edition: 0, seenEdition: 0 };
        this.following = [...this.following, following];
        return said('pens.follow', following);
      },
      'pens.unfollow': ({ address }) => {
        this.following = this.following.filter((other) => other.address !== address);
        return said('pens.unfollow', null);
      },
      'pens.following': () => this.following,
      'pens.seen': ({ address }) => {
        this.following = this.following.map((other) =>
          other.address === address ? { ...other, seenEdition: other.edition } : other,
        );
        return said('pens.seen', null);
      },
      'pens.look': () => said('pens.look', this.following),
    };
  }
}
