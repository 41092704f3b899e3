/**
 * The built interface in a real browser, on the daemon's real server with a stand-in for the node: every view and state
 * but those of more-states.test.ts, which runs beside it. What is looked at stands in show-scenes.ts.
 */
import type { Page } from 'playwright-core';
import { BroadsideError } from '../../shared/base/errors.ts';
import { DemoNode } from '../support/demo-contract.ts';
import {
  demoCheckJob,
  demoInvite,
  demoLink,
  demoMetadata,
  demoNetwork,
  demoOpenJob,
  demoPublication,
  demoPublishJob,
  demoShares,
  demoStatus,
} from '../support/demo-things.ts';
import { firstJob, goTo } from './scene.ts';
import type { Scene } from './scene.ts';
import { contentUrl, library, now, showScenes } from './show-scenes.ts';

const NO_REQUESTS = {
  recent: [],
  lately: { total: 0, outcomes: {} },
  whole: { total: 0, outcomes: {} },
};
async function joinBy(page: Page, invite: string): Promise<void> {
  await page.getByLabel('The invite that you were given').fill(invite);
  await page.getByRole('button', { name: 'Join' }).click();
}
const choosePdf = (page: Page): Promise<void> =>
  page
    .locator('input[type=file]:not([webkitdirectory])')
    .setInputFiles({ name: 'Witness statements.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(38_000) });
const withJob = (make: () => Parameters<DemoNode['put']>[0]) => () => new DemoNode({ library, jobs: [make()] });
const failed = (code: 'not-found' | 'damaged' | 'deleted', message: string, shows: string): Scene => ({
  name: `failed: ${code}`,
  node: withJob(() =>
    demoOpenJob('f', {
      state: 'failed',
      shares: demoShares('ffbbbbbooo'),
      badShares: code === 'damaged' ? [3, 4] : [],
      error: { code, message },
    }),
  ),
  hash: firstJob('read'),
  shows,
});

const SCENES: readonly Scene[] = [
  {
    name: 'home',
    node: () => new DemoNode({ library, jobs: [demoPublishJob('How we mend nets'), demoOpenJob('x')] }),
    shows: 'Opened lately',
  },
  { name: 'home, empty', node: () => new DemoNode(), shows: 'Published once, read by anybody' },
  { name: 'publish, empty', hash: '#/publish', shows: 'Nothing chosen yet' },
  {
    name: 'publish, composed',
    hash: '#/publish',
    act: (page) =>
      page
        .locator('input[type=file]:not([webkitdirectory])')
        .setInputFiles({ name: 'Witness statements.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(38_000) }),
    shows: 'How long it should last',
  },
  {
    name: 'publish, files that tell, some of it staying',
    node: () => new DemoNode({ metadata: demoMetadata }),
    hash: '#/publish',
    act: async (page) => {
      await choosePdf(page);
      await page.getByRole('button', { name: 'Show what they tell' }).click();
    },
    shows: 'What stays: comments',
  },
  {
    name: 'publish, files being looked into',
    node: () => new DemoNode({ metadata: () => new Promise(() => {}) }),
    hash: '#/publish',
    act: (page) => choosePdf(page),
    shows: 'Do not look',
  },
  {
    name: 'publish, files that tell nothing',
    hash: '#/publish',
    act: (page) => choosePdf(page),
    shows: 'Nothing was found that tells about their author.',
  },
  {
    name: 'publish, files that cannot be looked into',
    node: () => new DemoNode({ metadata: () => Promise.reject(new BroadsideError('busy', 'The node is stopping.')) }),
    hash: '#/publish',
    act: (page) => choosePdf(page),
    shows: 'The files could not be looked into',
  },
  {
    name: 'publishing',
    node: withJob(() => demoPublishJob('Evidence', { stage: 'shares', shares: demoShares('fffffffm..') })),
    hash: firstJob('publish'),
    shows: 'Its password, shown once',
  },
  {
    name: 'publishing failed',
    node: withJob(() =>
      demoPublishJob('Evidence', { state: 'failed', error: { code: 'offline', message: 'No neighbour.' } }),
    ),
    hash: firstJob('publish'),
    shows: 'Publishing stopped',
  },
  {
    name: 'published',
    node: withJob(() =>
      demoPublishJob('Evidence', {
        state: 'done',
        stage: 'done',
        finishedMs: now,
        link: demoLink('e'),
        shares: demoShares('ffffffffff'),
        fetchedBack: demoShares('ffffffffof'),
      }),
    ),
    hash: firstJob('publish'),
    shows: 'Fetched back through other paths',
  },
  { name: 'opening', node: withJob(() => demoOpenJob('z')), hash: firstJob('read'), shows: 'Looking for its shares' },
  {
    name: 'reader',
    node: withJob(() =>
      demoOpenJob('m', {
        state: 'done',
        stage: 'done',
        publication: demoPublication('Minutes'),
        contentUrl: contentUrl(),
      }),
    ),
    hash: firstJob('read'),
    shows: 'Verified',
  },
  failed('not-found', 'None of its ten places has a share.', 'Not found'),
  failed('damaged', '5 of its 10 shares failed the check.', 'Damaged'),
  failed('deleted', 'Its places answer “deleted”.', 'Deleted by its publisher'),
  { name: 'library', hash: '#/library', shows: 'In this list' },
  { name: 'library, opened', hash: '#/library/opened', shows: 'In this list' },
  {
    name: 'reader, by an older link, about',
    node: withJob(() =>
      demoOpenJob('m', {
        state: 'done',
        stage: 'done',
        publication: demoPublication('Minutes', {
          edition: 3,
          dateMs: now,
          linkEdition: 1,
          newestLink: demoLink('newest'),
          earlier: [
            { number: 2, title: 'Minutes', dateMs: now - 9e9, sizeBytes: 1000 },
            { number: 1, title: 'Minutes', sizeBytes: 900 },
          ],
        }),
        contentUrl: contentUrl(),
      }),
    ),
    hash: firstJob('read'),
    act: async (page) => {
      // Where there is room beside the content it is open already.
      const about = page.getByRole('button', { name: 'About this publication' });
      if ((await about.getAttribute('aria-pressed')) !== 'true') await about.click();
    },
    shows: 'Update or delete it…',
  },
  {
    name: 'transfers',
    node: () =>
      new DemoNode({
        library,
        jobs: [
          demoPublishJob('Nets'),
          demoCheckJob(library[0]!),
          demoPublishJob('Old', { state: 'failed', error: { code: 'busy', message: 'All were busy.' } }),
        ],
      }),
    hash: '#/transfers',
    shows: 'Shared from here',
  },
  { name: 'network', hash: '#/network', shows: 'Connected by 14 links' },
  {
    name: 'network, a busy neighbour in detail',
    hash: '#/network',
    act: (page) => page.getByRole('button', { name: 'n7df 2qk4 busy' }).click(),
    shows: 'It has as much from this node as it can take',
  },
  {
    name: 'network, right to left',
    hash: '#/network',
    act: async (page) => {
      await page.getByRole('button', { name: /^r5nh/ }).first().click();
      await page.evaluate(() => (document.documentElement.dir = 'rtl'));
    },
    shows: 'Lengths of the links',
  },
  {
    name: 'network, nothing yet',
    node: () =>
      new DemoNode({
        status: demoStatus({ links: 0, offlineSinceMs: now - 40_000 }),
        network: demoNetwork({ neighbours: [], history: [], requests: NO_REQUESTS }),
      }),
    hash: '#/network',
    shows: 'No links yet',
  },
  {
    name: 'network, text at 200 %',
    node: () => new DemoNode({ settings: { 'text-percent': 200 } }),
    hash: '#/network',
    shows: 'Connected by 14 links',
  },
  {
    name: 'network, an invite',
    hash: '#/network',
    act: (page) => page.getByRole('button', { name: 'Make an invite' }).click(),
    shows: 'Copy the invite',
  },
  {
    name: 'network, joining',
    hash: '#/network',
    act: (page) => joinBy(page, demoInvite(demoStatus().network)),
    shows: 'Asked 3 nodes; 14 links so far.',
  },
  {
    name: 'network, a bad invite',
    hash: '#/network',
    act: (page) => joinBy(page, demoInvite(demoStatus().network).slice(0, -3)),
    shows: 'This invite is not right',
  },
  {
    name: 'network, an invite to another',
    hash: '#/network',
    act: (page) => joinBy(page, demoInvite('another-network')),
    shows: 'An invite to another network',
  },
  { name: 'settings', hash: '#/settings', shows: 'Changes take effect at once.' },
  { name: 'more', hash: '#/more', shows: 'More' },
  { name: 'keys', act: (page) => page.keyboard.press('?'), shows: 'Keys' },
  {
    name: 'bad link',
    act: (page) => goTo(page, 'broadside:dumq 7xkt w2v'),
    shows: 'This link is cut short',
  },
  {
    name: 'no neighbours',
    node: () => new DemoNode({ library, status: demoStatus({ links: 0, offlineSinceMs: now - 40_000 }) }),
    shows: 'No neighbours.',
  },
  {
    name: 'text at 200 %',
    node: () => new DemoNode({ library, settings: { 'text-percent': 200 } }),
    shows: 'Opened lately',
  },
];

showScenes(SCENES);
