/** What lies in a folder of a user, asked for until its user answers; and what its files are called here. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { FolderJob } from '../../../shared/ipc/model.ts';
import type { ShelfFile } from '../../core/transfer/shelves.ts';
import { wait } from '../flow/waiting.ts';
import type { Clock } from '../jobs/clock.ts';
import type { JobHandle } from '../jobs/job-registry.ts';
import { isCaseBlind } from './folder-disk.ts';
import { NamePlan } from './folder-names.ts';
import type { FolderState, PlannedFile } from './folder-state.ts';

/** More than a node shares (docs/spec/search.md), and as many as are held in memory without pain. */
const MAX_FILES = 100_000;
/** A user that cannot be asked is asked again after the first, doubling to the second. */
const ASK_AGAIN_MS = 5_000;
const MAX_ASK_AGAIN_MS = 10 * 60_000;

export interface PlanDeps {
  readonly clock: Clock;
  /** All files below a folder of a user, page by page. */
  readonly list: (user: string, folder: string, signal: AbortSignal) => AsyncIterable<readonly ShelfFile[]>;
  readonly part: { readonly platform: string };
}

export interface PlanRequest {
  readonly userKey: string;
  readonly folder: string;
  /** Absolute: the directory that it becomes. */
  readonly target: string;
  /** Paths below the folder that are wanted at first; undefined: all. */
  readonly only: readonly string[] | undefined;
}

/** Notes it in `state`. Throws `not-found` where there is nothing, `usage` where there is too much, and what its user refuses. */
export async function planFolder(
  { clock, list, part }: PlanDeps,
  { userKey, folder, target, only }: PlanRequest,
  job: JobHandle<FolderJob>,
  state: FolderState,
): Promise<void> {
  const { signal } = job;
  let found: ShelfFile[] = [];
  for (let tries = 0; ; tries += 1) {
    job.update({ stage: 'listing', retryMs: undefined });
    try {
      found = [];
      for await (const page of list(userKey, folder, signal)) {
        found.push(...page);
        job.update({ filesInAll: found.length });
        if (found.length > MAX_FILES) throw tooMany();
      }
      break;
    } catch (thrown) {
      const isAway = thrown instanceof BroadsideError && (thrown.code === 'offline' || thrown.code === 'busy');
      if (!isAway || signal.aborted) throw thrown;
      const waitMs = Math.min(MAX_ASK_AGAIN_MS, ASK_AGAIN_MS * 2 ** Math.min(tries, 16));
      job.update({ retryMs: clock.now() + waitMs });
      await wait(clock, waitMs, signal);
    }
  }
  if (found.length === 0)
    throw new BroadsideError('not-found', 'Nothing lies in this folder now. Look through it again.');
  const names = new NamePlan(part.platform, part.platform !== 'linux' || (await isCaseBlind(target)));
  const files = found.map(({ root, sizeBytes, folder: below, name }): PlannedFile => {
    return { root, sizeBytes, folder: below, name, path: names.place(below, name) };
  });
  const wanted = only === undefined ? undefined : new Set(only);
  const left = files.flatMap(({ folder: below, name }, index) => {
    const isWanted = wanted === undefined || wanted.has(below === '' ? name : `${below}/${name}`);
    return isWanted ? [] : [index];
  });
  if (left.length === files.length)
    throw new BroadsideError(
      'not-found',
      'None of the files that were chosen lies in this folder now. Look through it again.',
    );
  await state.choose(left, false);
  await state.plan(files);
}

function tooMany(): BroadsideError {
  return new BroadsideError(
    'usage',
    `More than ${MAX_FILES} files lie in this folder. Load the folders in it one by one.`,
  );
}
