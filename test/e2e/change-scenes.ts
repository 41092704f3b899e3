/** States of changing what was published and of keeping it alive, for interface-states.test.ts. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { formatLink, parseLink } from '../../shared/base/links.ts';
import type { LibraryEntry } from '../../shared/ipc/model.ts';
import { demoDeleteJob, demoKeepJob, demoUpdateJob } from '../support/demo-changes.ts';
import { DemoNode } from '../support/demo-contract.ts';
import { demoEntry, demoLink, demoPublishJob, demoShares } from '../support/demo-things.ts';
import { firstJob } from './scene.ts';
import type { Scene } from './scene.ts';

const HOUR_MS = 3_600_000;
const now = Date.now();

/** A link of another class, as its publisher chose. */
function linkOf(title: string, linkClass: 2 | 3): string {
  const parsed = parseLink(demoLink(title));
  if (!parsed.ok) throw new Error(parsed.code);
  return formatLink({ ...parsed.value, class: linkClass });
}

const soundings = demoEntry('Soundings of the north channel', { states: 'ffffffffff', edition: 3 });
const kept: LibraryEntry = {
  ...soundings,
  health: { ...soundings.health!, blocks: { sampled: 40, found: 38 } },
  keep: {
    on: true,
    nextMs: now + 21 * HOUR_MS,
    nextSegment: 0,
    last: {
      atMs: now - 3 * HOUR_MS,
      sharesHeld: 10,
      sharesPutBack: 0,
      blocksTotal: 192,
      blocksHeld: 192,
      blocksPutBack: 2,
      blocksLost: 0,
    },
  },
};
const permanent = demoEntry('Ferry times before the bridge', {
  link: linkOf('Ferry times before the bridge', 3),
  class: 'fixed',
  states: 'ffffffffff',
  atMs: now - 2 * 86_400_000,
  keep: {
    on: true,
    nextSegment: 0,
    problem: { code: 'no-space', message: 'There is no room for it within what is given to what is kept alive.' },
  },
});
const deleteOnly = demoEntry('Notice to mariners, provisional', {
  link: linkOf('Notice to mariners, provisional', 2),
  class: 'delete-only',
  atMs: now - 3 * 86_400_000,
});
const gone = demoEntry('Notice of the spring market', { deletedMs: now - 20 * 86_400_000, atMs: now - 4 * 86_400_000 });
const opened = demoEntry('محاضر لجنة المرفأ، ١٩١١', {
  origin: 'opened',
  type: 'text/plain',
  keep: { on: true, nextSegment: 0 },
  atMs: now - 5 * 86_400_000,
});
const library = [kept, permanent, deleteOnly, gone, opened];

const listedNode = (): DemoNode =>
  new DemoNode({
    library: library.map((entry) => (entry === kept ? { ...kept, listed: ['harbour', 'depths'] } : entry)),
  });

async function select(page: Page, name: RegExp): Promise<void> {
  await page.getByRole('row', { name }).click();
}
async function typeLink(page: Page, link: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Its link' }).fill(link);
}

