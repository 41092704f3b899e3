/** The calls of folders that are loaded, of the order of downloads, and of what went and came: part of the contract (contract.ts). */
import * as v from 'valibot';
import { DownloadJobSchema, PrioritySchema } from './download-model.ts';
import { FolderFileSchema } from './folder-model.ts';
import { call, nothing, text, whole } from './primitives.ts';
import { TransferFiguresSchema } from './transfer-model.ts';

const jobKey = { job: text(64) };
const MAX_INDEX = 99_999;
export const fileIndex = whole(0, MAX_INDEX);
const fileIndexes = v.pipe(v.array(fileIndex), v.maxLength(MAX_INDEX + 1));

export const TRANSFER_CALLS = {
  /**
   * Job 'folder': a folder of what a user shares, with its tree, into `directory` or to `path`. Asked for straight: both ends learn each
   * other's address. `usage` for a place that cannot be. `only`: files in it, as paths below the folder; absent: all. It goes on after a
   * restart of the node, until it is cancelled. What is being loaded to the same place already answers that job.
   */
  'folder.start': call(
    v.object({
      user: text(64),
      folder: text(512),
      directory: text(4096),
      path: v.optional(text(4096)),
      only: v.optional(v.pipe(v.array(text(768)), v.maxLength(1_000))),
    }),
    v.object(jobKey),
  ),
  /** Asks for nothing more; what is here stays, and jobs.resume goes on with it. */
  'folder.pause': call(v.object(jobKey), nothing),
  /** Takes it off the list, and what is unfinished off the disk; with `files` what is whole, too. */
  'folder.discard': call(v.object({ ...jobKey, files: v.boolean() }), nothing),
  /**
   * At most 500 of its files, from `from` on; none until its user has said what there is. Of one that is done those that are whole, with
   * the numbers that they had. `not-found` for one of which nothing is known any more.
   */
  'folder.files': call(
    v.object({ ...jobKey, from: fileIndex }),
    v.object({ files: v.array(FolderFileSchema), total: v.number() }),
  ),
  /** One of them, and how its loading fares, or what became of it: as a download of its own, whose id is that of the folder, '/' and its number. */
  'folder.file': call(
    v.object({ ...jobKey, file: fileIndex }),
    v.object({ file: FolderFileSchema, load: DownloadJobSchema }),
  ),
  /**
   * Which of its files are wanted. Whole files stay in either case; of one that is not wanted any more, what is half here goes off the
   * disk.
   */
  'folder.choose': call(v.object({ ...jobKey, files: fileIndexes, wanted: v.boolean() }), nothing),
  /** This file comes next, and is tried again when it failed. */
  'folder.next': call(v.object({ ...jobKey, file: fileIndex }), nothing),
  /** Which of its files come before others of it; beside other downloads this adds to the priority of the folder. */
  'folder.order': call(v.object({ ...jobKey, files: fileIndexes, priority: PrioritySchema }), nothing),
  /** Jobs 'download' and 'folder': whose turn comes first, and the place among those of one priority. */
  'download.order': call(
    v.object({
      ...jobKey,
      priority: v.optional(PrioritySchema),
      move: v.optional(v.picklist(['first', 'earlier', 'later', 'last'])),
    }),
    nothing,
  ),
  'transfers.figures': call(nothing, TransferFiguresSchema),
} as const;
