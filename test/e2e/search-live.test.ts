/**
 * Searching between two daemons of a practice network, in Chromium: what one shares the other finds by its words, hides and takes
 * back, and fetches after it agreed; and no word of it stays in the address.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { SharedFolder } from '../../shared/ipc/search-model.ts';
import type { AppWindow } from '../support/page.ts';
import type { Daemon } from '../support/practice.ts';
import { jobEnd } from '../support/practice.ts';
import { startStage } from './stage.ts';
import type { Stage } from './stage.ts';

const FILES = {
  'Harbour minutes 1911.txt': 'Taken as read.\n'.repeat(400),
  'plates/Dredger at the north bar.txt': 'Plate 4.\n',
  'harbour_viewer_setup.exe': 'no program at all\n',
};

let stage: Stage;
before(async () => {
  stage = await startStage('a', 'c');
});
after(() => stage?.stop());

/** Resolves once all of the folder is offered. */
async function share({ client }: Daemon, path: string): Promise<void> {
  const offered = Promise.withResolvers<void>();
  const look = (folders: readonly SharedFolder[]): void => {
    if (folders.some((folder) => folder.path === path && folder.offeredFiles === Object.keys(FILES).length))
      offered.resolve();
  };
  const stopListening = client.on('shares', look);
  await client.call('shares.add', { path });
  look(await client.call('shares.list', null));
  await offered.promise;
  stopListening();
}

/** Presses "Search again" until hubs have what was shared a moment ago. */
async function searchUntilFound(window: AppWindow, words: string): Promise<void> {
  await window.field.fill(words);
  await window.field.press('Enter');
  const again = window.button('Search again');
  const found = window.heading(/^[1-9]\d* found$/);
  for (;;) {
    await again.waitFor();
    if (await found.isVisible()) return;
    await again.click();
  }
}

describe('searching a practice network', { timeout: 180_000 }, () => {
  it('finds, hides, takes back, asks and fetches', async () => {
    const folder = stage.write('records', FILES);
    await share(stage.daemon('a'), folder);
    const window = await stage.open('c');
    const { page } = window;
    await searchUntilFound(window, 'harbour');
    await window.heading('2 found').waitFor();
    assert.doesNotMatch(await page.evaluate(() => location.href), /harbour/i);
    const program = page.locator('[aria-posinset]', { hasText: 'viewer_setup' });
    await program.getByText('Can harm your computer').waitFor();
    await window.inspect('found');

    await program.focus();
    await page.keyboard.press('h');
    await window.heading('1 found').waitFor();
    await window.button('Undo').click();
    await window.heading('2 found').waitFor();
    assert.deepEqual(await stage.daemon('c').client.call('hidden.list', null), []);

    await page.locator('[aria-posinset]', { hasText: 'minutes' }).focus();
    await page.keyboard.press('Enter');
    const target = join(stage.practice.directory, 'fetched');
    mkdirSync(target);
    await page.getByLabel('Folder to put it into').fill(target);
    await page.keyboard.press('Enter');
    await window.text('It is being fetched.').waitFor();
    const { client } = stage.daemon('c');
    const [job] = (await client.call('jobs.list', null)).filter(({ kind }) => kind === 'download');
    const ended = await jobEnd(client, job!.id, 'download');
    assert.equal(ended.state, 'done', ended.error?.message);
    const name = 'Harbour minutes 1911.txt';
    assert.deepEqual(readFileSync(join(target, name)), readFileSync(join(folder, name)));
    window.assertQuiet('fetched');
    await window.close();
  });
});
