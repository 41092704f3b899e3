/**
 * From a link to a verified publication: slots asked in random order, the highest signed version believed, redirects
 * followed, shares combined, the manifest opened, and every share that was used checked against its name.
 */
import { BroadsideError } from '../../../shared/base/errors.ts';
import { explainLinkProblem, formatLink, parseLink } from '../../../shared/base/links.ts';
import type { PublicationLink } from '../../../shared/base/links.ts';
import type { Share } from '../../../shared/ipc/model.ts';
import type { Manifest } from '../../core/publish/manifest.ts';
import { slotPlaces } from '../../core/publish/slot.ts';
import type { SlotPlace } from '../../core/publish/slot.ts';
import { CLASS_FIXED } from '../../core/wire/record.ts';
import { BlockFetcher } from './block-fetcher.ts';
import type { ReadDeps } from './block-fetcher.ts';
import { gatherFailure } from './gather-failure.ts';
import { ShareSolver } from './share-solver.ts';
import { shuffled } from './share-combinations.ts';
import { SlotEvidence } from './slot-evidence.ts';
import { HEDGE_AFTER_MS, SlotRequests } from './slot-requests.ts';
import type { SlotAnswer } from './slot-requests.ts';

/** An update names the newest edition, so one hop is usual; more are for updates that were interrupted (protocol, 4). */
export const MAX_REDIRECTS = 4;
/**
 * Slots asked beyond the k that are needed, of a publication that never changes: so that one that is missing or slow costs no
 * time. Protocol: "k and a few more". Of others all are asked: a single honest holder is then enough to show an update.
 */
export const SPARE_SLOTS = 2;
/**
 * Once there are enough shares, slots still on their way may show a newer version. They are waited for as long again as that
 * took, and once more, within these bounds: an honest answer takes about as long as the others. Guess.
 */
const GRACE_FACTOR = 2;
const MAX_GRACE_MS = 2_000;
const MIN_GRACE_MS = 50;
/** How often the shares that are waited for are told again, for their times. As often as job events go out. */
const TELL_EVERY_MS = 250;

export interface GatherProgress {
  readonly stage: 'asking' | 'verifying';
  readonly k: number;
  readonly n: number;
  readonly shares: Share[];
  readonly badShares: number[];
}

export interface Gathered {
  /** Of the edition that was read, after redirects; its path is the one that was asked for. */
  readonly link: PublicationLink;
  readonly contentKey: Uint8Array;
  readonly manifest: Manifest;
  readonly shares: Share[];
  readonly badShares: readonly number[];
  /** The edition that the link was made for, where it leads on to a later one. */
  readonly linkEdition: number | undefined;
}

/** Where an edition leads, and which edition it is. */
export interface Moved {
  readonly movedTo: PublicationLink;
  readonly edition: number;
}

export interface GatherOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: GatherProgress) => void;
  /** Fetches the blocks of a large manifest; one of its own unless given. */
  readonly fetcher?: BlockFetcher;
}

/** Throws `bad-link` or `not-in-version` with a sentence that says what is wrong with the text. */
export function linkFromText(text: string): PublicationLink {
  const parsed = parseLink(text);
  if (parsed.ok) return parsed.value;
  throw new BroadsideError(
    parsed.code === 'not-in-version' ? 'not-in-version' : 'bad-link',
    explainLinkProblem(parsed.code, text),
  );
}

/** The link without its path, in its one spelling. */
export function canonicalLink(link: PublicationLink): string {
  return formatLink({ ...link, path: '' });
}

/** Throws `bad-link` for a link whose document key is no key. */
export function placesOf(deps: ReadDeps, link: PublicationLink): SlotPlace[] {
  const places = slotPlaces(deps.crypto, link);
  if (places === undefined) throw new BroadsideError('bad-link', explainLinkProblem('impossible', ''));
  return places;
}

