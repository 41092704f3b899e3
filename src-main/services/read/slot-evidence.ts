/** What the slots of one edition that were seen so far say together. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import { compareBytes } from '../../../shared/base/bytes.ts';
import type { PublicationLink } from '../../../shared/base/links.ts';
import type { Crypto } from '../../core/ports.ts';
import type { SlotBody } from '../../core/publish/slot-payload.ts';
import { readSlot } from '../../core/publish/slot.ts';
import type { SlotPlace } from '../../core/publish/slot.ts';
import { CLASS_UPDATABLE, rankOf } from '../../core/wire/record.ts';

/** A share as its slot carries it, with the sealed manifest or where that is. */
export interface CarriedShare {
  readonly index: number;
  readonly names: readonly Uint8Array[];
  readonly body: Extract<SlotBody, { kind: 'inline' | 'blocks' }>;
}

export class SlotEvidence {
  readonly #crypto: Crypto;
  readonly #link: PublicationLink;
  readonly #places: readonly SlotPlace[];
  readonly #bad = new Set<number>();
  readonly shares: CarriedShare[] = [];
  #newest: { readonly rank: Uint8Array; readonly edition: number; readonly body: SlotBody } | undefined;

  constructor(crypto: Crypto, link: PublicationLink, places: readonly SlotPlace[]) {
    this.#crypto = crypto;
    this.#link = link;
    this.#places = places;
  }

  /** Signed and yet unusable, ascending. */
  get badSlots(): number[] {
    return [...this.#bad].sort((a, b) => a - b);
  }

  /** As the highest signed version says; undefined before there is one. */
  get edition(): number | undefined {
    return this.#newest?.edition;
  }

  /** Checks a record for everything that it can be checked for by itself; false for one that cannot be used. */
  add(index: number, record: Uint8Array): boolean {
    const read = readSlot(this.#crypto, this.#link, this.#places[index - 1]!, record);
    // Only updatable slots can move; in the other classes it could only have been their first version.
    const sound = read.ok && (read.value.payload.body.kind !== 'moved' || this.#link.class === CLASS_UPDATABLE);
    if (!sound) {
      this.#bad.add(index);
      return false;
    }
    const { version, payload } = read.value;
    const rank = rankOf(version);
    if (this.#newest === undefined || compareBytes(rank, this.#newest.rank) > 0) {
      this.#newest = { rank, edition: payload.edition, body: payload.body };
    }
    // Shares of whatever version belong together: the link binds the names, and the names bind the content.
    const { body, names } = payload;
    if (body.kind === 'inline' || body.kind === 'blocks') this.shares.push({ index, names, body });
    return true;
  }

  /**
   * Where the highest signed version of any slot leads to, if it leads on. Throws `deleted` when that says so: one slot
   * is enough, for only the holder of the passphrase can have signed it.
   */
  moved(): { readonly movedTo: PublicationLink; readonly edition: number } | undefined {
    const { body, edition } = this.#newest ?? {};
    if (body?.kind === 'deleted') {
      throw new BroadsideError(
        'deleted',
        'Its publisher deleted this publication. Who has a copy still has it; there is none to show here.',
      );
    }
    return body?.kind === 'moved' ? { movedTo: body.link, edition: edition! } : undefined;
  }
}
