/** Short addresses: claims of words, pen names and what is followed. The calls are part of the contract (contract.ts). */
import * as v from 'valibot';
import { FollowingSchema, OwnClaimSchema, PenSchema, ResolvedSchema } from './address-model.ts';
import { call, nothing, text } from './primitives.ts';

const linkText = text(8192);
/** From what anybody finds at once to ten minutes of one core. */
const claimBits = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(32));

export const ADDRESS_CALLS = {
  /**
   * What a link or a short address leads to. `not-found` where nobody claims the words or nothing is set under the name,
   * `bad-link` for what is no address. open.start, get.start and check.start take short addresses too: `usage`, with the
   * links, for words whose claims lead to several publications.
   */
  'address.resolve': call(v.object({ address: linkText }), ResolvedSchema),
  /**
   * Claims words for a link and renews the claim each quarter. `bits`: the work, one more twice as much; absent: what is
   * usual, or one more than the weakest claim where all places are taken. Answers at once; `addresses` events tell of it.
   */
  'words.claim': call(
    v.object({ words: linkText, link: linkText, note: v.optional(text(256)), bits: v.optional(claimBits) }),
    OwnClaimSchema,
  ),
  'words.mine': call(nothing, v.array(OwnClaimSchema)),
  /** Renews the claim of this bag no more. What is placed stays until its quarter is over. */
  'words.withdraw': call(v.object({ words: linkText }), nothing),
  'pens.list': call(nothing, v.array(PenSchema)),
  /** `usage` for a name that is taken here. */
  'pens.create': call(v.object({ name: text(256) }), PenSchema),
  /** The next edition under that name. `not-found` for a pen that is not here. */
  'pens.set': call(
    v.object({ pen: text(256), name: text(512), link: linkText }),
    v.object({
      address: linkText,
      link: linkText,
      edition: v.number(),
      slots: v.object({ wanted: v.number(), placed: v.number() }),
    }),
  ),
  /** The pen's key under a password, as base64 of the file to keep. `weak-password`. */
  'pens.export': call(v.object({ pen: text(256), password: text(1024) }), v.object({ file: text(131_072) })),
  /** `name`: what it is called here; absent: as where it was exported. `refused` for a wrong password, `damaged` for no such file. */
  'pens.import': call(v.object({ file: text(131_072), password: text(1024), name: v.optional(text(256)) }), PenSchema),
  /** Looks for new editions from now on. `link` is absent until something was found there. */
  'pens.follow': call(v.object({ address: linkText }), FollowingSchema),
  'pens.unfollow': call(v.object({ address: linkText }), nothing),
  'pens.following': call(nothing, v.array(FollowingSchema)),
  /** The person has looked at the edition that is known. */
  'pens.seen': call(v.object({ address: linkText }), nothing),
  /** Looks at once, at one or at all that are followed; answers when it has. */
  'pens.look': call(v.object({ address: v.optional(linkText) }), v.array(FollowingSchema)),
} as const;
