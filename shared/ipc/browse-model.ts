/** What a user shares, folder by folder, as the interface sees it. */
import * as v from 'valibot';
import { NAME_WARNINGS } from '../base/file-kinds.ts';
import { amount, count, shortText } from './primitives.ts';
import { FileKindSchema } from './search-model.ts';

export const BrowsedFolderSchema = v.object({
  kind: v.literal('folder'),
  name: shortText,
  /** In it and below, as the user says. */
  files: count,
  sizeBytes: amount,
});

export const BrowsedFileSchema = v.object({
  kind: v.literal('file'),
  name: shortText,
  /** Below the folder that was asked for; '' where it lies in it. */
  folder: shortText,
  /** broadside:file/... */
  link: shortText,
  sizeBytes: amount,
  fileKind: FileKindSchema,
  /** It runs when opened (by its ending): said before anything else. */
  isProgram: v.boolean(),
  /** What in its name misleads. Absent: nothing. */
  warnings: v.optional(v.pipe(v.array(v.picklist(NAME_WARNINGS)), v.maxLength(NAME_WARNINGS.length))),
  /** Milliseconds since 1970, to the day: since when it is shared. */
  sinceMs: v.number(),
  /** On this machine, shared from it. */
  isHere: v.boolean(),
});
export type BrowsedFile = v.InferOutput<typeof BrowsedFileSchema>;

export const BrowsedEntrySchema = v.variant('kind', [BrowsedFolderSchema, BrowsedFileSchema]);
export type BrowsedEntry = v.InferOutput<typeof BrowsedEntrySchema>;

/** Folders by name, then files by name; at most 512 together. */
export const BrowsedPageSchema = v.object({
  /** In all that lies below the folder. */
  files: count,
  sizeBytes: amount,
  entries: v.pipe(v.array(BrowsedEntrySchema), v.maxLength(512)),
  /** More comes: `after` of the next question. */
  next: v.optional(shortText),
});
export type BrowsedPage = v.InferOutput<typeof BrowsedPageSchema>;
