/**
 * What the system tells while the window is away: a download or other work that ended, a wish that found something. Off until it is
 * asked for; without names unless those are, too, for it may stand on a lock screen.
 */
import type { Job } from '../../shared/ipc/model.ts';
import { node } from './connection/node.svelte.ts';
import { t } from './messages/translate.ts';
import { toldOfJob } from './told-of-job.ts';
import type { Told } from './told-of-job.ts';

/** Whether the browser lets this page notify; asks, where it was not asked before. To be called by a click. */
export async function mayNotify(): Promise<boolean> {
  if (window.broadside?.notify !== undefined) return true;
  if (!('Notification' in window)) return false;
  return (await Notification.requestPermission()) === 'granted';
}

/** Tells until the function returned is called. */
export function watchForNotifications(): () => void {
  let known = new Map<string, Job>();
  const stopJobs = $effect.root(() => {
    $effect(() => {
      const jobs = node.jobs;
      if (jobs === undefined) return;
      for (const job of jobs) {
        const told = toldOfJob(known.get(job.id), job);
        if (told !== undefined) tell(told);
      }
      known = new Map(jobs.map((job) => [job.id, job]));
    });
  });
  const stopWishes = node.on('wish', ({ id, query, notify }) => {
    if (notify)
      tell({
        title: t('notify.wish'),
        name: query,
        place: `#/search/${encodeURIComponent(`wish:${id}`)}`,
        tag: `wish ${id}`,
      });
  });
  return () => {
    stopJobs();
    stopWishes();
  };
}

function tell({ title, name, place, tag }: Told): void {
  const { settings } = node;
  // Whoever looks at the window sees it there.
  if (settings?.['notifications'] !== true || (!document.hidden && document.hasFocus())) return;
  const body = settings['notification-names'] === true ? name.slice(0, 256) : '';
  const bridge = window.broadside;
  if (bridge?.notify !== undefined) return bridge.notify(title, body, place);
  if (!('Notification' in window) || Notification.permission !== 'granted') return;
  const shown = new Notification(title, { body, tag });
  shown.addEventListener('click', () => {
    window.focus();
    location.hash = place;
    shown.close();
  });
}
