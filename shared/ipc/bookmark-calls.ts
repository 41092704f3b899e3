/** Bookmarks: what is kept to be found again, with marks on new editions. The calls are part of the contract (contract.ts). */
import * as v from 'valibot';
import { call, count, nothing, shortText, text } from './primitives.ts';

/** Of a publication, or of a file or page in it. `link` is its one spelling. */
export const BookmarkSchema = v.object({
  link: shortText,
  title: shortText,
  addedMs: v.number(),
  /** The newest edition that is known; new while it is above the one that was seen. 0: not known yet. */
  edition: count,
  seenEdition: count,
  /** When it was last looked for a new edition, and when one was found. */
  checkedMs: v.optional(v.number()),
  foundMs: v.optional(v.number()),
  /** Its publisher deleted it; when that was seen. */
  deletedMs: v.optional(v.number()),
});
export type Bookmark = v.InferOutput<typeof BookmarkSchema>;

const linkText = text(8192);

export const BOOKMARK_CALLS = {
  /** Latest added first. */
  'bookmarks.list': call(nothing, v.array(BookmarkSchema)),
  /** `bad-link`; `no-space` at the bound. One that is there keeps its place and takes the title. */
  'bookmarks.add': call(v.object({ link: linkText, title: text(512), edition: v.optional(count) }), BookmarkSchema),
  /** One that is not there is no error. */
  'bookmarks.remove': call(v.object({ link: linkText }), nothing),
  /** The person has looked at this edition. Of what is no bookmark nothing is kept. */
  'bookmarks.seen': call(v.object({ link: linkText, edition: count }), nothing),
} as const;