export const CHANGE_SCENES: readonly Scene[] = [
  {
    name: 'library, kept alive',
    node: () => new DemoNode({ library }),
    hash: '#/library',
    act: async (page) => {
      await select(page, /Soundings/);
      await page.getByRole('button', { name: 'Claim words…' }).click();
      await page.getByLabel('Words to claim').fill('North channel Soundings');
      await page.getByText('broadside:word/channel+north+soundings').waitFor();
    },
    shows: 'looked after 3 hours ago, put back 2 blocks',
  },
  {
    name: 'library, a permanent one',
    node: () => new DemoNode({ library }),
    hash: '#/library/kept',
    act: (page) => select(page, /Ferry times/),
    shows: 'Nobody, you neither, can change it or take it back.',
  },
  {
    name: 'library, deleted, right to left',
    node: () => new DemoNode({ library }),
    hash: '#/library',
    act: async (page) => {
      await page.evaluate(() => (document.documentElement.dir = 'rtl'));
      await select(page, /Notice of the spring market/);
    },
    shows: 'Deleted by its publisher on',
  },
  {
    name: 'library, asking before a deletion',
    node: () => new DemoNode({ library }),
    hash: '#/library',
    act: async (page) => {
      await select(page, /provisional/);
      await page.getByRole('button', { name: 'Delete…' }).click();
    },
    shows: 'Best effort: who has a copy has a copy. Nobody can take back what was read or saved.',
  },
  {
    name: 'library, opened and being looked after',
    node: () => new DemoNode({ library, jobs: [demoKeepJob(opened)] }),
    hash: '#/library/opened',
    act: (page) => select(page, /محاضر/),
    shows: 'Looking after its blocks, 80 of 192, put back 2 blocks',
  },
  {
    name: 'change, a permanent link',
    hash: '#/change',
    act: (page) => typeLink(page, permanent.link),
    shows: 'Nobody, you neither, can change it or take it back.',
  },
  {
    name: 'change, the new files chosen',
    node: () => new DemoNode({ library }),
    hash: '#/library',
    act: async (page) => {
      await select(page, /Soundings/);
      await page.getByRole('button', { name: 'Update…' }).click();
      await page
        .locator('main input[type=file]:not([webkitdirectory])')
        .setInputFiles({ name: 'Soundings.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(38_000) });
      await page.getByLabel('Its password', { exact: true }).fill('right');
    },
    shows: 'Choose others',
  },
  {
    name: 'change, an update of what is listed, which stays as it is listed',
    node: listedNode,
    hash: '#/library',
    act: async (page) => {
      await select(page, /Soundings/);
      await page.getByText('Whoever searches can find it by its title, and by: harbour, depths.').waitFor();
      await page.getByRole('button', { name: 'Update…' }).click();
      assert.equal(await page.getByLabel('More words to find it by').inputValue(), 'harbour, depths');
      await page.getByLabel('More words to find it by').fill('long '.repeat(20));
    },
    shows: 'is too long to be found by',
  },
  {
    name: 'change, taken out of search, and listed again',
    node: listedNode,
    hash: '#/library',
    act: async (page) => {
      await select(page, /Soundings/);
      for (const [choice, does, done] of [
        ['Whoever has the link', 'Take it out of search', 'Taken out of search. Who found it before'],
        ['Also whoever searches', 'List it', 'Whoever searches can find it. This node renews'],
      ] as const) {
        await page.getByRole('button', { name: 'Searching…' }).click();
        await page.getByLabel(choice).check();
        await page.getByLabel('Its password', { exact: true }).fill('right');
        await page.getByRole('button', { name: does }).click();
        await page.getByText(done).waitFor();
        await page.getByRole('button', { name: 'Show it in the library' }).click();
        await select(page, /Soundings/);
      }
    },
    shows: 'Whoever searches can find it by its title.',
  },
  {
    name: 'library, a permanent one that is listed',
    node: () => new DemoNode({ library: [{ ...permanent, listed: [] }] }),
    hash: '#/library/kept',
    act: async (page) => {
      await select(page, /Ferry times/);
      await page.getByRole('button', { name: 'Renew its listing no more' }).waitFor();
    },
    shows: 'Hubs let it go within 14 days.',
  },
  {
    name: 'change, another password of one’s own',
    hash: '#/change',
    act: async (page) => {
      await typeLink(page, soundings.link);
      await page.getByLabel('Change its password').check();
      await page.getByLabel('One of my own').check();
    },
    shows: 'Weak ones are refused',
  },
  {
    name: 'updating',
    node: () => new DemoNode({ jobs: [demoUpdateJob('Soundings', soundings.link, { bytesPerSecond: 1.4e6 })] }),
    hash: firstJob('change'),
    shows: '12 of 14 files are as they were; 38 MB need not be sent again.',
  },
  {
    name: 'the password is changed',
    node: () =>
      new DemoNode({
        jobs: [
          demoUpdateJob('Soundings', soundings.link, {
            change: 'password',
            state: 'done',
            stage: 'done',
            finishedMs: now,
            outcome: 'published',
            edition: 4,
            shares: demoShares('ffffffffff'),
            fetchedBack: demoShares('fffffffffo'),
            slotsWanted: 30,
            slotsReplaced: 29,
            password: 'gannet eleven brine lantern mossy dune orbit kelp',
            newLink: demoLink('e'),
          }),
        ],
      }),
    hash: firstJob('change'),
    shows: 'Its password, shown once',
  },
  {
    name: 'update refused',
    node: () => new DemoNode({ library }),
    hash: '#/change',
    act: async (page) => {
      await typeLink(page, soundings.link);
      await page.getByLabel('Change its password').check();
      await page.getByLabel('Its password', { exact: true }).fill('wrong');
      await page.getByRole('button', { name: 'Change the password' }).click();
    },
    shows: 'This is not the password of this publication. Nothing was sent.',
  },
  {
    name: 'deleted',
    node: () =>
      new DemoNode({
        jobs: [
          demoDeleteJob('Soundings', soundings.link, {
            state: 'done',
            stage: 'done',
            finishedMs: now,
            slotsReplaced: 19,
            shares: demoShares('fffffffffo'),
          }),
        ],
      }),
    hash: firstJob('change'),
    shows: 'Who has a copy has a copy: nobody can take that back.',
  },
  {
    name: 'transfers, of every kind',
    node: () =>
      new DemoNode({
        library,
        jobs: [
          demoUpdateJob('Soundings', soundings.link, { stage: 'replacing', slotsWanted: 20, slotsReplaced: 8 }),
          demoDeleteJob('Notice', gone.link),
          demoKeepJob(kept),
          demoKeepJob(permanent, { state: 'failed', error: { code: 'no-route', message: 'No way there.' } }),
          demoPublishJob('Charts', { state: 'interrupted', canResume: true, needsPassword: true }),
        ],
      }),
    hash: '#/transfers',
    act: (page) => page.getByRole('button', { name: 'Go on with it' }).click(),
    shows: 'It was begun with a password of your own, which is kept nowhere.',
  },
  {
    name: 'an update that was interrupted',
    node: () =>
      new DemoNode({
        library,
        jobs: [
          demoUpdateJob('Soundings', soundings.link, { state: 'interrupted', canResume: true, needsPassword: true }),
          demoKeepJob(kept, { waiting: true, shares: [] }),
        ],
      }),
    hash: firstJob('change'),
    act: (page) => page.getByRole('button', { name: 'Go on with it' }).click(),
    shows: 'It takes the password of the publication, which is kept nowhere.',
  },
];
