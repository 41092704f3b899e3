/** The help that ships with the program: a publication of ten pages that needs no network. The call is part of the contract. */
import * as v from 'valibot';
import { call, shortText } from './primitives.ts';

/** Languages that it is written in. */
export const HELP_LANGUAGES = ['en', 'de', 'ar'] as const;
export type HelpLanguage = (typeof HELP_LANGUAGES)[number];

const HelpSchema = v.object({
  title: shortText,
  /** Origin that serves it, as it would serve it were it published; absent where nothing shows content. */
  contentUrl: v.optional(shortText),
  /** Origin of our page that prints it. */
  viewerUrl: v.optional(shortText),
});
export type Help = v.InferOutput<typeof HelpSchema>;

export const HELP_CALLS = {
  /** Opens it under an origin of its own, the same each time. */
  'help.open': call(v.object({ language: v.picklist(HELP_LANGUAGES) }), HelpSchema),
} as const;
