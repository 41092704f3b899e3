/** Collects what a file tells, bounded whatever the file says. */
import { MAX_METADATA_ITEMS, MAX_METADATA_VALUE, worstFirst } from '../../../shared/base/metadata.ts';
import type {
  MetadataCode,
  MetadataFindings,
  MetadataItem,
  MetadataKind,
  MetadataReason,
} from '../../../shared/base/metadata.ts';

/** Items kept while a file is looked through; the worst of them are told. A file of a million comments is not kept whole. */
const MAX_KEPT_ITEMS = 2_000;

export class Findings {
  readonly #items: MetadataItem[] = [];
  readonly #seen = new Set<string>();
  readonly #leaves = new Set<MetadataCode>();
  #more = 0;

  /** Nothing for an empty value. Alike items count once. */
  add(what: MetadataCode, value: unknown): void {
    const text = valueText(value);
    if (text === '') return;
    const key = `${what} ${text}`;
    if (this.#seen.has(key)) return;
    if (this.#items.length >= MAX_KEPT_ITEMS) {
      this.#more += 1;
      return;
    }
    this.#seen.add(key);
    this.#items.push({ what, value: text });
  }

  /** What is added here stays when the file is stripped. */
  addStaying(what: MetadataCode, value: unknown): void {
    if (valueText(value) === '') return;
    this.add(what, value);
    this.#leaves.add(what);
  }

  /** Takes in what a part of the file tells, such as a picture in a document; `stays`: it cannot be removed there. */
  include(part: Findings, stays = false): void {
    for (const { what, value } of part.#items) this.add(what, value);
    for (const what of part.#leaves) this.#leaves.add(what);
    if (stays) for (const { what } of part.#items) this.#leaves.add(what);
    this.#more += part.#more;
  }

  result(kind: MetadataKind, canStrip: boolean, reason?: MetadataReason): MetadataFindings {
    const items = worstFirst(this.#items);
    const codes = new Set(items.map(({ what }) => what));
    return {
      kind,
      items: items.slice(0, MAX_METADATA_ITEMS),
      more: this.#more + Math.max(0, items.length - MAX_METADATA_ITEMS),
      canStrip,
      ...(reason !== undefined && { reason }),
      leaves: canStrip ? [...this.#leaves] : [...codes],
    };
  }
}

/** One line without control characters, and without those that turn the direction of what follows. */
function valueText(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text =
    value instanceof Date
      ? Number.isNaN(value.getTime())
        ? ''
        : value.toISOString()
      : value instanceof Uint8Array
        ? new TextDecoder('latin1').decode(value.subarray(0, MAX_METADATA_VALUE * 4))
        : typeof value === 'object'
          ? JSON.stringify(value)
          : String(value);
  const line = text
    .slice(0, MAX_METADATA_VALUE * 8)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim();
  if (line.length <= MAX_METADATA_VALUE) return line;
  return `${line.slice(0, MAX_METADATA_VALUE - 1).replace(/[\ud800-\udbff]$/u, '')}…`;
}

/** The file is not as its kind should be, or passes a bound. */
export class MetadataProblem extends Error {
  readonly reason: MetadataReason;

  constructor(reason: MetadataReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

export const damaged = (message: string): MetadataProblem => new MetadataProblem('damaged', message);
