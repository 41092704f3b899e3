/** States of what users share, and of folders that are loaded, for more-states.test.ts. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { BroadsideError } from '../../shared/base/errors.ts';
import { DemoNode } from '../support/demo-contract.ts';
import { demoFolderJob } from '../support/demo-loading.ts';
import type { LoadingStory } from '../support/demo-loading.ts';
import { demoUser } from '../support/demo-results.ts';
import { demoDownloadJob, demoPlay } from '../support/demo-things.ts';
import type { Scene } from './scene.ts';

const SHELVES = {
  'Harbour/Minutes 1911.pdf': 2_400_000,
  'Harbour/plans/quay.tif': 48_000_000,
  'Tide tables.csv': 61_000,
  'Lock gates of the old harbour, filmed on the last day before they were taken down.mov': 733_000_000,
  'viewer.pdf.exe': 90_112,
};
const user = demoUser('k4fq 5d2m', { label: 'Tidewatch' });
const withUser = (loading: LoadingStory) => () => new DemoNode({ search: { users: [user] }, loading });

async function open(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Look through what Tidewatch shares' }).click();
}
async function look(page: Page): Promise<void> {
  await open(page);
  await page.getByRole('button', { name: 'Look through it' }).click();
}

const link = `broadside:file/${'a'.repeat(52)}`;
const loading = (): DemoNode =>
  new DemoNode({
    // Nothing is shown of it: its origin has nothing open.
    onPlay: (job) => demoPlay({ id: job, title: 'quay' }, 2),
    jobs: [
      demoFolderJob(),
      demoDownloadJob(link, { title: 'Film of the quay.mkv', stage: 'queued', place: 2 }),
      demoDownloadJob(link, { title: 'Sea chart.pdf', stage: 'loading', priority: 'high', sizeBytes: 9_000_000 }),
    ],
    loading: {
      figures: {
        limits: {
          ...{ upBytesPerSecond: 200_000, downBytesPerSecond: 0, userUpBytesPerSecond: 50_000 },
          untilMinute: 420,
        },
        uploads: [
          { user: 'mory wfqu', publicKey: 'ab', name: 'Tide tables.csv', sizeBytes: 61_000, sentBytes: 30_000 },
        ],
      },
    },
  });

const GONE = '/home/reader/Harbour/Bell of the buoy.ogg is gone: it was moved or deleted after it was loaded.';
const loaded = (): DemoNode =>
  new DemoNode({
    onPlay: () => {
      throw new BroadsideError('not-found', GONE);
    },
    jobs: [demoFolderJob({ state: 'done', stage: 'done', active: [], files: 6, filesDone: 6, bytesDone: 48_000_000 })],
  });

export const LOADING_SCENES: readonly Scene[] = [
  {
    name: 'what a user shares, before it is asked for',
    node: withUser({ shelves: SHELVES }),
    hash: '#/search',
    act: open,
    shows: 'both ends then see each other’s address.',
  },
  {
    name: 'what a user shares',
    node: withUser({ shelves: SHELVES }),
    hash: '#/search',
    act: async (page) => {
      await look(page);
      await page.getByLabel('Choose Tide tables.csv').check();
      await page.getByLabel('Choose Harbour').check();
    },
    shows: 'Download the 2 chosen',
  },
  {
    name: 'what a user shares, a folder in it, by keyboard',
    node: withUser({ shelves: SHELVES }),
    hash: '#/search',
    act: async (page) => {
      await look(page);
      await page.getByRole('button', { name: 'Open the folder Harbour' }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Download this folder' }).click();
    },
    shows: '2 files from Tidewatch, with their folders',
  },
  {
    name: 'what a user shares, nothing',
    node: withUser({ shelves: {} }),
    hash: '#/search',
    act: look,
    shows: 'This user shares nothing in this folder now.',
  },
  {
    name: 'what a user shares, not allowed',
    node: withUser({ browseError: new BroadsideError('refused', 'k4fq 5d2m does not let others look through it.') }),
    hash: '#/search',
    act: look,
    shows: 'It is not allowed',
  },
  { name: 'what a user shares, not online', node: withUser({}), hash: '#/search', act: look, shows: 'Not online now' },
  {
    name: 'a folder that is loaded, with its files, beside downloads that wait',
    node: loading,
    hash: '#/transfers',
    act: async (page) => {
      await page.locator('summary', { hasText: 'Files' }).first().click();
      await page.getByText('Something else is there already.').waitFor();
      await page.getByLabel('Load plans/unwanted.zip', { exact: true }).check();
      assert.equal(await page.getByLabel('Turn of Sea chart.pdf').inputValue(), 'high');
      await page.getByLabel('Turn of plans/aux.h').selectOption('before others');
      await page.getByRole('button', { name: 'Leave out plans/quay.webm' }).waitFor();
      await page.getByRole('button', { name: 'Play Bell of the buoy.ogg' }).waitFor();
    },
    shows: 'By the schedule, until 07:00.',
  },
  {
    name: 'a file of a folder in its player, and from whom its pieces came, by keyboard',
    node: loading,
    hash: '#/transfers',
    act: async (page) => {
      await page.locator('summary', { hasText: 'Files' }).first().click();
      await page.getByRole('button', { name: 'Play plans/quay.webm' }).focus();
      await page.keyboard.press('Enter');
      await page.getByLabel('What is here').focus();
      await page.keyboard.press('ArrowRight');
      await page.getByRole('button', { name: /^k4fq 5d2m/ }).focus();
      await page.keyboard.press('Space');
      await page.getByRole('button', { name: /^k4fq 5d2m.*2 pieces/, pressed: true }).waitFor();
    },
    shows: 'Plays while it arrives.',
  },
  {
    name: 'a folder that was loaded, with its files',
    node: loaded,
    hash: '#/transfers',
    act: async (page) => {
      await page.locator('summary', { hasText: 'Files' }).first().click();
      await page.getByRole('button', { name: 'Play plans/quay.webm' }).waitFor();
      assert.equal(await page.getByRole('button', { name: /^(?:Load|Leave out)/ }).count(), 0);
    },
    shows: 'Bell of the buoy.ogg',
  },
  {
    name: 'a file of a folder that was loaded, gone since',
    node: loaded,
    hash: '#/transfers',
    act: async (page) => {
      await page.locator('summary', { hasText: 'Files' }).first().click();
      await page.getByRole('button', { name: 'Play Bell of the buoy.ogg' }).click();
    },
    shows: GONE,
  },
  {
    name: 'a folder that is loaded, before it is stopped',
    node: loading,
    hash: '#/transfers',
    act: (page) => page.getByRole('button', { name: 'Stop', exact: true }).click(),
    shows: '2 files of this folder are whole already. What is half here goes in either case.',
  },
];
