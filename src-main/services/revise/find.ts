/**
 * From a link of any edition and the password to everything that changing the publication takes: its newest edition, a
 * finished one that no old link leads to yet included, and what was begun and left. Nothing is sent for it.
 */
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { PublicationLink } from '../../../shared/base/links.ts';
import { bytesEqual } from '../../../shared/base/bytes.ts';
import { MAX_ATTEMPT, MAX_EDITION, readSecret } from '../../core/publish/author.ts';
import { openPredecessor } from '../../core/publish/history.ts';
import type { Manifest } from '../../core/publish/manifest.ts';
import { namesDigest } from '../../core/publish/names.ts';
import { CLASS_UPDATABLE } from '../../core/wire/record.ts';
import { authorOf, authorOfSeed, authorshipOf } from '../publish/authorship.ts';
import type { Author, AuthorDeps } from '../publish/authorship.ts';
import { BlockFetcher } from '../read/block-fetcher.ts';
import type { ReadDeps } from '../read/block-fetcher.ts';
import { canonicalLink, MAX_REDIRECTS } from '../read/gather.ts';
import { ShareSolver } from '../read/share-solver.ts';
import { SlotEvidence } from '../read/slot-evidence.ts';
import { throwIfAborted } from '../flow/waiting.ts';
import { lookAtSlots, lookFailure } from './look.ts';
import type { SlotLook } from './look.ts';

/** Editions that are looked for one after the other, at most: an update that was not finished leaves one, rarely two. Guess. */
const MAX_FINDS = 64;
/** Editions by which a link may be newer than the one that led to it, where none of its slots says. Guess. */
const MAX_LEAP = 1_000;

export type FindDeps = ReadDeps & AuthorDeps;

/** A place in the order of editions that belongs to one author. */
export interface EditionPlace {
  readonly edition: number;
  readonly attempt: number;
}

export interface Found {
  /** Of the newest edition; k, n and class are the same for all. */
  readonly link: PublicationLink;
  readonly author: Author;
  /** The one of the passwords that was right. */
  readonly password: string;
  readonly place: EditionPlace;
  readonly look: SlotLook;
  /** Undefined when its slots or blocks do not suffice now. */
  readonly content: { readonly contentKey: Uint8Array; readonly manifest: Manifest } | undefined;
  /** What kept the content from being read. */
  readonly unreadable: BroadsideError | undefined;
  /** Earlier author seeds, by the last edition that each signed, ascending. */
  readonly predecessors: readonly { readonly author: Author; readonly lastEdition: number }[];
  /** Attempts at the next edition that were left before they could be read. */
  readonly strays: readonly EditionPlace[];
  /** The next edition, at an attempt that nobody has begun. */
  readonly next: EditionPlace;
  readonly deleted: boolean;
  /** The link that was given, and those on the way from it to this. */
  readonly way: readonly PublicationLink[];
}

interface Tip {
  readonly link: PublicationLink;
  readonly look: SlotLook;
}

type Ahead =
  | { readonly tip: Tip }
  | {
      readonly next: EditionPlace;
      readonly strays: readonly EditionPlace[];
      readonly deleted: boolean;
    };

export class Finder {
  readonly #deps: FindDeps;
  readonly #signal: AbortSignal;
  readonly #passwords: readonly string[];
  readonly #onLook: ((look: SlotLook) => void) | undefined;
  /** Every edition that was visited, in order; with the slots that were seen of it. */
  readonly #way: Tip[] = [];
  /** By salt, cost and password. */
  readonly #authors = new Map<string, Author>();
  readonly #passwordOf = new Map<Author, string>();
  #deleted = false;

  /** More than one password where either may be the right one: when a change of it is finished. */
  constructor(deps: FindDeps, passwords: readonly string[], signal: AbortSignal, onLook?: (look: SlotLook) => void) {
    this.#deps = deps;
    this.#passwords = passwords;
    this.#signal = signal;
    this.#onLook = onLook;
  }

