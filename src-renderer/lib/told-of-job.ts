/** What is told of work that ended while the window was away. */
import type { Job } from '../../shared/ipc/model.ts';
import { t } from './messages/translate.ts';

export interface Told {
  readonly title: string;
  /** Of what; only shown where names are asked for. */
  readonly name: string;
  /** Where in the window it can be seen. */
  readonly place: string;
  /** A later one with the same takes its place. */
  readonly tag: string;
}

/** What is told of a job that went from one state to another; undefined: nothing. */
export function toldOfJob(before: Job | undefined, job: Job): Told | undefined {
  // What ended before it was known here, and what the person stopped, is no news. Looking after what is kept goes on by itself.
  if (before?.state !== 'running' || job.kind === 'keep') return undefined;
  if (job.state !== 'done' && job.state !== 'failed') return undefined;
  const isDone = job.state === 'done';
  const title =
    job.kind === 'download' || job.kind === 'folder'
      ? t(isDone ? 'notify.downloadDone' : 'notify.downloadFailed')
      : t(isDone ? 'notify.jobDone' : 'notify.jobFailed');
  return { title, name: job.title, place: '#/transfers', tag: `job ${job.id}` };
}
