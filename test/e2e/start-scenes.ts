/** States of the first run, the practice network, bookmarks, the panel of what runs, and About: see more-states.test.ts. */
import type { Page } from 'playwright-core';
import { DemoNode } from '../support/demo-contract.ts';
import { demoBookmark } from '../support/demo-bookmarks.ts';
import { demoFolders } from '../support/demo-shares.ts';
import { demoCheckJob, demoEntry, demoLink, demoPublishJob, demoStatus } from '../support/demo-things.ts';
import { library, now } from './show-scenes.ts';
import type { Scene } from './scene.ts';

const sample = (name: string) => ({ title: name, link: demoLink(name) });
const bookmarks = [
  demoBookmark(demoLink('register'), 'The Saltmarsh Register', {
    edition: 14,
    seenEdition: 13,
    foundMs: now - 1_200_000,
  }),
  demoBookmark(demoLink('minutes'), 'محاضر لجنة المرفأ، ١٩١١', { edition: 3, seenEdition: 3 }),
  demoBookmark(
    demoLink('letters'),
    'A title so long that it goes on and on over more than one line, as old books’ do',
    {
      edition: 0,
      seenEdition: 0,
    },
  ),
  demoBookmark(demoLink('gone'), 'Ferry times before the bridge', { deletedMs: now - 86_400_000 }),
];
const firstRun = (more: ConstructorParameters<typeof DemoNode>[0] = {}) =>
  new DemoNode({ settings: { welcomed: false }, ...more });
const begin = (page: Page) => page.getByRole('button', { name: 'Begin' });

const inLanguage =
  (language: 'de' | 'ar', called: string) =>
  (name: string, shows: string, more: ConstructorParameters<typeof DemoNode>[0] = {}): Scene => ({
    name: `${called}, ${name}`,
    node: () => new DemoNode({ library, ...more, settings: { language, ...more.settings } }),
    hash: `#/${name}`,
    shows,
  });
/** Its words are longer, so that what fits in English is looked at again. */
const german = inLanguage('de', 'German');
const GERMAN: readonly Scene[] = [
  german('home', 'Von dir veröffentlicht', { jobs: [demoPublishJob('How we mend nets')] }),
  german('publish', 'Noch nichts gewählt'),
  german('library', 'Freigegebene Ordner'),
  german('network', 'Wie sie ausgingen'),
  german('settings', 'Geschwindigkeit'),
  german('about', 'Was versprochen ist'),
  german('first run', 'Welches Netz', { settings: { welcomed: false, 'text-percent': 200 } }),
];

/** From right to left, in letters of another height. */
const arabic = inLanguage('ar', 'Arabic');
const ARABIC: readonly Scene[] = [
  arabic('home', 'ما نشرته', { jobs: [demoPublishJob('How we mend nets')] }),
  arabic('search', 'كيف تسأل'),
  arabic('library', 'المجلدات المشتركة'),
  arabic('library/folders', 'المجلدات المشتركة', { shares: demoFolders() }),
  arabic('transfers', 'ما يُشارك من هنا'),
  arabic('network', 'كيف انتهت'),
  arabic('about', 'ما لا نَعِد به'),
  arabic('change', 'ما المطلوب'),
  arabic('first run', 'أي شبكة', { settings: { welcomed: false, 'text-percent': 200 } }),
];

export const START_SCENES: readonly Scene[] = [
  { name: 'first run, connected', node: () => firstRun(), shows: '14 neighbours' },
  {
    name: 'first run, nobody answers yet',
    node: () => firstRun({ status: { ...demoStatus(), links: 0, offlineSinceMs: now - 60_000 } }),
    shows: 'It waits for an answer',
  },
  {
    name: 'first run, no practice network from here',
    node: () => firstRun({ bookmarks: { practice: { state: 'impossible', samples: [] } } }),
    shows: 'This window cannot start one',
  },
  {
    name: 'first run, large text',
    node: () => firstRun({ settings: { welcomed: false, 'text-percent': 200 } }),
    shows: 'Which network',
  },
  {
    name: 'first run, a practice network is chosen',
    node: () => firstRun(),
    act: async (page) => {
      await page.getByRole('radio', { name: 'A practice network on this computer' }).check();
      await begin(page).click();
    },
    shows: 'A practice network is being started.',
  },
  {
    name: 'on the practice network',
    node: () =>
      new DemoNode({
        bookmarks: {
          practice: {
            state: 'on',
            samples: [sample('Minutes of the harbour committee'), sample('The ropewalk songbook')],
          },
        },
      }),
    shows: 'Samples to read',
  },
  {
    name: 'the practice network did not start',
    node: () =>
      new DemoNode({ bookmarks: { practice: { state: 'off', problem: 'It was not ready in time.', samples: [] } } }),
    shows: 'The practice network did not start.',
  },
  {
    name: 'bookmarks',
    node: () => new DemoNode({ library, bookmarks: { list: bookmarks } }),
    hash: '#/library/bookmarks',
    shows: 'New edition 14',
  },
  { name: 'no bookmarks', hash: '#/library/bookmarks', shows: 'No bookmarks yet' },
  {
    name: 'home leads with a new edition',
    node: () => new DemoNode({ library, bookmarks: { list: bookmarks } }),
    shows: 'New edition of a bookmark',
  },
  { name: 'about', hash: '#/about', shows: 'What is not' },
  {
    name: 'the panel of what runs',
    node: () =>
      new DemoNode({
        jobs: [
          demoPublishJob('How we mend nets'),
          demoCheckJob(demoEntry('Letters from the lightship', { states: 'fffoooooof' })),
        ],
        shares: demoFolders(),
      }),
    act: async (page) => {
      const button = page.getByRole('button', { name: /running$/ });
      // Narrow windows have Transfers instead.
      if ((page.viewportSize()?.width ?? 0) < 600) await page.evaluate(() => void (location.hash = '#/transfers'));
      else await button.click();
    },
    shows: 'Letters from the lightship',
  },
  ...GERMAN,
  ...ARABIC,
];
