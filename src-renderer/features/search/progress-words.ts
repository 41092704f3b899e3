/** What a search does, or how it ended, in a sentence. */
import type { SearchState } from '../../../shared/ipc/search-model.ts';
import { formatCount, formatElapsed } from '../../lib/format.ts';
import { t } from '../../lib/messages/translate.ts';

/** Less is not worth telling: the least that is written. */
const LEAST_MS = 100;

function askedWords({ hubsAsked, hubsKnown }: SearchState): string {
  if (hubsKnown === 0) return t('search.askedNeighbours');
  return t('search.askedHubs', { asked: formatCount(hubsAsked), count: Math.max(hubsAsked, hubsKnown) });
}

/** How long it has taken; of one that ended, how long it took. */
export function searchMs(state: SearchState, nowMs: number): number {
  return Math.max(0, (state.endedMs ?? nowMs) - state.startedMs);
}

/** "Still looking: 12 of 19 hubs asked, 0.6 s" */
export function progressSentence(state: SearchState, nowMs: number): string {
  const values = { asked: askedWords(state), time: formatElapsed(Math.max(LEAST_MS, searchMs(state, nowMs))) };
  if (state.state === 'searching') return t('search.looking', values);
  switch (state.end) {
    case 'enough':
      return t('search.enough', values);
    case 'time':
      return t('search.timeOver', values);
    case 'no-hubs':
      return t('search.nobody');
    case 'stopped':
      return t('search.stopped', values);
    default:
      return state.state === 'stopped' ? t('search.stopped', values) : t('search.exhausted', values);
  }
}

/** 0 ... 1; absent while there is nobody to count. */
export function progressOf({ hubsAsked, hubsKnown, state, end }: SearchState): number | undefined {
  if (state === 'done' && end !== 'no-hubs') return 1;
  return hubsKnown === 0 ? undefined : Math.min(1, hubsAsked / hubsKnown);
}
