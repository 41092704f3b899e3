/** Starts a job on the node and sees it through: progress, cancelling, and its end as a value or an error. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { Job } from '../../../shared/ipc/model.ts';
import type { Output } from './output.ts';
import { createProgress } from './progress.ts';
import type { Session } from './session.ts';

/** What is left of a get is said beside it. */
const CANCELLED = 'It was cancelled. Nothing half-written is under a final name.';

/**
 * Resolves with the job when it is done. Throws its error when it failed, and `cancelled` once it has stopped after
 * `signal` was aborted: whatever was half-written is gone by then, or noted to be gone on with. `onJob` sees each of its states.
 */
export async function runJob<Kind extends Job['kind']>(
  session: Session,
  kind: Kind,
  start: () => Promise<{ job: string }>,
  output: Output,
  signal: AbortSignal,
  onJob: (job: Extract<Job, { kind: Kind }>) => void = () => {},
): Promise<Extract<Job, { kind: Kind }>> {
  signal.throwIfAborted();
  const progress = createProgress(output);
  const early = new Map<string, Job>();
  let id: string | undefined;
  let ended: (job: Job) => void = () => {};
  const end = new Promise<Job>((resolve) => (ended = resolve));
  const stopListening = session.client.on('job', (job) => {
    if (id === undefined) early.set(job.id, job);
    else if (job.id === id) see(job);
  });
  const see = (job: Job): void => {
    onJob(job as Extract<Job, { kind: Kind }>);
    if (job.state === 'running') progress.show(job);
    else ended(job);
  };
  const cancel = (): void => {
    if (id === undefined) return;
    progress.end();
    output.say('Stopping');
    session.client.call('jobs.cancel', { job: id }).catch(() => undefined);
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    ({ job: id } = await Promise.race([start(), session.lost]));
    const seen = early.get(id);
    early.clear();
    if (seen !== undefined) see(seen);
    if (signal.aborted) cancel();
    const job = await Promise.race([end, session.lost]);
    if (job.state === 'cancelled') throw new BroadsideError('cancelled', CANCELLED);
    if (job.state === 'failed') {
      throw new BroadsideError(
        job.error?.code ?? 'unexpected',
        job.error?.message ?? 'The job failed without a reason.',
      );
    }
    if (job.kind !== kind) throw new Error(`a job of another kind: ${job.kind}`);
    return job as Extract<Job, { kind: Kind }>;
  } finally {
    progress.end();
    stopListening();
    signal.removeEventListener('abort', cancel);
  }
}

/**
 * How long to wait for a first neighbour before saying that there is none: a connection by the DHT takes under a second
 * here and some seconds behind a NAT; after this, something is wrong that waiting does not mend. A guess.
 */
export const FIRST_NEIGHBOUR_TIMEOUT_MS = 15_000;

/** Resolves when the node has a neighbour; throws `offline` after the time-out and `cancelled` when aborted. */
export async function waitForNeighbour(session: Session, output: Output, signal: AbortSignal): Promise<void> {
  const connected = await hasNeighbour(session, FIRST_NEIGHBOUR_TIMEOUT_MS, signal, () =>
    output.say('Waiting for a first neighbour'),
  );
  signal.throwIfAborted();
  if (!connected) {
    throw new BroadsideError(
      'offline',
      `No other node was found in ${FIRST_NEIGHBOUR_TIMEOUT_MS / 1000} seconds. Check the connection, and --bootstrap and --network if they were given.`,
    );
  }
}

/** False after `timeoutMs` or when aborted. */
export async function hasNeighbour(
  session: Session,
  timeoutMs: number,
  signal: AbortSignal,
  onWait: () => void,
): Promise<boolean> {
  let stopListening = (): void => {};
  let timer: NodeJS.Timeout | undefined;
  let onAbort = (): void => {};
  try {
    const reached = new Promise<boolean>((resolve) => {
      stopListening = session.client.on('status', (status) => {
        if (status.links > 0) resolve(true);
      });
      timer = setTimeout(resolve, timeoutMs, false);
      onAbort = () => resolve(false);
      signal.addEventListener('abort', onAbort, { once: true });
    });
    if ((await session.client.call('status.get', null)).links > 0) return true;
    onWait();
    return await Promise.race([reached, session.lost]);
  } finally {
    stopListening();
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
