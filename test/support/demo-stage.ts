/**
 * The built interface in Chromium, on the daemon's real server with a stand-in for the node behind it: what tests of the
 * interface alone begin with. Needs out/renderer and a Chromium.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { HeadlessServer } from '../../src-main/host/headless/server.ts';
import { findChromium, launchChromium } from './chromium.ts';
import { DemoNode } from './demo-contract.ts';
import { headless, PROJECT_ROOT } from './headless.ts';
import type { HeadlessTestOptions } from './headless.ts';
import { PAGE_TIMEOUT_MS } from './page.ts';

const RENDERER = join(PROJECT_ROOT, 'out', 'renderer');

/** Why such tests cannot run here; false where they can. */
export const noDemoStage: string | false =
  findChromium() === undefined
    ? 'no Chromium on this machine'
    : existsSync(join(RENDERER, 'index.html'))
      ? false
      : 'out/renderer is not built';

/** Chromium's own words about headers of the server, which are written for other browsers too. */
const ABOUT_HEADERS =
  /Permissions-Policy|Content Security Policy directive 'connect-src'|'frame-ancestors' does not support/;

/** What a page shows before anything was opened in it. */
const EMPTY = 'about:blank';

interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  /** Where the interface is taken once it is there. */
  readonly hash?: string | undefined;
}

class DemoStage {
  /** The node that the interface is told of; whoever sets another opens a page after that. */
  node = new DemoNode();
  readonly #options: HeadlessTestOptions;
  #server: HeadlessServer | undefined;
  #browser: Browser | undefined;
  #page: Page | undefined;
  #loads = 0;
  /** What the page complained of since it was opened. */
  #complaints: string[] = [];

  constructor(options: HeadlessTestOptions) {
    this.#options = options;
  }

  get server(): HeadlessServer {
    return this.#server ?? assert.fail('the stage has not started');
  }

  get browser(): Browser {
    return this.#browser ?? assert.fail('the stage has not started');
  }

  async start(): Promise<void> {
    const node = (): DemoNode => this.node;
    this.#server = await headless({
      contract: {
        get handlers() {
          return node().handlers;
        },
        on: (name, listener) => node().on(name, listener),
      },
      rendererDirectory: RENDERER,
      receive: (staging, path, body) => node().receive(staging, path, body),
      ...this.#options,
    });
    this.#browser = await launchChromium();
  }

  async stop(): Promise<void> {
    await this.#browser?.close();
    await this.#server?.stop();
  }

  /**
   * The interface loaded anew, knowing nothing of what was shown before. It is the same page each time: a new one is a new
   * process, which takes two seconds of the processor to start, compile and read axe, and this one a half (measured).
   */
  async open({ width = 1280, height = 800, hash }: PageOptions = {}): Promise<Page> {
    const page = (this.#page ??= await this.#newPage());
    await this.#forget(page);
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: 'light' });
    this.#complaints = [];
    this.#loads += 1;
    // Another address, or it would be a way within the document that is there.
    await page.goto(this.server.url.replace('#', `?${this.#loads}#`));
    await page
      .getByRole('link', { name: /^(Settings|Einstellungen|الإعدادات)$/ })
      // In the first run there is no masthead.
      .or(page.getByRole('button', { name: /^(Begin|Beginnen|ابدأ)$/ }))
      // Nor while the data directory is being moved.
      .or(page.getByRole('progressbar', { name: /^(The data directory is being moved|يجري نقل مجلد البيانات)$/ }))
      .waitFor();
    if (hash !== undefined) await page.evaluate((to) => void (location.hash = to), hash);
    return page;
  }

  /** Fails on what the page complained of since it was opened. */
  assertQuiet(state: string): void {
    assert.deepEqual(this.#complaints, [], state);
  }

  async #newPage(): Promise<Page> {
    const page = await this.browser.newPage({ locale: 'en-GB', reducedMotion: 'reduce' });
    page.setDefaultTimeout(PAGE_TIMEOUT_MS);
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()) && !ABOUT_HEADERS.test(message.text()))
        this.#complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.#complaints.push(error.message));
    page.on('crash', () => {
      this.#page = undefined;
    });
    // A page that is still sending files asks whether it is to be left.
    page.on('dialog', (dialog) => void dialog.accept());
    return page;
  }

  /** Takes away what a page can know of an earlier one: what was stored for its tab, and where the mouse was. */
  async #forget(page: Page): Promise<void> {
    if (page.url() === EMPTY) return;
    await page.mouse.move(-1, -1);
    await page.evaluate(() => sessionStorage.clear());
  }
}

/** A stage for the tests of the file that calls this. */
export function demoStage(options: HeadlessTestOptions = {}): DemoStage {
  const stage = new DemoStage(options);
  before(async () => {
    if (noDemoStage === false) await stage.start();
  });
  after(() => stage.stop());
  return stage;
}
