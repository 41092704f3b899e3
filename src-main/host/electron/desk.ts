/**
 * What the desktop is asked to do for the interface, decided without Electron: which file may be opened or shown, what is notified, and
 * what badge and progress bar say. main.ts wires it.
 */
import { isProgram, nameWarnings } from '../../../shared/base/file-kinds.ts';
import type { Job } from '../../../shared/ipc/model.ts';

/** Longest texts that the system is given; longer ones are cut. */
const MAX_TITLE = 128;
const MAX_BODY = 256;

/**
 * The file of a download that is done, named by its job and never by a path of the page's. To be opened it must be nothing that runs,
 * and of a name that says what it is; its folder may be shown in any case.
 */
export function finishedPath(job: Job | undefined, why: 'open' | 'show'): string | undefined {
  if (job?.kind !== 'download' || job.state !== 'done' || job.path === undefined) return undefined;
  const name = job.path.replace(/^.*[\\/]/, '');
  const isDangerous = isProgram(name) || nameWarnings(name).length > 0;
  return why === 'open' && isDangerous ? undefined : job.path;
}

export interface Notice {
  readonly title: string;
  readonly body: string;
  /** In the interface: a hash. */
  readonly place: string;
}

/** Undefined for what is no notice. */
export function readNotice(value: unknown): Notice | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { title, body, place } = value as Partial<Record<keyof Notice, unknown>>;
  if (typeof title !== 'string' || title === '' || typeof body !== 'string') return undefined;
  if (typeof place !== 'string' || !/^#\/[\w%:/-]{0,256}$/.test(place)) return undefined;
  return { title: title.slice(0, MAX_TITLE), body: body.slice(0, MAX_BODY), place };
}

/** Of all that runs: how many, and how much of what is loaded is here, 0 ... 1; undefined where nothing is loaded or no size is known. */
export function totalsOf(jobs: readonly Job[]): { readonly running: number; readonly done: number | undefined } {
  const running = jobs.filter(({ state }) => state === 'running');
  let [here, whole] = [0, 0];
  for (const job of running) {
    if ((job.kind !== 'download' && job.kind !== 'folder') || job.sizeBytes === undefined) continue;
    here += job.bytesDone;
    whole += job.sizeBytes;
  }
  return { running: running.length, done: whole === 0 ? undefined : here / whole };
}
