/** The line under every inked rule: what happens, for whom it waits, rate, time left. What is unknown is left out. */
import type {
  DeleteJob,
  DownloadJob,
  FolderJob,
  GetJob,
  Job,
  KeepJob,
  OpenJob,
  PublishJob,
  Share,
  UpdateJob,
} from '../../shared/ipc/model.ts';
import { everySecond } from './clock.svelte.ts';
import { errorWords } from './error-words.ts';
import { formatCount, formatDuration, formatRate, formatSize, series } from './format.ts';
import { putBackWords } from './keeping.ts';
import { t } from './messages/translate.ts';
import { countShares, waitingSentence } from './shares.ts';

export interface Progress {
  /** 0 ... 1, of what the sentence names; absent while its whole is not known. */
  readonly done?: number;
  readonly moving: number;
  readonly state: 'running' | 'waiting' | 'failed' | 'paused';
}

const part = (amount: number, whole: number): number => (whole <= 0 ? 0 : Math.min(1, amount / whole));
const UNKNOWN: Progress = { moving: 0, state: 'waiting' };

export function jobProgress(job: Job): Progress {
  const running = progressOfStage(job);
  if (job.state === 'failed') return { ...running, moving: 0, state: 'failed' };
  if (job.state === 'cancelled' || job.state === 'interrupted') return { ...running, moving: 0, state: 'paused' };
  if (job.state === 'done') return { done: 1, moving: 0, state: 'running' };
  if (isResting(job)) return { ...running, moving: 0, state: 'paused' };
  return running;
}

/** A publication or an update that the person paused. */
function isResting(job: Job): boolean {
  return (job.kind === 'publish' || job.kind === 'update') && job.state === 'running' && job.isPaused === true;
}

function progressOfStage(job: Job): Progress {
  switch (job.kind) {
    case 'publish':
    case 'update':
      return progressOfSending(job);
    case 'delete':
      return job.stage === 'looking' ? UNKNOWN : progressOf(job.slotsReplaced, job.slotsWanted);
    case 'keep':
      return job.blocksTotal === undefined
        ? progressOfShares(job.shares, job.n)
        : progressOf(job.blocksDone, job.blocksTotal);
    case 'check':
      return job.blocksSampled > 0
        ? progressOf(job.blocksFound, job.blocksSampled)
        : progressOfShares(job.shares, job.n);
    case 'open':
    case 'get':
      if (job.stage === 'asking') return progressOfShares(job.shares, job.k);
      if (job.stage === 'verifying') return { done: 1, moving: 0, state: 'running' };
      return job.bytesTotal === undefined ? UNKNOWN : progressOf(job.bytesDone, job.bytesTotal);
    case 'download': {
      const done = job.sizeBytes === undefined ? undefined : part(job.bytesDone, job.sizeBytes);
      const isWaiting = job.stage === 'finding' || job.stage === 'waiting' || job.stage === 'queued';
      return { ...(done !== undefined && { done }), moving: 0, state: isWaiting ? 'waiting' : 'running' };
    }
    case 'folder':
      if (job.sizeBytes === 0) return UNKNOWN;
      return { ...progressOf(job.bytesDone, job.sizeBytes), state: job.stage === 'loading' ? 'running' : 'waiting' };
  }
}

function progressOf(done: number, whole: number): Progress {
  return whole === 0 ? UNKNOWN : { done: part(done, whole), moving: 0, state: 'running' };
}

function progressOfShares(shares: readonly Share[], wanted: number): Progress {
  const found = countShares(shares, 'found');
  const moving = countShares(shares, 'moving');
  return {
    done: part(found, wanted),
    moving: part(Math.min(moving, Math.max(0, wanted - found)), wanted) * 0.5,
    state: found + moving === 0 ? 'waiting' : 'running',
  };
}

function progressOfSending(job: PublishJob | UpdateJob): Progress {
  switch (job.stage) {
    case 'looking':
    case 'comparing':
      return UNKNOWN;
    case 'reading':
      return { done: part(job.sealedBytes, job.sizeBytes), moving: 0, state: 'running' };
    case 'sending': {
      // Sealing runs ahead of sending: what is sealed and not sent yet is on its way.
      const sent = part(job.blocksSent, job.blocksTotal);
      return { done: sent, moving: Math.max(0, part(job.sealedBytes, job.sizeBytes) - sent) * 0.1, state: 'running' };
    }
    case 'shares':
      return progressOfShares(job.shares, job.n);
    case 'replacing':
      return job.kind === 'update' ? progressOf(job.slotsReplaced, job.slotsWanted) : UNKNOWN;
    case 'fetching-back':
    case 'done':
      return progressOfShares(job.fetchedBack, job.n);
  }
}

