/** The title of the window while something runs: how much comes in and how many run, so that it can be seen from another window. */
import type { Job, Status } from '../../shared/ipc/model.ts';
import { formatRate } from './format.ts';
import { t } from './messages/translate.ts';

/** Without names: a title is seen by whoever looks at the screen, and browsers remember it. */
export function windowTitle(jobs: readonly Job[] | undefined, status: Pick<Status, 'traffic'> | undefined): string {
  const count = (jobs ?? []).filter(({ state }) => state === 'running').length;
  if (count === 0 || status === undefined) return t('app.name');
  const rate = formatRate(status.traffic.inBytesPerSecond);
  return `${t('title.running', { rate, count })} – ${t('app.name')}`;
}
