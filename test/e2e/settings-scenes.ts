/** States of moving the data directory, and of what locks and opens the library by itself: see more-states.test.ts. */
import type { Page } from 'playwright-core';
import { GB, MB } from '../../shared/base/units.ts';
import type { Move } from '../../shared/ipc/move-calls.ts';
import { DemoNode } from '../support/demo-contract.ts';
import type { Scene } from './scene.ts';

const AT = '/home/anna/.local/share/broadside';
const TO = '/media/anna/A disk with a name that is long enough to be broken/broadside';
const moving: Move = {
  ...{ state: 'copying', directory: AT, to: TO },
  ...{ doneBytes: 0.9 * GB, totalBytes: 2.8 * GB, bytesPerSecond: 61 * MB, secondsLeft: 31 },
};
const lookAt = async (page: Page, path: string): Promise<void> => {
  await page.getByRole('button', { name: 'Move…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Where to').fill(path);
  await dialog.getByRole('button', { name: 'Look at it' }).click();
};
const withKeyStore =
  (state: 'on' | 'off' | 'plain-text' | 'unavailable', more = {}) =>
  () =>
    new DemoNode({
      keyStore: { state, name: state === 'on' || state === 'off' ? 'GNOME Keyring (libsecret)' : '' },
      settings: { 'lock-after': '15' },
      ...more,
    });

export const SETTINGS_SCENES: readonly Scene[] = [
  {
    name: 'settings, a place that is not empty',
    hash: '#/settings/room',
    act: (page) => lookAt(page, '/media/anna/full'),
    shows: 'is not empty',
  },
  {
    name: 'settings, what moving does',
    node: withKeyStore('off'),
    hash: '#/settings/room',
    act: (page) => lookAt(page, TO),
    shows: 'it asks for the passphrase',
  },
  {
    name: 'settings, moving begins',
    hash: '#/settings/room',
    act: async (page) => {
      await lookAt(page, TO);
      await page.getByRole('button', { name: 'Stop and move' }).click();
    },
    shows: 'The node is stopping.',
  },
  { name: 'moving', node: () => new DemoNode({ move: moving }), shows: 'Everything is being copied.' },
  {
    name: 'moving, Arabic, large text',
    node: () => new DemoNode({ move: moving, settings: { language: 'ar', 'text-percent': 200 } }),
    shows: 'يجري نسخ كل شيء.',
  },
  {
    name: 'settings, it was not moved',
    node: () =>
      new DemoNode({
        move: {
          ...{ state: 'idle', directory: AT },
          problem: {
            code: 'no-space',
            message: `1.4 GB have to go to ${TO}, and 1 MB are free there. Free some room.`,
          },
        },
      }),
    hash: '#/settings/room',
    shows: 'The data directory was not moved',
  },
  { name: 'settings, opens without asking', node: withKeyStore('on'), hash: '#/settings/lock', shows: 'GNOME Keyring' },
  {
    name: 'settings, opening without asking is asked for',
    node: withKeyStore('off'),
    hash: '#/settings/lock',
    act: (page) => page.getByLabel('Open without asking on this computer').click(),
    shows: 'for whoever is logged in as you',
  },
  {
    name: 'settings, no key store that protects',
    node: withKeyStore('plain-text'),
    hash: '#/settings/lock',
    shows: 'as good as open',
  },
  {
    name: 'Arabic, settings of the lock',
    node: withKeyStore('unavailable', { settings: { language: 'ar', 'lock-after': '60' } }),
    hash: '#/settings/lock',
    shows: 'لا يجيب مخزن المفاتيح',
  },
  {
    name: 'Arabic, settings of the room',
    node: () => new DemoNode({ settings: { language: 'ar' } }),
    hash: '#/settings/room',
    shows: 'مجلد البيانات',
  },
];
