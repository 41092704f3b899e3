/** The calls of search, wishes, users and what is hidden: part of the contract (contract.ts). */
import * as v from 'valibot';
import { call, nothing, text, whole } from './primitives.ts';
import { BrowsedPageSchema } from './browse-model.ts';
import {
  HiddenSchema,
  PastSearchSchema,
  QueryCheckSchema,
  ResultOrderSchema,
  ResultSchema,
  SearchStateSchema,
  UserSchema,
  WishSchema,
} from './search-model.ts';

/** Longer than any query may be: what is wrong with one that is too long is said by who reads it. */
const queryText = text(1024);
const hiddenKey = { kind: HiddenSchema.entries.kind, value: text(4096) };
export const SEARCH_CALLS = {
  /** What is wrong with a query, and where: for the field, while somebody types. Asks nobody. */
  'search.check': call(v.object({ query: queryText }), QueryCheckSchema),
  /**
   * Asks; `search` events tell what comes. Errors: `usage` for a query that cannot be read, with where; `busy` when too many
   * searches are under way. `wanted`: distinct contents, 250 unless told; `timeoutMs`: 30 s unless told.
   */
  'search.start': call(
    v.object({
      query: queryText,
      wanted: v.optional(whole(1, 1_000)),
      timeoutMs: v.optional(whole(1_000, 120_000)),
    }),
    SearchStateSchema,
  ),
  /** Costs nothing more from then on; what was found stays. One that has ended is no error. */
  'search.stop': call(v.object({ search: text(64) }), nothing),
  /** Newest first; the latest few are kept, in memory only. Those of wishes are not among them. */
  'search.list': call(nothing, v.array(SearchStateSchema)),
  /** `not-found` for a search that is not kept. */
  'search.results': call(
    v.object({
      search: text(64),
      order: v.optional(ResultOrderSchema),
      from: v.optional(whole(0, 10_000)),
      limit: v.optional(whole(1, 1_000)),
    }),
    v.object({ state: SearchStateSchema, results: v.array(ResultSchema) }),
  ),
  /** Stops it if need be, and forgets it. */
  'search.dismiss': call(v.object({ search: text(64) }), nothing),
  /** The person opened or downloads a result: the rating of others like it learns from it. Never leaves this machine. */
  'search.chose': call(v.object({ search: text(64), result: text(128) }), nothing),
  'search.history': call(nothing, v.array(PastSearchSchema)),
  /** One query of the history, or all of it. */
  'search.forget': call(v.object({ query: v.optional(queryText) }), nothing),
  /** A query that keeps looking. `usage` for one that cannot be read; `no-space` for too many. The same query is the same wish. */
  'wishes.add': call(v.object({ query: queryText, notify: v.optional(v.boolean()) }), WishSchema),
  'wishes.list': call(nothing, v.array(WishSchema)),
  'wishes.change': call(v.object({ wish: text(64), notify: v.boolean() }), WishSchema),
  'wishes.remove': call(v.object({ wish: text(64) }), nothing),
  /** Looks at once; `search` events with `wish` in their state tell how it goes. */
  'wishes.look': call(v.object({ wish: text(64) }), SearchStateSchema),
  /** What it found, newest first. */
  'wishes.results': call(v.object({ wish: text(64) }), v.array(ResultSchema)),
  /** The person has looked at what it found. */
  'wishes.seen': call(v.object({ wish: text(64) }), nothing),
  /** The hot list and the users that are blocked. */
  'users.list': call(nothing, v.array(UserSchema)),
  /** What is absent stays as it was. A user who is neither hot, blocked nor named is forgotten. */
  'users.set': call(
    v.object({
      publicKey: text(64),
      label: v.optional(text(64)),
      isHot: v.optional(v.boolean()),
      isBlocked: v.optional(v.boolean()),
    }),
    UserSchema,
  ),
  /**
   * A page of a folder of what a user shares, asked for straight: both ends learn each other's address. `folder`: below the shared
   * folders, '' at first; `deep`: all files below it, and no folders; `after`: `next` of the page before. `refused` where the user does
   * not allow it, `not-found` for a folder that is not there, `offline` for a user that is not, `busy`, `damaged` for no honest answer.
   */
  'users.browse': call(
    v.object({
      publicKey: text(64),
      folder: v.optional(text(512)),
      deep: v.optional(v.boolean()),
      after: v.optional(text(1024)),
    }),
    BrowsedPageSchema,
  ),
  'hidden.list': call(nothing, v.array(HiddenSchema)),
  /** Results that fit leave every search, and do not come again. Hiding a source is blocking the user. */
  'hidden.add': call(v.object({ ...hiddenKey, label: v.optional(text(512)) }), HiddenSchema),
  'hidden.remove': call(v.object(hiddenKey), nothing),
  /** Forgets what the rating learned. */
  'hidden.forgetRating': call(nothing, nothing),
} as const;