/** One line, without a full stop at its end. */
export function jobSentence(job: Job): string {
  if (job.state === 'failed') return job.error === undefined ? t('job.failed') : errorWords(job.error);
  if ((job.kind === 'download' || job.kind === 'folder') && job.isPaused === true && job.state !== 'running')
    return t('download.paused', { done: formatSize(job.bytesDone) });
  if (job.state === 'cancelled') return t('job.cancelled');
  if (job.state === 'interrupted') return t('job.interrupted');
  if (job.state === 'done') return doneSentence(job);
  if (isResting(job)) return t('publishing.pausedSentence');
  const parts = [stageSentence(job)];
  if (job.bytesPerSecond !== undefined && job.bytesPerSecond > 0) parts.push(formatRate(job.bytesPerSecond));
  if (job.secondsLeft !== undefined) parts.push(t('job.left', { time: formatDuration(job.secondsLeft * 1000) }));
  return series(parts);
}

function doneSentence(job: Job): string {
  switch (job.kind) {
    case 'publish':
      return job.fetchedBack.length === 0
        ? t('job.published')
        : t('job.publishedAndFetched', { found: countShares(job.fetchedBack, 'found'), n: job.n });
    case 'update':
      return updatedSentence(job);
    case 'delete':
      return t('job.deleted', placesOf(job));
    case 'open':
      return t('job.opened');
    case 'get':
      return job.path === undefined ? t('job.saved') : t('job.savedAs', { path: job.path });
    case 'check':
      return job.retrievable === false
        ? t('job.checkedBad', { found: countShares(job.shares, 'found'), n: job.n })
        : t('job.checked', { found: countShares(job.shares, 'found'), n: job.n });
    case 'keep':
      return keptSentence(job);
    case 'download':
      return t('download.done', { size: formatSize(job.bytesDone), path: job.path ?? '' });
    case 'folder':
      return t('folder.done', { count: job.filesDone, size: formatSize(job.sizeBytes), path: job.path ?? '' });
  }
}

const placesOf = (job: UpdateJob | DeleteJob): { done: string; total: string } => ({
  done: formatCount(job.slotsReplaced),
  total: formatCount(job.slotsWanted),
});

/** How an update ended; also above its page. */
export function updatedSentence(job: UpdateJob): string {
  const edition = formatCount(job.edition ?? 1);
  if (job.change === 'listing') return t(job.unlisting === undefined ? 'job.listed' : 'job.unlisted');
  if (job.outcome === 'unchanged') return t('job.unchanged', { edition });
  if (job.outcome === 'resumed') return t('job.resumed', { edition });
  return t(job.change === 'password' ? 'job.passwordChanged' : 'job.updated', { edition, ...placesOf(job) });
}

/** What became of its place in search, where that was to change. */
export function listingSentence({ listing, unlisting }: UpdateJob): string | undefined {
  if (unlisting !== undefined) return t(unlisting === 'done' ? 'changing.unlisted' : 'changing.unlistedLater');
  if (listing === undefined) return undefined;
  if (listing === 'done') return t('changing.listed');
  return t(listing === 'refused' ? 'changing.listRefused' : 'changing.listLater');
}

function keptSentence(job: KeepJob): string {
  const held = t('keep.held', {
    shares: formatCount(job.sharesHeld),
    n: formatCount(job.n),
    blocks: formatCount(job.blocksHeld),
    total: formatCount(job.blocksTotal ?? 0),
  });
  return t('job.kept', { held, back: putBackWords(job.sharesPutBack, job.blocksPutBack) });
}

function withWaiting(sentence: string, shares: readonly Share[]): string {
  const waiting = waitingSentence(shares);
  return waiting === undefined ? sentence : `${sentence}. ${waiting.replace(/\.$/, '')}`;
}

function stageSentence(job: Job): string {
  switch (job.kind) {
    case 'publish':
    case 'update':
      return sendingSentence(job);
    case 'delete':
      return job.stage === 'looking' || job.slotsWanted === 0 ? t('job.looking') : t('job.deleting', placesOf(job));
    case 'check':
      return job.blocksSampled > 0
        ? t('job.sampling', { done: formatCount(job.blocksFound), total: formatCount(job.blocksSampled) })
        : withWaiting(t('job.checking', { found: countShares(job.shares, 'found'), n: job.n }), job.shares);
    case 'keep':
      if (job.waiting === true) return t('job.keepWaiting');
      if (job.blocksTotal === undefined)
        return withWaiting(t('job.checking', { found: countShares(job.shares, 'found'), n: job.n }), job.shares);
      return series([
        t('job.keeping', { done: formatCount(job.blocksDone), total: formatCount(job.blocksTotal) }),
        ...(job.sharesPutBack + job.blocksPutBack > 0 ? [putBackWords(job.sharesPutBack, job.blocksPutBack)] : []),
      ]);
    case 'open':
    case 'get':
      return readingSentence(job);
    case 'download':
      return downloadSentence(job);
    case 'folder':
      return folderSentence(job);
  }
}

