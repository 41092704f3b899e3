/**
 * A window of the interface in a real browser, watched from its first moment: what it complains of, where it asks for
 * something, and whether everybody can use what it shows.
 */
import assert from 'node:assert/strict';
import type { Browser, BrowserContext, BrowserContextOptions, FrameLocator, Locator, Page } from 'playwright-core';
import { axeFindings } from './axe.ts';
import type { AxeOptions } from './axe.ts';
import { launchChromium } from './chromium.ts';

/** Nothing of Chromium's own business on the network, so that every request seen is the page's. */
const QUIET_FLAGS = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
];
/** Longest that a page may take to show what is waited for. Machines that run tests are slow; nothing waits this long otherwise. */
export const PAGE_TIMEOUT_MS = 60_000;

/** A browser for windows of the interface. */
export const launchBrowser = (): Promise<Browser> => launchChromium(QUIET_FLAGS);

/** Resolves with what `look` sees once it is wanted: looked at frame by frame, where nothing tells of itself. */
export async function untilSeen<Seen>(
  page: Page,
  look: () => Promise<Seen>,
  isWanted: (seen: Seen) => boolean,
): Promise<Seen> {
  for (const untilMs = performance.now() + PAGE_TIMEOUT_MS; ;) {
    const seen = await look();
    if (isWanted(seen)) return seen;
    assert.ok(performance.now() < untilMs, `to the end it was ${JSON.stringify(seen)}`);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
}

/** Resolves when a field has this value. */
export async function untilValue(field: Locator, value: string): Promise<void> {
  const seen = (): Promise<string> => field.inputValue();
  assert.equal(await untilSeen(field.page(), seen, (now) => now === value), value);
}

/** Resolves when an element has the focus. */
export async function untilFocused(element: Locator): Promise<void> {
  const seen = (): Promise<boolean> => element.evaluate((own) => own === document.activeElement);
  assert.ok(await untilSeen(element.page(), seen, (now) => now));
}

export interface WindowOptions {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: 'light' | 'dark';
}

/** Opens the address that the daemon printed. */
export async function openWindow(browser: Browser, url: URL, options: WindowOptions = {}): Promise<AppWindow> {
  const settings: BrowserContextOptions = {
    viewport: options.viewport ?? { width: 1280, height: 800 },
    colorScheme: options.colorScheme ?? 'light',
    // Colours must not be caught half-way when they are measured.
    reducedMotion: 'reduce',
    acceptDownloads: true,
    locale: 'en-GB',
  };
  const context = await browser.newContext(settings);
  context.setDefaultTimeout(PAGE_TIMEOUT_MS);
  await context.grantPermissions(['clipboard-write'], { origin: url.origin });
  const page = await context.newPage();
  const window = new AppWindow(context, page, url);
  await page.goto(url.href);
  // Not as a script for every frame: the browser would complain of it where it lets none run.
  await page.evaluate(rememberHeadings);
  await page.locator('[data-view-heading]').waitFor({ state: 'attached' });
  return window;
}

/** Runs in the page: every heading that a view showed, however shortly. */
function rememberHeadings(): void {
  const seen: string[] = [];
  (globalThis as { headingsSeen?: string[] }).headingsSeen = seen;
  const look = (): void => {
    const text = document.querySelector('[data-view-heading]')?.textContent?.trim();
    if (text !== undefined && text !== seen.at(-1)) seen.push(text);
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
}

export class AppWindow {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors in the console, exceptions, and requests that leave the daemon's origins. */
  readonly #problems: string[] = [];
  #expected: RegExp[] = [];
  readonly #port: string;
  #dark = false;

  constructor(context: BrowserContext, page: Page, url: URL) {
    this.context = context;
    this.page = page;
    this.#port = url.port;
    page.on('console', (message) => {
      if (message.type() === 'error') this.#complain(`console: ${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', (error) => this.#complain(`exception: ${String(error)}`));
    page.on('request', (request) => this.#check(request.url()));
    page.on('websocket', (socket) => this.#check(socket.url()));
  }

  /** Complaints that belong to the story, from now on: a node that was stopped makes a browser complain. */
  expect(...patterns: RegExp[]): void {
    this.#expected = patterns;
  }

  /** Fails on whatever went wrong since the last time. */
  assertQuiet(state: string): void {
    const problems = this.#problems.splice(0);
    assert.deepEqual(problems, [], state);
  }

  /**
   * The state that is shown: no violation of any of axe's rules in light colours, none of contrast in dark ones, and
   * nothing that went wrong on the way here. `without` leaves a part out: what was published is its publisher's work.
   */
  async inspect(state: string, without?: string): Promise<void> {
    this.assertQuiet(state);
    await this.page.emulateMedia({ colorScheme: 'light' });
    await this.#axe(`${state}, light`, { without });
    await this.page.emulateMedia({ colorScheme: 'dark' });
    await this.#axe(`${state}, dark`, { without, rules: ['color-contrast'] });
    await this.page.emulateMedia({ colorScheme: this.#dark ? 'dark' : 'light' });
    this.assertQuiet(state);
  }

  /**
   * A page of our own in the frame of a publication, where no script runs, so axe neither: it is looked at as it stands,
   * in a page apart.
   */
  async inspectContent(state: string): Promise<void> {
    const html = await this.content.locator('html').evaluate((element) => element.outerHTML);
    const context = await this.context.browser()!.newContext();
    try {
      const page = await context.newPage();
      await page.setContent(`<!doctype html>${html}`);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        assert.deepEqual(await axeFindings(page), [], `${state}, ${colorScheme}: what axe found`);
      }
    } finally {
      await context.close();
    }
  }

  async colours(scheme: 'light' | 'dark'): Promise<void> {
    this.#dark = scheme === 'dark';
    await this.page.emulateMedia({ colorScheme: scheme });
  }

  /** Nothing sticks out at the side: not of the window, not of any part of it that is not made to scroll sideways. */
  async assertFits(state: string): Promise<void> {
    const wide = await this.page.evaluate(() =>
      [document.documentElement, document.body, ...document.querySelectorAll('main, main *')]
        .filter((element) => {
          const { overflowX } = getComputedStyle(element);
          const scrolls =
            element === document.documentElement ||
            element === document.body ||
            overflowX === 'auto' ||
            overflowX === 'scroll';
          return scrolls && element.scrollWidth > element.clientWidth + 1;
        })
        .map(
          (element) =>
            `${element.tagName.toLowerCase()}.${element.className} is ${element.scrollWidth} in ${element.clientWidth}`,
        ),
    );
    const outside = await this.page.evaluate(() =>
      [...document.querySelectorAll('header *, main *, nav *')]
        .filter((element) => element.closest('.unseen, .skip, .tabs') === null && element.getClientRects().length > 0)
        .filter((element) => {
          const { left, right, width } = element.getBoundingClientRect();
          return width > 0 && (right > document.documentElement.clientWidth + 1 || left < -1);
        })
        .map(
          (element) =>
            `${element.tagName.toLowerCase()}.${element.getAttribute('class') ?? ''} “${(element.textContent ?? '').trim().slice(0, 40)}”`,
        ),
    );
    assert.deepEqual([...wide, ...outside.slice(0, 5)], [], `${state}: sticks out at the side`);
  }

  /** Drops files or folders of this machine into the window, as from a file manager. */
  async drop(...paths: string[]): Promise<void> {
    const session = await this.context.newCDPSession(this.page);
    const { width, height } = this.page.viewportSize() ?? assert.fail('a window has a size');
    const data = { items: [], files: paths, dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await session.send('Input.dispatchDragEvent', { type, x: width / 2, y: height / 2, data });
    }
    await session.detach();
  }

  /** What every heading of a view said so far, in order, however short it was there. */
  headingsSeen(): Promise<string[]> {
    return this.page.evaluate(() => (globalThis as unknown as { headingsSeen: string[] }).headingsSeen);
  }

  /** What was copied, by pasting it into the field: the page itself may not read the clipboard. */
  async clipboard(): Promise<string> {
    await this.field.fill('');
    await this.field.press('Control+V');
    const text = await this.field.inputValue();
    await this.field.fill('');
    return text;
  }

  /** Presses Tab until the element that has the focus has this role and name. */
  async tabTo(
    role: 'button' | 'link' | 'textbox' | 'checkbox' | 'radio' | 'slider',
    name: string | RegExp,
  ): Promise<void> {
    const target = this.page.getByRole(role, { name, exact: typeof name === 'string' }).first();
    await target.waitFor();
    const visited: string[] = [];
    for (let pressed = 0; pressed < 80; pressed += 1) {
      if (await target.evaluate((element) => element === document.activeElement)) return;
      await this.page.keyboard.press('Tab');
      visited.push(
        await this.page.evaluate(() =>
          (document.activeElement?.textContent ?? document.activeElement?.tagName ?? '').trim().slice(0, 30),
        ),
      );
    }
    assert.fail(`Tab never came to ${role} “${String(name)}”, but to: ${visited.join(' | ')}`);
  }

  heading(name: string | RegExp): Locator {
    return this.page.getByRole('heading', { name, exact: typeof name === 'string' }).first();
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: typeof name === 'string' }).first();
  }

  text(text: string | RegExp): Locator {
    return this.page.getByText(text).first();
  }

  /** The field of the masthead. */
  get field(): Locator {
    return this.page.getByLabel('Words or a link');
  }

  /** The frame in which a publication is shown. */
  get content(): FrameLocator {
    return this.page.frameLocator('iframe[title^="What was published"]');
  }

  async section(name: string): Promise<void> {
    await this.page.getByRole('link', { name, exact: true }).locator('visible=true').first().click();
  }

  async close(): Promise<void> {
    await this.context.close();
  }

  #complain(text: string): void {
    if (!this.#expected.some((pattern) => pattern.test(text))) this.#problems.push(text);
  }

  #check(address: string): void {
    const url = new URL(address);
    if (url.protocol === 'data:' || url.protocol === 'blob:' || url.protocol === 'about:') return;
    const own = url.hostname === '127.0.0.1' || url.hostname.endsWith('.localhost');
    if (!own || url.port !== this.#port) this.#problems.push(`a request to ${address}`);
  }

  async #axe(state: string, options: AxeOptions): Promise<void> {
    assert.deepEqual(await axeFindings(this.page, options), [], `${state}: what axe found`);
  }
}
