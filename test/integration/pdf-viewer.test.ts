/** Our viewer for PDF in a real browser: it draws by pieces, reaches nothing but its publication, and runs nothing of a PDF. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Frame, Page } from 'playwright-core';
import { makePdf } from '../support/pdf.ts';
import { launchChromium } from '../support/chromium.ts';
import { TOKEN, headless } from '../support/headless.ts';
import { servedPublication } from '../support/served-publication.ts';

const CONTENT = 'c'.repeat(52);
const VIEWER = 'v'.repeat(52);
/** Thirty-one pages; on the thirtieth what is looked for goes over the end of a line. */
const LONG = Array.from({ length: 31 }, (_, index) => [
  `sheet ${index + 1}`,
  ...(index === 29 ? ['the depth at low', 'water, and again AT LOW WATER'] : []),
]);
let browser: Browser;
let directory: string;

before(async () => {
  browser = await launchChromium();
  directory = mkdtempSync(join(tmpdir(), 'broadside-viewer-'));
  writeFileSync(
    join(directory, 'index.html'),
    '<!doctype html><title>App</title><body><iframe id="content" style="width:900px;height:600px"></iframe>',
  );
});

after(async () => {
  await browser?.close();
  rmSync(directory, { recursive: true, force: true });
});

/** A PDF that tries to run a script and to open an address, from its catalog. */
function hostilePdf(): Uint8Array {
  const text = Buffer.from(makePdf('Hostile', [['page one'], ['page two']])).toString('latin1');
  const script = '/OpenAction << /S /JavaScript /JS (app.launchURL\\("http://127.0.0.1:9/"\\); while\\(true\\){}) >> ';
  // The offsets after it move: the viewer mends a broken table, as it must for what people have.
  return new Uint8Array(Buffer.from(text.replace('<< /Type /Catalog ', `<< /Type /Catalog ${script}`), 'latin1'));
}

async function show(
  path: string,
  act: (frame: Frame, page: Page, requests: string[], port: number) => Promise<void>,
  options: { host?: string; complaints?: RegExp } = {},
): Promise<void> {
  const publication = servedPublication({
    'two.pdf': { type: 'application/pdf', body: makePdf('Two pages', [['first page here'], ['second page']]) },
    'long.pdf': { type: 'application/pdf', body: makePdf('Depths at low water', LONG) },
    'hostile.pdf': { type: 'application/pdf', body: hostilePdf() },
    'broken.pdf': { type: 'application/pdf', body: 'this is not one' },
    'notes.txt': { type: 'text/plain', body: 'not for the viewer' },
  });
  const server = await headless({
    rendererDirectory: directory,
    origins: {
      [CONTENT]: { kind: 'content', publication, viewerLabel: VIEWER },
      [VIEWER]: { kind: 'viewer', publication, viewerLabel: VIEWER },
    },
  });
  const context = await browser.newContext();
  const requests: string[] = [];
  context.on('request', (request) => requests.push(request.url()));
  try {
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    await page.goto(server.url.replace(`#token=${TOKEN}`, ''));
    await page.evaluate(
      (url) => {
        (document.getElementById('content') as HTMLIFrameElement).src = url;
      },
      `http://${options.host ?? VIEWER}.localhost:${server.port}${path}`,
    );
    await page.waitForFunction(() => document.querySelector('iframe')!.contentWindow!.length >= 0);
    const frame = page.frames().find((one) => one.parentFrame() !== null)!;
    await act(frame, page, requests, server.port);
    assert.deepEqual(
      complaints.filter((text) => text.includes('Content Security Policy') && options.complaints?.test(text) !== true),
      [],
    );
  } finally {
    await context.close();
    await server.stop();
  }
}

