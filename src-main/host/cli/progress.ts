/** What a job does, in one line: the stage, a bar where the whole is known, the rate and the time left where they are. */
import type { DownloadJob, FolderJob, Job, Unreached, UpdateJob } from '../../../shared/ipc/model.ts';
import { formatSize } from '../../../shared/base/size.ts';
import type { Output } from './output.ts';

const BAR_WIDTH = 24;

interface Picture {
  readonly stage: string;
  readonly detail: string;
  readonly fraction: number | undefined;
}

/** Shows each state of a job: redrawn on a terminal, a line for each new stage elsewhere. */
export function createProgress(output: Output): { show(job: Job): void; end(): void } {
  let lastStage = '';
  return {
    show(job) {
      if (output.quiet) return;
      const picture = pictureOf(job);
      if (output.terminal) {
        output.progress(lineOf(job, picture, output.width()));
      } else if (picture.stage !== lastStage) {
        output.say(picture.stage);
      }
      lastStage = picture.stage;
    },
    end() {
      output.progress('');
    },
  };
}

function pictureOf(job: Job): Picture {
  if (job.kind === 'download') return pictureOfDownload(job);
  if (job.kind === 'folder') return pictureOfFolder(job);
  const found = job.shares.filter((share) => share.state === 'found').length;
  switch (job.kind) {
    case 'publish': {
      const blocks = `${job.blocksSent} of ${job.blocksTotal} blocks`;
      const fetched = job.fetchedBack.filter((share) => share.state === 'found').length;
      switch (job.stage) {
        case 'reading':
          return {
            stage: 'Reading and sealing',
            detail: '',
            fraction: job.sizeBytes > 0 ? job.sealedBytes / job.sizeBytes : undefined,
          };
        case 'sending':
          return {
            stage: 'Sending',
            detail: blocks,
            fraction: job.blocksTotal > 0 ? job.blocksSent / job.blocksTotal : undefined,
          };
        case 'shares':
          return { stage: 'Placing shares', detail: `${found} of ${job.n}`, fraction: found / job.n };
        case 'fetching-back':
          return { stage: 'Fetching shares back', detail: `${fetched} of ${job.n}`, fraction: fetched / job.n };
        case 'done':
          return { stage: 'Done', detail: '', fraction: 1 };
      }
      break;
    }
    case 'update':
      return pictureOfUpdate(job);
    case 'delete':
      return job.stage === 'looking' ? LOOKING : pictureOfSlots('Deleting', job);
    case 'open':
    case 'get':
      switch (job.stage) {
        case 'asking':
          return {
            stage: 'Asking for shares',
            detail: `${found} found, ${job.k} are enough`,
            fraction: job.k > 0 ? Math.min(1, found / job.k) : undefined,
          };
        case 'verifying':
          return { stage: 'Verifying', detail: `${found} shares`, fraction: undefined };
        case 'blocks': {
          const whole = job.bytesTotal ?? 0;
          const detail = whole > 0 ? `${formatSize(job.bytesDone)} of ${formatSize(whole)}` : formatSize(job.bytesDone);
          return { stage: 'Fetching', detail, fraction: whole > 0 ? job.bytesDone / whole : undefined };
        }
        case 'done':
          return { stage: 'Done', detail: '', fraction: 1 };
      }
      break;
    case 'check':
      return {
        stage: 'Checking',
        detail: `${found} of ${job.n} shares, ${job.blocksFound} of ${job.blocksSampled} blocks`,
        fraction: undefined,
      };
    case 'keep':
      if (job.waiting === true)
        return { stage: 'Waiting until another publication has been looked after', detail: '', fraction: undefined };
      return {
        stage: job.blocksTotal === undefined ? 'Looking at shares' : 'Looking after blocks',
        detail:
          job.blocksTotal === undefined
            ? `${found} of ${job.n}`
            : `${job.blocksHeld} of ${job.blocksTotal} held, ${job.blocksPutBack} put back`,
        fraction: job.blocksTotal === undefined ? undefined : job.blocksDone / Math.max(1, job.blocksTotal),
      };
  }
}

/** Why no neighbour carries a link to a node that cannot be reached. */
const UNREACHED: Readonly<Record<Unreached, string>> = {
  off: 'neighbours that could carry to it carry for nobody',
  stranger: 'neighbours that could carry to it do not know this node for long enough',
  busy: 'neighbours that could carry to it carry as much as they may',
  spent: 'what a neighbour carries for this node in a day is used up',
  refused: 'it took no link by a neighbour',
  lost: 'the neighbour that carried lost its own link to it',
};

