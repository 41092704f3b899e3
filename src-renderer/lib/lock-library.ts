/** Locks the library, at once: what the button and the keys do. */
import { node } from './connection/node.svelte.ts';
import { t } from './messages/translate.ts';
import { notices } from './notices.svelte.ts';

export async function lockLibrary(): Promise<void> {
  if (node.lock?.state === 'locked') return;
  if (node.lock?.state === 'none' && node.settings?.['panic-wipes'] !== true) {
    notices.say(t('lock.noPassphrase'), true);
    return;
  }
  // The event of it empties every window.
  await notices.attempt(() => node.call('lock.lock', {}));
}
