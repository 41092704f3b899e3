/** What every job has, and how it failed. */
import * as v from 'valibot';
import { ERROR_CODES } from '../base/errors.ts';
import { amount, shortText } from './primitives.ts';

export const ErrorSchema = v.object({ code: v.picklist(ERROR_CODES), message: shortText });
export type ErrorInfo = v.InferOutput<typeof ErrorSchema>;

/** interrupted: the node ended while it ran, and it can be gone on with (jobs.resume) or given up (jobs.dismiss). */
export const JobStateSchema = v.picklist(['running', 'done', 'failed', 'cancelled', 'interrupted']);
export type JobState = v.InferOutput<typeof JobStateSchema>;

export const jobBase = {
  id: shortText,
  title: shortText,
  state: JobStateSchema,
  startedMs: v.number(),
  finishedMs: v.optional(v.number()),
  error: v.optional(ErrorSchema),
  /** Present while a rate is known; never guessed. */
  bytesPerSecond: v.optional(amount),
  secondsLeft: v.optional(amount),
};