/** What is here of it, and for whom it waits. */
function folderSentence(job: FolderJob): string {
  const { userName: name, source, filesFailed } = job;
  const failed = filesFailed === 0 ? [] : [t('folder.failedSome', { count: filesFailed })];
  const counts = { done: formatCount(job.filesDone), total: formatCount(job.files) };
  switch (job.stage) {
    case 'listing':
      if (job.retryMs !== undefined) {
        const time = formatDuration(Math.max(1_000, job.retryMs - everySecond.now));
        return t('folder.again', { name, time });
      }
      return series([
        t('folder.listing', { name }),
        ...(job.filesInAll === 0 ? [] : [t('folder.listingSome', { count: job.filesInAll })]),
      ]);
    case 'queued':
      return t('folder.queued');
    case 'waiting':
      if (source?.state === 'queued' && source.place > 0) {
        const place = { place: formatCount(source.place), waiting: formatCount(source.waiting) };
        return series([t('folder.waitingAt', { ...counts, name, ...place }), ...failed]);
      }
      return series([t('folder.waiting', { ...counts, name }), ...failed]);
    case 'loading':
    case 'done': {
      const bytes = { bytes: formatSize(job.bytesDone), size: formatSize(job.sizeBytes) };
      return series([t('folder.loading', { ...counts, ...bytes }), ...failed]);
    }
  }
}

/** For whom it waits, and what comes next by itself. */
function downloadSentence(job: DownloadJob): string {
  const queued = job.sources.find(({ state }) => state === 'queued');
  const nextMs = Math.min(job.searchMs ?? Infinity, ...job.sources.map(({ retryMs }) => retryMs ?? Infinity));
  const wait = Number.isFinite(nextMs)
    ? t('download.again', { time: formatDuration(Math.max(1_000, nextMs - everySecond.now)) })
    : undefined;
  switch (job.stage) {
    case 'queued':
      return t('order.queued', { count: job.place ?? 1 });
    case 'finding':
      return series([t('download.finding'), ...(wait === undefined ? [] : [wait])]);
    case 'waiting':
      if (queued !== undefined) {
        return queued.place > 0
          ? t('download.queuedAt', {
              name: queued.name,
              place: formatCount(queued.place),
              waiting: formatCount(queued.waiting),
            })
          : t('download.queued', { name: queued.name });
      }
      return [t('download.noneOnline', { count: job.sources.length }), ...(wait === undefined ? [] : [wait])].join(
        ', ',
      );
    case 'loading':
      return t('download.loading', {
        done: formatSize(job.bytesDone),
        total: formatSize(job.sizeBytes ?? job.sizeHintBytes ?? 0),
        count: job.sources.filter(({ state }) => state === 'active').length,
      });
    case 'finishing':
    case 'done':
      return t('download.finishing');
  }
}

function sendingSentence(job: PublishJob | UpdateJob): string {
  switch (job.stage) {
    case 'looking':
      return t('job.looking');
    case 'comparing':
      return t('job.comparing');
    case 'reading':
      return t('job.reading', { done: formatSize(job.sealedBytes), total: formatSize(job.sizeBytes) });
    case 'sending':
      return t(job.kind === 'update' ? 'job.sendingChanged' : 'job.sending', {
        done: formatCount(job.blocksSent),
        total: formatCount(job.blocksTotal),
      });
    case 'shares':
      return withWaiting(t('job.placing', { found: countShares(job.shares, 'found'), n: job.n }), job.shares);
    case 'replacing':
      if (job.kind === 'update' && job.change === 'listing') return t('job.listing');
      return job.kind === 'update' && job.slotsWanted > 0 ? t('job.leadingOf', placesOf(job)) : t('job.leading');
    case 'fetching-back':
    case 'done':
      return withWaiting(
        t('job.fetchingBack', { found: countShares(job.fetchedBack, 'found'), n: job.n }),
        job.fetchedBack,
      );
  }
}

function readingSentence(job: OpenJob | GetJob): string {
  switch (job.stage) {
    case 'asking':
      return withWaiting(t('job.asking', { found: countShares(job.shares, 'found'), k: job.k }), job.shares);
    case 'verifying':
      return t('job.verifying');
    case 'blocks':
    case 'done':
      return job.bytesTotal === undefined
        ? t('job.fetching')
        : t('job.fetchingOf', { done: formatSize(job.bytesDone), total: formatSize(job.bytesTotal) });
  }
}