/** For whom it waits, where it does. */
function pictureOfDownload(job: DownloadJob): Picture {
  const fraction = job.sizeBytes === undefined ? undefined : job.bytesDone / Math.max(1, job.sizeBytes);
  const active = job.sources.filter(({ state }) => state === 'active').length;
  const queued = job.sources.find(({ state }) => state === 'queued');
  switch (job.stage) {
    case 'queued':
      return { stage: 'Waiting for its turn', detail: `${job.place ?? ''}`, fraction };
    case 'finding':
      return { stage: 'Looking for nodes that have it', detail: '', fraction };
    case 'waiting': {
      const place = queued === undefined || queued.place === 0 ? '' : `, place ${queued.place} of ${queued.waiting}`;
      const unreached = job.sources.find((source) => source.unreached !== undefined)?.unreached;
      const why = unreached === undefined ? '' : `; one cannot be reached: ${UNREACHED[unreached]}`;
      return queued === undefined
        ? { stage: 'Waiting for those who have it', detail: `${job.sources.length} known${why}`, fraction }
        : { stage: 'Waiting for an upload slot', detail: `${queued.name}${place}`, fraction };
    }
    case 'loading': {
      const whole = job.sizeBytes === undefined ? '' : ` of ${formatSize(job.sizeBytes)}`;
      return { stage: 'Loading', detail: `${formatSize(job.bytesDone)}${whole}, ${active} sources`, fraction };
    }
    case 'finishing':
    case 'done':
      return { stage: 'Writing', detail: '', fraction: 1 };
  }
}

function pictureOfFolder(job: FolderJob): Picture {
  const { stage, source, filesDone, files, sizeBytes, bytesDone } = job;
  if (stage === 'listing')
    return { stage: 'Asking what is in the folder', detail: `${job.filesInAll} files`, fraction: undefined };
  const fraction = sizeBytes === 0 ? undefined : bytesDone / sizeBytes;
  const detail = `${filesDone} of ${files} files, ${formatSize(bytesDone)} of ${formatSize(sizeBytes)}`;
  if (stage !== 'waiting') return { stage: stage === 'queued' ? 'Waiting for its turn' : 'Loading', detail, fraction };
  const isQueued = source?.state === 'queued' && source.place > 0;
  const place = isQueued ? `place ${source.place} of ${source.waiting}, ` : '';
  return { stage: 'Waiting for its user', detail: place + detail, fraction };
}

const LOOKING: Picture = { stage: 'Looking for all editions', detail: '', fraction: undefined };

function pictureOfSlots(
  stage: string,
  { slotsReplaced, slotsWanted }: { readonly slotsReplaced: number; readonly slotsWanted: number },
): Picture {
  const fraction = slotsWanted > 0 ? slotsReplaced / slotsWanted : undefined;
  return { stage, detail: `${slotsReplaced} of ${slotsWanted} slots`, fraction };
}

function pictureOfUpdate(job: UpdateJob): Picture {
  const found = job.shares.filter((share) => share.state === 'found').length;
  const fetched = job.fetchedBack.filter((share) => share.state === 'found').length;
  switch (job.stage) {
    case 'looking':
      return LOOKING;
    case 'comparing':
      return { stage: 'Comparing files', detail: '', fraction: undefined };
    case 'sending':
      return {
        stage: 'Sending what changed',
        detail: `${job.blocksSent} of ${job.blocksTotal} blocks, ${job.blocksKept} kept`,
        fraction: job.blocksTotal > 0 ? job.blocksSent / job.blocksTotal : undefined,
      };
    case 'shares':
      return { stage: 'Placing shares', detail: `${found} of ${job.n}`, fraction: found / job.n };
    case 'fetching-back':
      return { stage: 'Fetching shares back', detail: `${fetched} of ${job.n}`, fraction: fetched / job.n };
    case 'replacing':
      if (job.change === 'listing') return { stage: 'Telling hubs', detail: '', fraction: undefined };
      return pictureOfSlots('Leading earlier links to it', job);
    case 'done':
      return { stage: 'Done', detail: '', fraction: 1 };
  }
}

/** A picture as one line of a terminal, with rate and time left where they are known. */
export function lineOf(
  job: Pick<Job, 'bytesPerSecond' | 'secondsLeft'>,
  { stage, detail, fraction }: Picture,
  width: number,
): string {
  const parts = [stage];
  if (fraction !== undefined) {
    const done = Math.max(0, Math.min(BAR_WIDTH, Math.floor(fraction * BAR_WIDTH)));
    parts.push(
      `[${'#'.repeat(done)}${'-'.repeat(BAR_WIDTH - done)}] ${String(Math.floor(Math.min(1, fraction) * 100)).padStart(3)} %`,
    );
  }
  if (detail !== '') parts.push(detail);
  if (job.bytesPerSecond !== undefined) parts.push(`${formatSize(job.bytesPerSecond)}/s`);
  if (job.secondsLeft !== undefined) parts.push(`${formatSeconds(job.secondsLeft)} left`);
  return parts.join('  ').slice(0, Math.max(10, width - 1));
}

export function formatSeconds(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
