/** Keys. In a browser only those that it leaves to pages; in a window of our own the usual ones with the command key. */
import { jobsPanel } from '../features/jobs/jobs-panel-state.svelte.ts';
import { field } from '../lib/field.svelte.ts';
import { goKeys } from '../lib/go-keys.ts';
import { keyOf } from '../lib/key-of.ts';
import { lockLibrary } from '../lib/lock-library.ts';
import { closeTab } from '../lib/open-link.ts';
import { inOwnWindow, onMac } from '../lib/platform.ts';
import { router, SECTIONS } from '../lib/route.svelte.ts';
import type { Section } from '../lib/route.svelte.ts';

class ShortcutSheet {
  open = $state(false);
}
export const shortcutSheet = new ShortcutSheet();

const AFTER_G: Readonly<Record<string, Section>> = {
  h: 'home',
  s: 'search',
  p: 'publish',
  l: 'library',
  t: 'transfers',
  n: 'network',
};

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches('input:not([type=checkbox], [type=radio], [type=range]), textarea, select'))
  );
}

function withCommand(event: KeyboardEvent): boolean {
  if (!inOwnWindow) return false;
  const key = keyOf(event);
  if (key === 'l') field.focus();
  else if (key === 'n') router.go('publish');
  else if (key === 'o') field.focus();
  else if (key === 'j') jobsPanel.open = !jobsPanel.open;
  else if (key === 'i' && router.current.view !== 'read') router.go('about');
  else if (key === 'w' && router.current.view === 'read') void closeTab(router.current.detail);
  else if (/^[1-6]$/.test(key)) router.go(SECTIONS[Number(key) - 1]!);
  else return false;
  return true;
}

export function handleShortcut(event: KeyboardEvent): void {
  // Whatever is open and wherever somebody types: whoever presses it has no time.
  if ((onMac ? event.metaKey : event.ctrlKey) && event.shiftKey && keyOf(event) === 'l') {
    event.preventDefault();
    void lockLibrary();
    return;
  }
  if (event.defaultPrevented || event.altKey || document.querySelector('dialog[open]') !== null) return;
  const command = onMac ? event.metaKey : event.ctrlKey;
  if (command || event.metaKey || event.ctrlKey) {
    if (command && !event.shiftKey && withCommand(event)) event.preventDefault();
    return;
  }
  if (event.key === 'Escape' && isTyping(event.target)) {
    (event.target as HTMLElement).blur();
    return;
  }
  if (isTyping(event.target)) return;
  if (plainKey(event)) event.preventDefault();
}

function plainKey(event: KeyboardEvent): boolean {
  const key = keyOf(event);
  const section = AFTER_G[key];
  if (section !== undefined && goKeys.isWaiting(event)) {
    goKeys.forget();
    router.go(section);
    return true;
  }
  goKeys.press(event);
  if (key === '?') shortcutSheet.open = true;
  else if (key === '/' || key === 'o') field.focus();
  else if (key === 'n') router.go('publish');
  else return false;
  return true;
}
