/**
 * The collection of hostile documents (test/hostile) in a real browser: through the viewer, and as saved copies, without any
 * header and in a page that may run scripts. No connection arrives at the canary, no script runs, the frame stays.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Browser } from 'playwright-core';
import { inertDocument } from '../../src-main/workers/inert/document.ts';
import { inertHtml } from '../../src-main/workers/inert/markup.ts';
import { Tally } from '../../src-main/workers/inert/tally.ts';
import { hostileCases } from '../hostile/cases.ts';
import type { HostileCase } from '../hostile/cases.ts';
import { launchChromium } from '../support/chromium.ts';
import { TOKEN, headless } from '../support/headless.ts';
import { servedPublication } from '../support/served-publication.ts';
import type { TableFile } from '../support/served-publication.ts';
import { hostileMarkup } from '../unit/inert/arbitrary-markup.ts';

const CONTENT = 'c'.repeat(52);
const EXTENSIONS = { 'text/html': 'html', 'image/svg+xml': 'svg', 'text/css': 'css', 'text/markdown': 'md' } as const;

let canary: Server;
let at: string;
let arrivals: string[] = [];
let browser: Browser;
let directory: string;
let cases: HostileCase[];

before(async () => {
  canary = createServer((socket) => {
    arrivals.push('a connection');
    socket.on('data', (bytes) => {
      arrivals.push(bytes.toString('latin1').split('\r\n', 1)[0]!);
      socket.end('HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    });
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
  at = `http://127.0.0.1:${(canary.address() as AddressInfo).port}`;
  cases = hostileCases(at);
  browser = await launchChromium();
  directory = mkdtempSync(join(tmpdir(), 'broadside-hostile-'));
  writeFileSync(join(directory, 'index.html'), '<!doctype html><title>App</title><body>');
});

after(async () => {
  await browser?.close();
  canary?.close();
  if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
});

/** What a browser begins has no event that could be awaited; loopback needs a fraction of this (see content-canary). */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 300));

