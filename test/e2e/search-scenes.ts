/** States of Search, for interface-states.test.ts. */
import type { Page } from 'playwright-core';
import { BroadsideError } from '../../shared/base/errors.ts';
import { DemoNode } from '../support/demo-contract.ts';
import { demoResults, demoUser, demoWish, telling } from '../support/demo-results.ts';
import type { SearchStory } from '../support/demo-search.ts';
import { demoEntry, demoStatus } from '../support/demo-things.ts';
import { untilValue } from '../support/page.ts';
import { goTo } from './scene.ts';
import type { Scene } from './scene.ts';

const now = Date.now();
const DONE = { state: 'done', end: 'exhausted', hubsAsked: 19, endedMs: now + 900 } as const;
const searching = (search: SearchStory) => () =>
  new DemoNode({
    library: [demoEntry('Minutes of the harbour committee, 1911', { states: 'fffffffffo', origin: 'opened' })],
    search,
  });
const around: SearchStory = {
  wishes: [demoWish('harbour dredging', { fresh: 1, found: 2 }), demoWish('lightship log', { notify: false })],
  wishResults: demoResults().slice(0, 2),
  users: [demoUser('k4fq 5d2m', { label: 'Tidewatch' }), demoUser('n7df 2qk4', { online: false })],
  hidden: [
    { kind: 'word', value: 'casino', label: 'casino' },
    { kind: 'source', value: 'ab', label: 'r5nh w2ve' },
  ],
  history: [{ query: 'tide tables', atMs: now - 4_000_000, results: 12 }],
};

/** Resolved when the node of a story is to answer. */
let answering: PromiseWithResolvers<void> | undefined;
/** The row of a result, by its name. */
const row = (page: Page, name: RegExp) => page.locator('[aria-posinset]', { hasText: name });
/** What narrows the results is folded in a narrow window. */
async function unfold(page: Page): Promise<void> {
  const fold = page.locator('summary', { hasText: 'Filter' });
  await row(page, /Cost of/).waitFor();
  if (await fold.isVisible()) await fold.click();
}

export const SEARCH_SCENES: readonly Scene[] = [
  { name: 'search, not begun', hash: '#/search', shows: 'How to ask' },
  {
    name: 'search, with wishes, users and what was asked before',
    node: () => new DemoNode({ search: around, settings: { 'search-history': true } }),
    hash: '#/search',
    shows: 'Tidewatch',
  },
  {
    name: 'search, done, a program chosen whose name misleads',
    node: searching(telling(DONE, demoResults().slice(5))),
    act: async (page) => {
      await goTo(page, 'harbour dredging');
      // Without the character that turns letters round, so that it reads as the program that it is.
      await row(page, /dredging_invoice_fdp\.exe/).click();
    },
    shows: 'Characters in its name turn letters round',
  },
  {
    name: 'search, nothing found',
    node: searching(telling(DONE, [])),
    act: (page) => goTo(page, 'lightship log type:audio'),
    shows: 'Asked for: lightshiplogonly sound',
  },
  {
    name: 'search, no hubs',
    node: searching(telling({ hubsAsked: 0, hubsKnown: 0 })),
    act: (page) => goTo(page, 'harbour'),
    shows: 'the question walks from neighbour to neighbour',
  },
  {
    name: 'search, nobody to ask',
    node: () =>
      new DemoNode({
        status: demoStatus({ links: 0, offlineSinceMs: now - 40_000 }),
        search: telling({ state: 'done', end: 'no-hubs', hubsAsked: 0, hubsKnown: 0 }, []),
      }),
    act: (page) => goTo(page, 'harbour'),
    shows: 'Nobody to ask',
  },
  {
    name: 'search, that cannot begin',
    node: searching({
      onSearch: () => {
        throw new BroadsideError('busy', 'Too many searches are under way. Wait until one of them has ended.');
      },
    }),
    act: (page) => goTo(page, 'harbour'),
    shows: 'Too many searches are under way',
  },
  {
    name: 'search, what the field understands',
    node: searching(around),
    act: async (page) => {
      await page.getByLabel('Words or a link').pressSequentially('harbour dredg');
      await page.getByRole('option', { name: 'Your wish: harbour dredging' }).waitFor();
      await page.keyboard.press('ArrowDown');
    },
    shows: 'Look where the address of these words leads',
  },
  {
    name: 'search, a query that cannot be asked so',
    node: searching(around),
    act: (page) => goTo(page, 'harbour "'),
    shows: 'has no second. Put one where the phrase ends',
  },
  {
    name: 'search, narrowed to nothing, by what is typed and by a box',
    node: searching(telling(DONE)),
    act: async (page) => {
      await goTo(page, 'harbour');
      await unfold(page);
      await page.getByLabel('Over 100 MB, 1').check();
      await page.getByLabel('direct, 1').uncheck();
      await untilValue(page.getByLabel('Words or a link'), 'harbour kind:anonymous size:>100MB');
    },
    shows: 'None of the 9 that were found passes what is chosen.',
  },
  {
    name: 'search, something hidden that can come back',
    node: searching(telling(DONE)),
    act: async (page) => {
      await goTo(page, 'harbour');
      await row(page, /Cost of/).focus();
      await page.keyboard.press('h');
      await page.getByRole('button', { name: 'Undo' }).waitFor();
      await row(page, /Cost of/).waitFor({ state: 'detached' });
    },
    shows: '“Cost of dredging, by year” is hidden.',
  },
  {
    name: 'search, asked for before the node has answered',
    node: () => {
      answering = Promise.withResolvers();
      return new DemoNode({ search: telling(DONE), answers: answering.promise });
    },
    act: async (page) => {
      await goTo(page, 'harbour');
      answering?.resolve();
      await row(page, /Cost of/).waitFor();
    },
    shows: 'found',
  },
  {
    name: 'search, a direct result asks first',
    node: searching(telling({}, demoResults().slice(5))),
    act: async (page) => {
      await goTo(page, 'harbour');
      // The heading takes the focus when results begin: a key pressed before that would go there.
      await page.locator('[data-view-heading]:focus').waitFor({ state: 'attached' });
      await row(page, /viewer_setup/).focus();
      await page.keyboard.press('Enter');
    },
    shows: 'Both ends will see each other’s address',
  },
  {
    name: 'search, what a wish found',
    node: searching(around),
    hash: '#/search/wish:wish-harbour%20dredging',
    shows: 'New',
  },
  {
    name: 'publish, to be found by whoever searches',
    node: () => new DemoNode(),
    hash: '#/publish',
    act: async (page) => {
      await page
        .locator('input[type=file]:not([webkitdirectory])')
        .setInputFiles({ name: 'Witness statements.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(38_000) });
      await page.getByLabel('Also whoever searches').check();
      await page.getByLabel('More words to find it by').fill(`harbour, ${'long '.repeat(20)}`);
    },
    shows: 'is too long to be found by',
  },
  {
    name: 'settings, what is hidden',
    node: searching(around),
    hash: '#/settings/searching',
    shows: 'a user: nothing of theirs is shown',
  },
];
