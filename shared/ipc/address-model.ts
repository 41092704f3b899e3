/** Short addresses as the interface and the node talk about them: claims of words, pen names, what is followed. */
import * as v from 'valibot';
import { ErrorSchema } from './model.ts';
import { count, shortText } from './primitives.ts';

/** One claim of a word bag, as it was read. */
export const ClaimSchema = v.object({
  link: shortText,
  /** What the claimant says that it leads to: a claim like any other. */
  note: v.optional(shortText),
  /** Strength: leading zero bits of the work done for it. One more is twice the work. */
  bits: count,
  /** Who claims: the first eight letters of the claim's key, in fours. A claimant has another key for each word bag. */
  claimant: shortText,
  /** The quarter that it was made in or for; claims of the quarter before are shown too. */
  quarter: count,
  /** This installation made it. */
  own: v.boolean(),
});
export type Claim = v.InferOutput<typeof ClaimSchema>;

/** What a text that can be opened leads to. `address` is its one spelling. */
export const ResolvedSchema = v.variant('kind', [
  v.object({ kind: v.literal('publication'), address: shortText, link: shortText }),
  v.object({
    kind: v.literal('word'),
    address: shortText,
    words: v.array(shortText),
    /** Where all claims lead to one publication, its link. */
    link: v.optional(shortText),
    /** Strongest first. */
    claims: v.array(ClaimSchema),
  }),
  v.object({ kind: v.literal('pen'), address: shortText, link: shortText, edition: count }),
]);
export type Resolved = v.InferOutput<typeof ResolvedSchema>;

/**
 * A claim that this installation makes and renews. working: the work is being done or the claim placed; placed: seen at its
 * place; outbid: all places are held by stronger ones; failed: see `error`, it is tried again later.
 */
export const OwnClaimSchema = v.object({
  words: v.array(shortText),
  address: shortText,
  link: shortText,
  note: v.optional(shortText),
  state: v.picklist(['working', 'placed', 'outbid', 'failed']),
  /** Strength of the work wanted; of the claim, once it is placed. */
  bits: count,
  quarter: count,
  atMs: v.number(),
  error: v.optional(ErrorSchema),
});
export type OwnClaim = v.InferOutput<typeof OwnClaimSchema>;

/** What a pen name kept here was last set to, under one name. */
export const PenEntrySchema = v.object({
  name: shortText,
  address: shortText,
  /** Absent for what was set on another machine, and not here since. */
  link: v.optional(shortText),
  edition: count,
  atMs: v.number(),
});
export const PenSchema = v.object({
  /** What it is called here; nobody else learns it. */
  name: shortText,
  /** '@' and the letters. */
  key: shortText,
  /** Latest first. */
  entries: v.array(PenEntrySchema),
  createdMs: v.number(),
});
export type Pen = v.InferOutput<typeof PenSchema>;

export const FollowingSchema = v.object({
  address: shortText,
  /** As far as it was ever found. */
  link: v.optional(shortText),
  edition: count,
  /** The edition that the person has looked at; a lower one than `edition` means news. */
  seenEdition: count,
  /** When it was last looked at, and found. */
  checkedMs: v.optional(v.number()),
  foundMs: v.optional(v.number()),
});
export type Following = v.InferOutput<typeof FollowingSchema>;