/** What reading gives; when it fails because the publisher deleted it, `note` is called first. */
export async function noteDeleted<Outcome>(
  reading: Promise<Outcome>,
  note: () => Promise<void> | void,
): Promise<Outcome> {
  try {
    return await reading;
  } catch (thrown) {
    if (thrown instanceof BroadsideError && thrown.code === 'deleted') await note();
    throw thrown;
  }
}

/**
 * Runs `visit` on the edition that a link names, and on those that it leads to. Throws `damaged` for circles and for more
 * than MAX_REDIRECTS.
 */
export async function followLinks<Outcome extends object>(
  link: PublicationLink,
  visit: (link: PublicationLink) => Promise<Outcome | Moved>,
): Promise<Outcome & { readonly linkEdition: number | undefined }> {
  const visited = new Set<string>();
  let linkEdition: number | undefined;
  let current = link;
  for (let redirects = 0; ; redirects += 1) {
    visited.add(canonicalLink(current));
    const outcome = await visit(current);
    if (!('movedTo' in outcome)) return { ...outcome, linkEdition };
    linkEdition ??= outcome.edition;
    if (visited.has(canonicalLink(outcome.movedTo))) {
      throw new BroadsideError(
        'damaged',
        'The editions of this publication lead to each other in a circle. Only its publisher can mend that.',
      );
    }
    if (redirects === MAX_REDIRECTS) {
      throw new BroadsideError(
        'damaged',
        `This link leads on more than ${MAX_REDIRECTS} times. Only its publisher can mend that; ask for a newer link.`,
      );
    }
    current = { ...outcome.movedTo, path: link.path };
  }
}

/**
 * Throws BroadsideError: not-found, no-route, offline, busy, damaged (with the shares), deleted, bad-link, cancelled.
 */
export function gather(deps: ReadDeps, link: PublicationLink, options: GatherOptions = {}): Promise<Gathered> {
  return followLinks(link, (current) => new EditionGathering(deps, current, options).run());
}

type Edition = Omit<Gathered, 'linkEdition'>;

class EditionGathering {
  readonly #deps: ReadDeps;
  readonly #link: PublicationLink;
  readonly #options: GatherOptions;
  readonly #requests: SlotRequests;
  readonly #solver: ShareSolver;
  readonly #evidence: SlotEvidence;
  readonly #startedMs: number;
  #spare = SPARE_SLOTS;
  #stage: 'asking' | 'verifying' = 'asking';

