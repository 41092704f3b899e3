/** Tells the node that somebody is here, where the library locks by itself when nobody is: what a person does, and nothing else. */
import { node } from './connection/node.svelte.ts';

/** As seldom as it can be told without the node's locking too early: the shortest time that can be chosen is five minutes. */
const TELL_MS = 20_000;
const ACTIONS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const;

/** The function returned ends it. */
export function watchForActivity(): () => void {
  let toldMs = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tell = (): void => {
    timer = undefined;
    toldMs = performance.now();
    // Where the connection broke it is told with the next action.
    node.call('lock.active', null).catch(() => undefined);
  };
  const acted = (): void => {
    if (timer !== undefined || node.lock?.state !== 'open' || node.settings?.['lock-after'] === 'off') return;
    // The last of several counts as well as the first.
    timer = setTimeout(tell, Math.max(0, toldMs + TELL_MS - performance.now()));
  };
  for (const name of ACTIONS) window.addEventListener(name, acted, { passive: true, capture: true });
  return () => {
    clearTimeout(timer);
    for (const name of ACTIONS) window.removeEventListener(name, acted, { capture: true });
  };
}