describe('the viewer for PDF', () => {
  it('draws the pages, with their words to select, from this origin alone', async () => {
    await show('/?file=two.pdf', async (frame, _, requests, port) => {
      await frame.waitForSelector('.page[data-drawn="yes"]');
      assert.equal(await frame.evaluate(() => document.documentElement.dataset['pages']), '2');
      assert.match((await frame.locator('.words').first().textContent())!, /first page here/);
      const inked = await frame.evaluate(() => {
        const canvas = document.querySelector('canvas')!;
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        let dark = 0;
        for (let at = 0; at < data.length; at += 4) if (data[at]! < 100 && data[at + 3]! > 200) dark += 1;
        return dark;
      });
      assert.ok(inked > 200, `${inked} dark points`);
      await frame.locator('#larger').click();
      await frame.waitForFunction(() => document.querySelector<HTMLElement>('.page')!.style.width !== '');
      const origins = new Set(requests.filter((url) => url.startsWith('http')).map((url) => new URL(url).host));
      assert.deepEqual([...origins].sort(), [`127.0.0.1:${port}`, `${VIEWER}.localhost:${port}`]);
    });
  });

  it('finds words in all pages, whatever their case, accents and line ends, and goes from one to the next', async () => {
    await show('/?file=long.pdf', async (frame, page) => {
      await frame.waitForSelector('.page[data-drawn="yes"]');
      await frame.locator('#pages').focus();
      await page.keyboard.press('Control+F');
      assert.equal(await frame.evaluate(() => document.activeElement?.id), 'words');
      await page.keyboard.type('ÁT  low wáter');
      await page.keyboard.press('Enter');
      await frame.waitForSelector('html[data-found="3"]', { state: 'attached' });
      await frame.locator('#found', { hasText: /^1 of 3$/ }).waitFor();
      const shownPage = async (): Promise<number> =>
        Number(
          await frame.evaluate(() => {
            const [range] = CSS.highlights.get('shown') as unknown as Iterable<Range>;
            const { top, bottom, height } = range!.getBoundingClientRect();
            // As high as its letters are, twelve points or twenty.
            if (top < 0 || bottom > innerHeight || height < 15) return Number.NaN;
            return range!.startContainer.parentElement!.closest<HTMLElement>('.page')!.dataset['number'];
          }),
        );
      assert.equal(await shownPage(), 1);
      await page.keyboard.press('Enter');
      await frame.locator('#found', { hasText: /^2 of 3$/ }).waitFor();
      await frame.waitForFunction(() => document.querySelector('.page[data-number="30"][data-drawn="yes"]') !== null);
      assert.equal(await shownPage(), 30);
      assert.match(
        await frame.evaluate(() => {
          const [range] = CSS.highlights.get('shown') as unknown as Iterable<Range>;
          return range!.toString().replace(/\s+/g, ' ');
        }),
        /^at low ?water$/i,
      );
      await page.keyboard.press('Shift+Enter');
      await frame.locator('#found', { hasText: /^1 of 3$/ }).waitFor();
      await page.keyboard.press('Shift+Enter');
      await frame.locator('#found', { hasText: /^3 of 3$/ }).waitFor();
      await frame.locator('#words').fill('(not there)');
      await page.keyboard.press('Enter');
      await frame.locator('#found', { hasText: /^Not found$/ }).waitFor();
      assert.equal(await frame.locator('html').getAttribute('data-found'), '0');
      await page.keyboard.press('Escape');
      assert.equal(await frame.locator('#found').textContent(), '');
    });
  });

  it('is as large as somebody wants it: by keys, buttons, the window around it, and as wide as there is room', async () => {
    await show('/?file=two.pdf', async (frame, page) => {
      await frame.waitForSelector('.page[data-drawn="yes"]');
      const width = (): Promise<number> =>
        frame.evaluate(() => Number.parseFloat(document.querySelector<HTMLElement>('.page')!.style.width));
      const scale = frame.locator('#scale');
      await frame.locator('#pages').focus();
      await page.keyboard.press('0');
      assert.deepEqual([await scale.textContent(), await width()], ['100%', 793]);
      await page.keyboard.press('+');
      assert.equal(await scale.textContent(), '125%');
      await page.keyboard.press('-');
      await page.keyboard.press('-');
      assert.equal(await scale.textContent(), '80%');
      await frame.locator('#fit').click();
      const room = await frame.evaluate(() => document.documentElement.clientWidth);
      assert.ok(Math.abs((await width()) - (room - 34)) <= 1, `${await width()} of ${room}`);
      await page.evaluate(() => (document.getElementById('content')!.style.width = '700px'));
      await frame.waitForFunction((before) => document.documentElement.clientWidth < before, room);
      await frame.waitForFunction(
        () =>
          Math.abs(
            Number.parseFloat(document.querySelector<HTMLElement>('.page')!.style.width) -
              (document.documentElement.clientWidth - 34),
          ) <= 1,
      );
      const address = frame.url();
      const ask = (wish: string): Promise<void> =>
        page.evaluate(
          (url) => void ((document.getElementById('content') as HTMLIFrameElement).src = url),
          address + wish,
        );
      await ask('#whole-1');
      await frame.locator('#scale', { hasText: /^100%$/ }).waitFor();
      await ask('#larger-2');
      await frame.locator('#scale', { hasText: /^125%$/ }).waitFor();
      await ask('#find-3');
      await frame.waitForFunction(() => document.activeElement?.id === 'words');
    });
  });

  it('prints every page as large as paper wants it, each on a sheet of its size, and nothing when it is cancelled', async () => {
    await show('/?file=two.pdf', async (frame) => {
      await frame.waitForSelector('.page[data-drawn="yes"]');
      await frame.evaluate(() => {
        window.print = () => {
          const images = [...document.querySelectorAll<HTMLImageElement>('#paper img')];
          document.documentElement.dataset['printed'] = JSON.stringify(
            images.map((image) => [image.complete, image.naturalWidth, image.naturalHeight]),
          );
          document.documentElement.dataset['rules'] = [...document.adoptedStyleSheets[0]!.cssRules]
            .map((rule) => rule.cssText)
            .join(' ');
        };
      });
      // The second page takes until somebody cancels.
      await frame.evaluate(() => {
        const { toBlob } = HTMLCanvasElement.prototype;
        HTMLCanvasElement.prototype.toBlob = function held(callback): void {
          if (document.querySelector('#paper img') === null) toBlob.call(this, callback);
          else HTMLCanvasElement.prototype.toBlob = toBlob;
        };
      });
      await frame.locator('#print').click();
      await frame.locator('#printing', { hasText: /^Page 2 of 2 / }).waitFor();
      await frame.waitForFunction(() => HTMLCanvasElement.prototype.toBlob.name !== 'held');
      await frame.locator('#stop').click();
      await frame.waitForFunction(() => document.querySelector('#paper')!.childElementCount === 0);
      assert.equal(await frame.locator('#printing').textContent(), '');
      await frame.locator('#print').click();
      await frame.waitForSelector('html[data-printed]', { state: 'attached' });
      const printed = JSON.parse((await frame.locator('html').getAttribute('data-printed'))!) as unknown[];
      assert.equal(printed.length, 2);
      // 595 by 842 points at 200 dots an inch.
      assert.deepEqual(printed[0], [true, 1652, 2338]);
      assert.match((await frame.locator('html').getAttribute('data-rules'))!, /size: 8\.26\d*in 11\.69\d*in/);
      await frame.evaluate(() => dispatchEvent(new Event('afterprint')));
      assert.equal(await frame.locator('#paper img').count(), 0);
    });
  });

  it('a PDF with a script is shown and the script is not run', async () => {
    await show('/?file=hostile.pdf', async (frame, _, requests) => {
      await frame.waitForSelector('.page[data-drawn="yes"]');
      assert.match((await frame.locator('.words').first().textContent())!, /page one/);
      assert.equal(
        requests.some((url) => url.includes(':9/')),
        false,
      );
    });
  });

  it('what is no PDF is said to be none', async () => {
    await show('/?file=broken.pdf', async (frame) => {
      await frame.waitForSelector('html[data-failed="InvalidPDFException"]');
      assert.match((await frame.locator('#notice').textContent())!, /is not a PDF/);
    });
  });

  it('its origin reads PDFs of this publication, and nothing else of anything', async () => {
    await show(
      '/?file=two.pdf',
      async (frame, _, __, port) => {
        await frame.waitForSelector('.page[data-drawn="yes"]');
        const tried = await frame.evaluate(
          async ({ app, content }) => {
            const outcomes: Record<string, string> = {};
            const urls: Record<string, string> = {
              own: '/content/two.pdf',
              text: '/content/notes.txt',
              climb: '/cmaps/..%2f..%2fpackage.json',
              app,
              content,
              out: 'http://127.0.0.1:9/',
            };
            for (const [name, url] of Object.entries(urls)) {
              outcomes[name] = await fetch(url).then(
                (response) => String(response.status),
                () => 'refused',
              );
            }
            return outcomes;
          },
          { app: `http://127.0.0.1:${port}/`, content: `http://${CONTENT}.localhost:${port}/notes.txt` },
        );
        assert.deepEqual(tried, {
          own: '200',
          text: '404',
          climb: '404',
          app: 'refused',
          content: 'refused',
          out: 'refused',
        });
      },
      { complaints: /^Fetch API cannot load|connect-src/ },
    );
  });

  it('a link to a PDF inside the content leads to the viewer', async () => {
    await show(
      '/two.pdf',
      async (frame, page) => {
        await page.waitForFunction(() => true);
        await frame.waitForURL(new RegExp(`^http://${VIEWER}\\.localhost`));
        await frame.waitForSelector('.page[data-drawn="yes"]');
      },
      { host: CONTENT },
    );
  });
});