describe('the collection of hostile documents', () => {
  it('control: each kind of attack works on a page that nobody looks after', async () => {
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      arrivals = [];
      const ran: string[] = [];
      for (const name of [
        'pictures',
        'sheets with escapes',
        'connections ahead',
        'handlers',
        'DOMPurify 2.2.0: math in SVG',
      ]) {
        const { body } = cases.find((one) => one.name === name) ?? assert.fail(name);
        await page.setContent(body);
        await settled();
        if (await page.evaluate(() => document.documentElement.hasAttribute('data-ran'))) ran.push(name);
      }
      assert.deepEqual(ran, ['handlers']);
      // Of each of the three that load: pictures, what sheets name, what is fetched ahead.
      const pathOf = (name: string): string => `GET /case-${cases.findIndex((one) => one.name === name) + 1}`;
      for (const name of ['pictures', 'sheets with escapes', 'connections ahead'])
        assert.ok(
          arrivals.some((line) => line.startsWith(pathOf(name))),
          `${name}: ${arrivals.join()}`,
        );
    } finally {
      await context.close();
    }
  });

  it('through the viewer: none reaches anybody, none runs, none leaves its frame', { timeout: 300_000 }, async () => {
    assert.ok(cases.length >= 80, String(cases.length));
    const table: Record<string, TableFile> = {};
    const pages: string[] = [];
    for (const [index, { type, body }] of cases.entries()) {
      const name = `${index + 1}.${EXTENSIONS[type]}`;
      table[name] = { type, body };
      const shown =
        type === 'text/css' ? `<!doctype html><link rel=stylesheet href="${name}"><p>a` : `<img src="${name}">`;
      if (type === 'text/css' || type === 'image/svg+xml') {
        table[`page-${index + 1}.html`] = { type: 'text/html', body: shown };
        pages.push(`page-${index + 1}.html`);
      }
      if (type !== 'text/css') pages.push(name);
    }
    const server = await headless({
      rendererDirectory: directory,
      origins: { [CONTENT]: { kind: 'content', publication: servedPublication(table), viewerLabel: 'v'.repeat(52) } },
      onTold: () => {},
    });
    const context = await browser.newContext();
    try {
      arrivals = [];
      const page = await context.newPage();
      await page.goto(server.url.replace(`#token=${TOKEN}`, ''));
      const urls = pages.map((name) => `http://${CONTENT}.localhost:${server.port}/${name}`);
      // Several frames at once, each for its own document; what they do is looked at before they go.
      for (let first = 0; first < urls.length; first += 12) {
        const batch = urls.slice(first, first + 12);
        await page.evaluate(
          (addresses) =>
            Promise.all(
              addresses.map(
                (address) =>
                  new Promise((resolve) => {
                    const frame = document.createElement('iframe');
                    frame.setAttribute('sandbox', 'allow-same-origin');
                    frame.addEventListener('load', resolve);
                    frame.src = address;
                    document.body.append(frame);
                  }),
              ),
            ),
          batch,
        );
        await settled();
        const frames = page.frames().filter((frame) => frame.parentFrame() !== null);
        assert.deepEqual(frames.map((frame) => frame.url()).toSorted(), batch.toSorted(), 'the frames stay');
        for (const frame of frames) {
          const ran = await frame.evaluate(() => document.documentElement.hasAttribute('data-ran'));
          assert.equal(ran, false, frame.url());
        }
        assert.deepEqual(arrivals, [], batch.join(' '));
        assert.equal(await page.title(), 'App');
        await page.evaluate(() => document.body.replaceChildren());
      }
    } finally {
      await context.close();
      await server.stop();
    }
  });

  it(
    'saved, without the policy that is saved with them, in a page that may run scripts',
    { timeout: 300_000 },
    async () => {
      const context = await browser.newContext();
      try {
        arrivals = [];
        const page = await context.newPage();
        for (const [index, { name, type, body }] of cases.entries()) {
          if (type === 'text/css') continue;
          const kind = type === 'text/html' ? 'html' : type === 'image/svg+xml' ? 'svg' : 'markdown';
          const path = `${index}.${EXTENSIONS[type]}`;
          const { bytes } = inertDocument({ kind, path, purpose: 'save', bytes: new TextEncoder().encode(body) });
          const saved = new TextDecoder().decode(bytes).replace(/<meta http-equiv[^>]*>/, '');
          const file = join(directory, kind === 'svg' ? path : `${path}.html`);
          writeFileSync(file, saved);
          await page.goto(`file://${file}`);
          const ran = await page.evaluate(() => document.documentElement?.hasAttribute('data-ran') ?? false);
          assert.equal(ran, false, name);
          assert.ok(page.url().startsWith('file:'), name);
        }
        await settled();
        assert.deepEqual(arrivals, []);
      } finally {
        await context.close();
      }
    },
  );

  it('property: what Chromium makes of the output, and of what it makes of that, holds nothing that acts', async () => {
    const samples = fc.sample(hostileMarkup, 300).map((markup) => {
      const options = { from: 'dir/page.html', tally: new Tally(), purpose: 'show' as const };
      return inertHtml(markup, options);
    });
    const page = await browser.newPage();
    try {
      const found = await page.evaluate((outputs) => {
        const wrong: string[] = [];
        const forbidden =
          'script,iframe,frame,frameset,object,embed,form,base,meta,template,textarea,noscript,animate,set,foreignObject,annotation-xml,slot,portal';
        const look = (markup: string, context: string): string => {
          const parsed = new DOMParser().parseFromString(markup, 'text/html');
          if (parsed.querySelector(forbidden) !== null) wrong.push(`${context}: an element in ${markup}`);
          for (const element of parsed.querySelectorAll('*')) {
            for (const { name, value } of element.attributes) {
              if (name.startsWith('on')) wrong.push(`${context}: ${name} in ${markup}`);
              if (!['href', 'src', 'xlink:href', 'poster', 'background', 'srcset', 'cite'].includes(name)) continue;
              const url = new URL(value.split(' ', 1)[0]!, 'http://inside.example/dir/page.html');
              if (url.host !== 'inside.example' && !/^data:(?:image|audio|video)\//.test(url.href))
                wrong.push(`${context}: ${name}=${value} in ${markup}`);
            }
          }
          return parsed.documentElement.outerHTML;
        };
        for (const output of outputs) {
          const once = look(output, 'once');
          look(look(once, 'twice'), 'three times');
          look(`<svg>${output}`, 'in SVG');
          look(`<math><mtext>${output}`, 'in MathML');
          look(`<table><select>${output}`, 'in a table');
        }
        return wrong;
      }, samples);
      assert.deepEqual(found, []);
    } finally {
      await page.close();
    }
  });
});
