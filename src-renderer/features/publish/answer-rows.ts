/** The table of shares fetched back: neighbours in number with the same answer share a row. */
import type { Share, ShareState } from '../../../shared/ipc/model.ts';
import { formatCount, formatDuration } from '../../lib/format.ts';
import { t } from '../../lib/messages/translate.ts';

export interface AnswerRow {
  /** "1 to 8", or "9". */
  readonly shares: string;
  readonly answer: string;
  readonly after: string;
  readonly tone: '' | 'caution' | 'errata' | 'ink-3';
}

const ANSWERS = {
  found: 'answer.found',
  moving: 'answer.moving',
  missing: 'answer.missing',
  bad: 'answer.bad',
  unasked: 'answer.unasked',
} as const satisfies Record<ShareState, string>;
const TONES: Readonly<Record<ShareState, AnswerRow['tone']>> = {
  found: '',
  moving: 'ink-3',
  missing: 'caution',
  bad: 'errata',
  unasked: 'ink-3',
};

export function answerRows(shares: readonly Share[]): AnswerRow[] {
  const runs: Share[][] = [];
  for (const share of shares.toSorted((a, b) => a.index - b.index)) {
    const last = runs.at(-1);
    const before = last?.at(-1);
    if (last !== undefined && before?.state === share.state && before.index === share.index - 1) last.push(share);
    else runs.push([share]);
  }
  return runs.map((run) => {
    const first = run[0]!;
    const last = run.at(-1)!;
    const times = run.map((share) => share.afterMs).filter((time) => time !== undefined);
    const [least, most] = [Math.min(...times), Math.max(...times)];
    return {
      shares: run.length === 1 ? formatCount(first.index) : t('answer.range', { first: first.index, last: last.index }),
      answer: t(ANSWERS[first.state]),
      after:
        times.length === 0
          ? ''
          : least === most
            ? formatDuration(most, 'short')
            : t('answer.range', { first: formatDuration(least, 'short'), last: formatDuration(most, 'short') }),
      tone: TONES[first.state],
    };
  });
}
