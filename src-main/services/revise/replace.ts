/**
 * A higher version for the slots of editions that were: each leads to the newest edition, or says that the publication was
 * deleted. What is there already is left alone, so doing it again finishes what was left half done.
 */
import { compareBytes } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { PublicationLink } from '../../../shared/base/links.ts';
import { makeSlot } from '../../core/publish/slot.ts';
import type { SlotPlace } from '../../core/publish/slot.ts';
import type { SlotBody, SlotPayload } from '../../core/publish/slot-payload.ts';
import { NAME_BYTES } from '../../core/publish/names.ts';
import { rankOf } from '../../core/wire/record.ts';
import type { SlotVersion } from '../../core/wire/record.ts';
import type { InsertFailure } from '../block-network.ts';
import { inParallel } from '../flow/in-parallel.ts';
import { authorshipOf } from '../publish/authorship.ts';
import type { Author } from '../publish/authorship.ts';
import { insertError, insertRecord } from '../publish/uploader.ts';
import type { InsertDeps } from '../publish/uploader.ts';
import type { ReadDeps } from '../read/block-fetcher.ts';
import { deletedMeanwhile, overtaken } from './find.ts';
import type { EditionPlace, Found } from './find.ts';
import { lookAtSlots } from './look.ts';

/** Editions whose slots are replaced at once: n slots of each are on their way. Guess. */
const EDITIONS_AT_ONCE = 4;
/** The latest of so many editions are led on; older links lead to one of these. As many as a manifest tells of. */
export const MAX_LED_ON = 1_000;

export interface OldEdition extends EditionPlace {
  readonly author: Author;
  /** False for an attempt that may have been left before any slot was placed: it counts only if there is one. */
  readonly certain: boolean;
}

export interface ReplaceProgress {
  readonly wanted: number;
  readonly replaced: number;
}

export interface ReplaceOutcome extends ReplaceProgress {
  /** Of these were there already. */
  readonly already: number;
  readonly failures: readonly InsertFailure[];
}

/** Everything before the newest edition, the latest first, so that an interrupted run leaves the fewest detours. */
export function editionsBefore({ author, place, predecessors, strays, content }: Found): OldEdition[] {
  const old: OldEdition[] = strays.map((stray) => ({ ...stray, author, certain: false }));
  const attemptsOf = (edition: number, last: number, by: Author, certain: boolean): void => {
    for (let attempt = last; attempt >= 0; attempt -= 1)
      old.push({ edition, attempt, author: by, certain: certain && attempt === last });
  };
  attemptsOf(place.edition, place.attempt - 1, author, false);
  const earlier = content?.manifest.history?.earlier ?? [];
  for (let edition = place.edition - 1; edition >= Math.max(1, place.edition - MAX_LED_ON); edition -= 1) {
    const by = predecessors.find(({ lastEdition }) => lastEdition >= edition)?.author ?? author;
    attemptsOf(edition, earlier[place.edition - 1 - edition]?.attempt ?? 0, by, true);
  }
  return old;
}

export class Replacer {
  readonly #deps: ReadDeps & InsertDeps;
  readonly #link: Pick<PublicationLink, 'class' | 'k' | 'n'>;
  readonly #body: Extract<SlotBody, { kind: 'moved' | 'deleted' }>;
  readonly #version: SlotVersion;
  readonly #signal: AbortSignal;
  readonly #onProgress: (progress: ReplaceProgress) => void;
  readonly #onSlot: (edition: OldEdition, place: SlotPlace, placed: boolean | undefined) => void;
  #wanted = 0;
  #replaced = 0;
  #already = 0;
  readonly #failures: InsertFailure[] = [];