  /**
   * Throws BroadsideError: `refused` when the password is not that of the newest edition; what reading throws when no slot
   * can be had; `damaged` for circles; `cancelled`.
   */
  async find(given: PublicationLink): Promise<Found> {
    let tip = await this.#follow({ ...given, path: '' });
    for (let finds = 0; finds < MAX_FINDS; finds += 1) {
      const author = await this.#authorOf(tip);
      const place = this.#placeOf(author, tip);
      const ahead = await this.#ahead(tip.link, author, place);
      if ('tip' in ahead) {
        tip = ahead.tip;
        continue;
      }
      return await this.#found(tip, author, place, ahead);
    }
    throw new BroadsideError('damaged', `This link leads over more than ${MAX_FINDS} editions. Use a newer link.`);
  }

  /** What lies beyond the newest edition, looked at again: another machine may have been at work meanwhile. */
  async again(found: Found): Promise<Pick<Found, 'next' | 'strays'>> {
    const ahead = await this.#ahead(found.link, found.author, found.place);
    if ('tip' in ahead) throw overtaken();
    if (ahead.deleted) throw deletedMeanwhile();
    return ahead;
  }

  /** Runs along redirects to an edition that leads nowhere else. */
  async #follow(from: PublicationLink): Promise<Tip> {
    let link = from;
    for (let redirects = 0; ; redirects += 1) {
      const text = canonicalLink(link);
      if (this.#way.some((visited) => canonicalLink(visited.link) === text)) {
        throw new BroadsideError('damaged', 'The editions of this publication lead to each other in a circle.');
      }
      const look = await lookAtSlots(this.#deps, link, { enough: link.k, signal: this.#signal });
      const tip = { link, look };
      // That an edition is gone altogether only counts where another one led to it.
      if (look.newest === undefined && (this.#way.length === 0 || !isGone(look)))
        throw lookFailure(this.#deps, link.k, look);
      this.#way.push(tip);
      this.#onLook?.(look);
      const body = look.newest?.payload.body;
      if (body?.kind === 'deleted') this.#deleted = true;
      if (body?.kind !== 'moved') return tip;
      if (redirects === MAX_REDIRECTS) {
        throw new BroadsideError('damaged', `This link leads on more than ${MAX_REDIRECTS} times. Use a newer link.`);
      }
      link = { ...body.link, path: '' };
    }
  }

  /** The author whose document key the edition has. Throws `refused`. */
  async #authorOf(tip: Tip): Promise<Author> {
    const author = await this.#authorFor(tip.link.documentKey);
    if (author !== undefined) return author;
    for (const { link } of this.#way) {
      if (bytesEqual(link.documentKey, tip.link.documentKey)) continue;
      if ((await this.#authorFor(link.documentKey)) !== undefined) {
        throw new BroadsideError(
          'refused',
          'The password of this publication was changed after this link was made. Use the new password. Nothing was sent.',
        );
      }
    }
    throw new BroadsideError(
      'refused',
      'This is not the password of this publication. Look for the right one; nothing was sent.',
    );
  }

  async #authorFor(documentKey: Uint8Array): Promise<Author | undefined> {
    for (const { link, look } of this.#way) {
      if (!bytesEqual(link.documentKey, documentKey)) continue;
      const kdf = look.newest?.payload.kdf;
      if (kdf === undefined) continue;
      for (const password of this.#passwords) {
        const known = `${kdf.salt.join()} ${kdf.cost.passes} ${kdf.cost.memoryKib} ${password}`;
        const author = this.#authors.get(known) ?? (await authorOf(this.#deps, password, kdf));
        throwIfAborted(this.#signal);
        this.#authors.set(known, author);
        this.#passwordOf.set(author, password);
        if (bytesEqual(author.keys.publicKey, documentKey)) return author;
      }
      return undefined;
    }
    return undefined;
  }

  /** Edition and attempt of a link, by its read secret. */
  #placeOf(author: Author, { link, look }: Tip): EditionPlace {
    const said = look.newest?.payload.edition;
    const before = Math.max(1, ...this.#way.map((visited) => visited.look.newest?.payload.edition ?? 1));
    const [first, last] = said === undefined ? [before, Math.min(MAX_EDITION, before + MAX_LEAP)] : [said, said];
    for (let edition = first; edition <= last; edition += 1) {
      for (let attempt = 0; attempt <= MAX_ATTEMPT; attempt += 1) {
        const secret = readSecret(this.#deps.crypto, author.seed, edition, attempt);
        if (bytesEqual(secret, link.readSecret)) return { edition, attempt };
      }
    }
    throw new BroadsideError('damaged', 'This edition was not made as Broadside makes them. Nothing was sent.');
  }

  /** Looks at the places of the editions that may follow, until there is none. */
  async #ahead(link: PublicationLink, author: Author, place: EditionPlace): Promise<Ahead> {
    const strays: EditionPlace[] = [];
    const edition = place.edition + 1;
    // Nothing follows the first edition of the other classes.
    if (link.class !== CLASS_UPDATABLE) return { next: { edition, attempt: 0 }, strays, deleted: this.#deleted };
    for (let attempt = 0; attempt <= MAX_ATTEMPT; attempt += 1) {
      const { readSecret: secret } = authorshipOf(this.#deps.crypto, author, link.class, link.n, edition, attempt);
      const source = { ...link, readSecret: secret, namesDigest: undefined };
      const look = await lookAtSlots(this.#deps, source, { enough: 0, signal: this.#signal });
      const { newest } = look;
      if (newest === undefined) return { next: { edition, attempt }, strays, deleted: this.#deleted };
      const digest = namesDigest(this.#deps.crypto, newest.payload.names);
      const tip = { link: { ...source, namesDigest: digest }, look };
      const { body } = newest.payload;
      if (body.kind === 'moved') {
        this.#way.push(tip);
        return { tip: await this.#follow({ ...body.link, path: '' }) };
      }
      if (body.kind === 'deleted') {
        this.#deleted = true;
        this.#way.push(tip);
        return { tip };
      }
      if ((await this.#read(tip)).content !== undefined) {
        this.#way.push(tip);
        return { tip };
      }
      strays.push({ edition, attempt });
    }
    throw new BroadsideError('busy', 'Too many updates of this publication were begun and not finished.');
  }

  async #read({ link, look }: Tip): Promise<Pick<Found, 'content' | 'unreadable'>> {
    const evidence = new SlotEvidence(this.#deps.crypto, link, look.places);
    for (const { index, record } of look.slots.values()) evidence.add(index, record);
    if (evidence.shares.length < link.k)
      return { content: undefined, unreadable: lookFailure(this.#deps, link.k, look) };
    const solver = new ShareSolver(this.#deps, link, evidence.shares, new BlockFetcher(this.#deps), this.#signal);
    try {
      const solution = await solver.solve(true);
      if (solution === undefined) return { content: undefined, unreadable: lookFailure(this.#deps, link.k, look) };
      return { content: solution, unreadable: undefined };
    } catch (thrown) {
      throwIfAborted(this.#signal);
      if (!(thrown instanceof BroadsideError) || thrown.code === 'unexpected') throw thrown;
      return { content: undefined, unreadable: thrown };
    }
  }

  async #found(
    tip: Tip,
    author: Author,
    place: EditionPlace,
    { next, strays, deleted }: Exclude<Ahead, { tip: Tip }>,
  ): Promise<Found> {
    const read = await this.#read(tip);
    const { crypto } = this.#deps;
    const predecessors = (read.content?.manifest.history?.predecessors ?? []).flatMap((predecessor) => {
      const seed = openPredecessor(crypto, author.seed, predecessor);
      if (seed === undefined) return [];
      return [{ author: authorOfSeed(crypto, seed, undefined), lastEdition: predecessor.lastEdition }];
    });
    return {
      link: tip.link,
      ...{ author, place, look: tip.look, ...read, predecessors, strays, next, deleted },
      password: this.#passwordOf.get(author)!,
      way: this.#way.map((visited) => visited.link),
    };
  }
}

/** Nobody has a slot of it, and everybody who should have could be asked. */
function isGone({ failures }: SlotLook): boolean {
  return failures['no-route'] + failures.busy + failures.cancelled === 0;
}

export function overtaken(): BroadsideError {
  return new BroadsideError(
    'busy',
    'Another update of this publication was made at the same time, and that one counts. Look at it, then update again.',
  );
}

export function deletedMeanwhile(): BroadsideError {
  return new BroadsideError('deleted', 'Its publisher deleted this publication; nothing follows a deletion.');
}
