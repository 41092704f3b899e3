/** The line under every inked rule: what happens, for whom it waits, rate, time left. What is unknown is left out. */
import type { Job } from '../../shared/ipc/model.ts';
import { formatCount, formatDuration, formatRate, formatSize } from './format.ts';
import { t } from './messages/translate.ts';
import { countShares, waitingSentence } from './shares.ts';

export interface Progress {
  /** 0 ... 1, of what the sentence names; absent while its whole is not known. */
  readonly done?: number;
  readonly moving: number;
  readonly state: 'running' | 'waiting' | 'failed' | 'paused';
}

const part = (amount: number, whole: number): number => (whole <= 0 ? 0 : Math.min(1, amount / whole));

export function jobProgress(job: Job): Progress {
  const running = progressOfStage(job);
  if (job.state === 'failed') return { ...running, moving: 0, state: 'failed' };
  if (job.state === 'cancelled') return { ...running, moving: 0, state: 'paused' };
  if (job.state === 'done') return { done: 1, moving: 0, state: 'running' };
  return running;
}

function progressOfStage(job: Job): Progress {
  const ofShares = (shares: typeof job.shares, wanted: number): Progress => {
    const found = countShares(shares, 'found');
    const moving = countShares(shares, 'moving');
    return {
      done: part(found, wanted),
      moving: part(Math.min(moving, Math.max(0, wanted - found)), wanted) * 0.5,
      state: found + moving === 0 ? 'waiting' : 'running',
    };
  };
  switch (job.kind) {
    case 'publish':
      switch (job.stage) {
        case 'reading':
          return { done: part(job.sealedBytes, job.sizeBytes), moving: 0, state: 'running' };
        case 'sending': {
          // Sealing runs ahead of sending: what is sealed and not sent yet is on its way.
          const sent = part(job.blocksSent, job.blocksTotal);
          return {
            done: sent,
            moving: Math.max(0, part(job.sealedBytes, job.sizeBytes) - sent) * 0.1,
            state: 'running',
          };
        }
        case 'shares':
          return ofShares(job.shares, job.n);
        default:
          return ofShares(job.fetchedBack, job.n);
      }
    case 'check':
      return job.blocksSampled > 0
        ? { done: part(job.blocksFound, job.blocksSampled), moving: 0, state: 'running' }
        : ofShares(job.shares, job.n);
    default:
      if (job.stage === 'asking') return ofShares(job.shares, job.k);
      if (job.stage === 'verifying') return { done: 1, moving: 0, state: 'running' };
      return job.bytesTotal === undefined
        ? { moving: 0, state: 'waiting' }
        : { done: part(job.bytesDone, job.bytesTotal), moving: 0, state: 'running' };
  }
}

/** One line, without a full stop at its end. */
export function jobSentence(job: Job): string {
  if (job.state === 'failed') return job.error?.message ?? t('job.failed');
  if (job.state === 'cancelled') return t('job.cancelled');
  if (job.state === 'done') return doneSentence(job);
  const parts = [stageSentence(job)];
  if (job.bytesPerSecond !== undefined && job.bytesPerSecond > 0) parts.push(formatRate(job.bytesPerSecond));
  if (job.secondsLeft !== undefined) parts.push(t('job.left', { time: formatDuration(job.secondsLeft * 1000) }));
  return parts.join(', ');
}

function doneSentence(job: Job): string {
  switch (job.kind) {
    case 'publish':
      return job.fetchedBack.length === 0
        ? t('job.published')
        : t('job.publishedAndFetched', { found: countShares(job.fetchedBack, 'found'), n: job.n });
    case 'open':
      return t('job.opened');
    case 'get':
      return job.path === undefined ? t('job.saved') : t('job.savedAs', { path: job.path });
    case 'check':
      return job.retrievable === false
        ? t('job.checkedBad', { found: countShares(job.shares, 'found'), n: job.n })
        : t('job.checked', { found: countShares(job.shares, 'found'), n: job.n });
  }
}

function stageSentence(job: Job): string {
  const withWaiting = (sentence: string, shares: typeof job.shares): string => {
    const waiting = waitingSentence(shares);
    return waiting === undefined ? sentence : `${sentence}. ${waiting.replace(/\.$/, '')}`;
  };
  switch (job.kind) {
    case 'publish':
      switch (job.stage) {
        case 'reading':
          return t('job.reading', { done: formatSize(job.sealedBytes), total: formatSize(job.sizeBytes) });
        case 'sending':
          return t('job.sending', { done: formatCount(job.blocksSent), total: formatCount(job.blocksTotal) });
        case 'shares':
          return withWaiting(t('job.placing', { found: countShares(job.shares, 'found'), n: job.n }), job.shares);
        default:
          return withWaiting(
            t('job.fetchingBack', { found: countShares(job.fetchedBack, 'found'), n: job.n }),
            job.fetchedBack,
          );
      }
    case 'check':
      return job.blocksSampled > 0
        ? t('job.sampling', { done: formatCount(job.blocksFound), total: formatCount(job.blocksSampled) })
        : withWaiting(t('job.checking', { found: countShares(job.shares, 'found'), n: job.n }), job.shares);
    default:
      switch (job.stage) {
        case 'asking':
          return withWaiting(t('job.asking', { found: countShares(job.shares, 'found'), k: job.k }), job.shares);
        case 'verifying':
          return t('job.verifying');
        default:
          return job.bytesTotal === undefined
            ? t('job.fetching')
            : t('job.fetchingOf', { done: formatSize(job.bytesDone), total: formatSize(job.bytesTotal) });
      }
  }
}