  constructor(deps: ReadDeps, link: PublicationLink, options: GatherOptions) {
    this.#deps = deps;
    this.#link = link;
    this.#options = options;
    const places = placesOf(deps, link);
    const indices = places.map((place) => place.index);
    this.#evidence = new SlotEvidence(deps.crypto, link, places);
    this.#requests = new SlotRequests({
      network: deps.network,
      clock: deps.clock,
      addresses: places.map((place) => place.address),
      order: shuffled(indices, deps.random),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    this.#solver = new ShareSolver(
      deps,
      link,
      this.#evidence.shares,
      options.fetcher ?? new BlockFetcher(deps),
      options.signal,
    );
    this.#startedMs = deps.clock.monotonicMs();
  }

  async run(): Promise<Edition | Moved> {
    try {
      return await this.#run();
    } finally {
      this.#requests.close();
    }
  }

  async #run(): Promise<Edition | Moved> {
    let silentMs = 0;
    this.#askEnough();
    for (;;) {
      this.#tell();
      const waitMs = Math.min(TELL_EVERY_MS, HEDGE_AFTER_MS - silentMs);
      const answer = await this.#requests.next(waitMs);
      if (answer === undefined) {
        if (this.#requests.inFlight > 0) {
          silentMs += waitMs;
          if (silentMs >= HEDGE_AFTER_MS) {
            this.#requests.ask(1);
            silentMs = 0;
          }
          continue;
        }
        if (this.#askEnough() > 0) continue;
        // Everybody was asked: those that did not answer with a share are asked once more, by another way.
        if ((await this.#requests.retryFailed()) > 0) continue;
        return await this.#last();
      }
      silentMs = 0;
      this.#judge(answer);
      // Another slot may lead further on.
      const moved = this.#evidence.moved() === undefined ? undefined : await this.#grace();
      if (moved !== undefined) return moved;
      if (answer.ok && this.#evidence.shares.length >= this.#link.k) {
        const solution = await this.#solve(false);
        if (solution !== undefined) return solution;
        // One of the shares is wrong: others are needed to find out which.
        this.#spare += 1;
      }
      this.#askEnough();
    }
  }

  /** Asks until enough are found or on their way. */
  #askEnough(): number {
    if (this.#link.class !== CLASS_FIXED) return this.#requests.ask(this.#link.n);
    const wanted = this.#link.k + this.#spare - this.#requests.inFlight - this.#evidence.shares.length;
    return wanted > 0 ? this.#requests.ask(wanted) : 0;
  }

  #judge(answer: SlotAnswer): void {
    if (!answer.ok) return;
    this.#requests.mark(answer.index, this.#evidence.add(answer.index, answer.record) ? 'found' : 'bad');
  }

  /** Tries the shares at hand; when they fit, waits a moment for newer versions that are on their way. */
  async #solve(last: boolean): Promise<Edition | Moved | undefined> {
    this.#stage = 'verifying';
    this.#tell();
    const solution = await this.#solver.solve(last);
    if (solution === undefined) {
      this.#stage = 'asking';
      return undefined;
    }
    const moved = await this.#grace();
    if (moved !== undefined) return moved;
    const badShares = this.#bad(this.#solver.badAgainst(solution));
    for (const index of badShares) this.#requests.mark(index, 'bad');
    this.#requests.close();
    this.#tell(badShares);
    return {
      link: this.#link,
      contentKey: solution.contentKey,
      manifest: solution.manifest,
      shares: this.#requests.shares(),
      badShares,
    };
  }

  /** Where the publication leads on, once everybody was heard who answers in time. */
  async #grace(): Promise<Moved | undefined> {
    // Nothing ever follows the first version of a fixed one.
    if (this.#link.class === CLASS_FIXED) return undefined;
    const elapsedMs = this.#deps.clock.monotonicMs() - this.#startedMs;
    const graceMs = Math.min(MAX_GRACE_MS, Math.max(MIN_GRACE_MS, GRACE_FACTOR * elapsedMs));
    const endMs = this.#deps.clock.monotonicMs() + graceMs;
    while (this.#requests.inFlight > 0) {
      const leftMs = endMs - this.#deps.clock.monotonicMs();
      if (leftMs <= 0) break;
      const answer = await this.#requests.next(leftMs);
      if (answer === undefined) continue;
      this.#judge(answer);
      // Nothing is higher than a deletion.
      this.#evidence.moved();
    }
    return this.#evidence.moved();
  }

  /** Nobody is left to ask: tries once more with all that there is, else says why it fails. */
  async #last(): Promise<Edition | Moved> {
    if (this.#evidence.shares.length >= this.#link.k) {
      const solution = await this.#solve(true);
      if (solution !== undefined) return solution;
    }
    throw gatherFailure({
      k: this.#link.k,
      n: this.#link.n,
      good: this.#evidence.shares.length,
      badSlots: this.#evidence.badSlots,
      shareIndices: this.#evidence.shares.map(({ index }) => index),
      failures: this.#requests.failures(),
      neighbours: this.#deps.neighbours?.(),
    });
  }

  #bad(more: readonly number[]): number[] {
    return [...new Set([...this.#evidence.badSlots, ...more])].sort((a, b) => a - b);
  }

  #tell(badShares: number[] = this.#bad([])): void {
    this.#options.onProgress?.({
      stage: this.#stage,
      k: this.#link.k,
      n: this.#link.n,
      shares: this.#requests.shares(),
      badShares,
    });
  }
}