  /** `onSlot`: a slot is on its way (undefined), is placed, or could not be. */
  constructor(
    deps: ReadDeps & InsertDeps,
    link: Pick<PublicationLink, 'class' | 'k' | 'n'>,
    body: Extract<SlotBody, { kind: 'moved' | 'deleted' }>,
    version: SlotVersion,
    signal: AbortSignal,
    onProgress: (progress: ReplaceProgress) => void,
    onSlot: (edition: OldEdition, place: SlotPlace, placed: boolean | undefined) => void = () => undefined,
  ) {
    this.#deps = deps;
    this.#link = link;
    this.#body = body;
    this.#version = version;
    this.#signal = signal;
    this.#onProgress = onProgress;
    this.#onSlot = onSlot;
  }

  /**
   * Throws `busy` when a later edition is shown somewhere, `deleted` when a deletion is; rejects when aborted. Slots that could
   * not be placed are a result; throws why when there is none that could.
   */
  async run(editions: readonly OldEdition[]): Promise<ReplaceOutcome> {
    this.#want(editions.filter(({ certain }) => certain).length * this.#link.n);
    await inParallel(editions, EDITIONS_AT_ONCE, (edition) => this.#edition(edition));
    if (this.#wanted > 0 && this.#replaced === 0) {
      const cause = insertError(this.#deps, this.#failures[0] ?? 'no-route', `None of ${this.#wanted} slots`);
      throw new BroadsideError(cause.code, `${cause.message} Do it again then: it goes on from there.`);
    }
    return { wanted: this.#wanted, replaced: this.#replaced, already: this.#already, failures: this.#failures };
  }

  async #edition(old: OldEdition): Promise<void> {
    const { crypto, random } = this.#deps;
    const { k, n, class: slotClass } = this.#link;
    const authorship = authorshipOf(crypto, old.author, slotClass, n, old.edition, old.attempt);
    const { keys, readSecret } = authorship;
    const source = { class: slotClass, k, n, documentKey: keys.publicKey, readSecret, namesDigest: undefined };
    const look = await lookAtSlots(this.#deps, source, { enough: old.certain ? 1 : 0, signal: this.#signal });
    const before = look.newest?.payload;
    if (before === undefined && !old.certain) return;
    if (!old.certain) this.#want(n);
    const kdf = before?.kdf ?? authorship.kdf;
    // Of a predecessor's edition that nobody has a slot of, the salt is not known; nobody can read or find it either.
    if (kdf === undefined) return;
    const names = before?.names ?? Array.from({ length: n }, () => new Uint8Array(NAME_BYTES));
    const payload: Omit<SlotPayload, 'index'> = { k, n, edition: old.edition, kdf, names, body: this.#body };
    const missing: SlotPlace[] = [];
    for (const place of look.places) {
      const held = look.slots.get(place.index);
      if (held === undefined || !this.#isDone(held)) missing.push(place);
      else this.#done(old, place, true);
    }
    this.#already += look.places.length - missing.length;
    await Promise.all(
      missing.map(async (place) => {
        this.#onSlot(old, place, undefined);
        const slot = makeSlot(crypto, random, keys.secretKey, place, this.#version, { ...payload, index: place.index });
        const outcome = await insertRecord(this.#deps, slot, 'interactive', this.#signal, () => undefined);
        if (!outcome.ok) this.#failures.push(outcome.code);
        this.#done(old, place, outcome.ok);
      }),
    );
  }

  /** Whether a slot says already what it shall say. */
  #isDone({ version, payload }: { readonly version: SlotVersion; readonly payload: SlotPayload }): boolean {
    const { kind } = payload.body;
    // Two deletions say the same, whosever counts.
    if (kind === 'deleted' && this.#body.kind === 'deleted') return true;
    const order = compareBytes(rankOf(version), rankOf(this.#version));
    if (order > 0) throw kind === 'deleted' ? deletedMeanwhile() : overtaken();
    return order === 0;
  }

  #want(slots: number): void {
    this.#wanted += slots;
    this.#onProgress({ wanted: this.#wanted, replaced: this.#replaced });
  }

  #done(old: OldEdition, place: SlotPlace, placed: boolean): void {
    if (placed) this.#replaced += 1;
    this.#onSlot(old, place, placed);
    this.#onProgress({ wanted: this.#wanted, replaced: this.#replaced });
  }
}
