/** What readers would see of something before it is published. Part of the contract (contract.ts). */
import * as v from 'valibot';
import { BlockedSchema } from './model.ts';
import { text } from './primitives.ts';

/** What readers would see of a source, made by what they see it with; before anything is sent. */
export const PreviewSchema = v.object({
  /** Origin that serves it as it would be served; absent where nothing shows content. The latest few previews are kept. */
  contentUrl: v.optional(text(4096)),
  viewerUrl: v.optional(text(4096)),
  /** Left out of all documents together. */
  blocked: v.array(BlockedSchema),
  /** Documents that something is left out of; at most the first 200. */
  pages: v.array(v.object({ path: text(4096), blocked: v.array(BlockedSchema) })),
  /** Addresses of the publication itself that it has nothing under; at most the first 200. */
  brokenLinks: v.array(v.object({ page: text(4096), target: text(4096) })),
  brokenCount: v.number(),
  /** Documents that are too large to be shown, so that readers can only save them; at most the first 200. */
  notShown: v.array(text(4096)),
  /** Documents that were looked through, and those that were too many to be. */
  documents: v.number(),
  unchecked: v.number(),
});
export type Preview = v.InferOutput<typeof PreviewSchema>;
