/** Whatever was published is shown as what it is: PDF in our viewer, Markdown, text, pictures, sound, a folder as a list. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { makePdf } from '../../src-main/host/cli/samples/pdf.ts';
import { PDF_PAGES } from '../../src-main/host/cli/samples/texts.ts';
import { PAGE_TIMEOUT_MS } from '../support/page.ts';
import { makeTone, openByField, PICTURE, publishPath, startStage } from './stage.ts';
import type { Stage } from './stage.ts';

/** Article 1 of the Universal Declaration of Human Rights, in three scripts: each line runs from its own side. */
const DECLARATION = [
  ['rtl', 'يولد جميع الناس أحرارًا متساوين في الكرامة والحقوق.'],
  ['ltr', 'All human beings are born free and equal in dignity and rights.'],
  ['rtl', 'כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם.'],
  ['rtl', '1. وهم قد وُهبوا العقل والوجدان (reason and conscience).'],
] as const;

let stage: Stage;
let pdfLink: string;
let folderLink: string;
let folder: string;

before(async () => {
  stage = await startStage('a');
  const pdf = join(stage.write('pdf', {}), '..', 'Dredging.pdf');
  folder = stage.write('Papers of the harbour', {
    'notes.md': '# Notes\n\nWith *emphasis*, and <b>markup of its own</b>.\n',
    'declaration.txt': `${DECLARATION.map(([, line]) => line).join('\n')}\n`,
    'minutes.txt': 'Минуты и протоколы\nsecond line <script>\n',
    'lamp.png': PICTURE,
    'tone.wav': makeTone(),
    'more/inner.txt': 'below',
  });
  writeFileSync(pdf, makePdf('Dredging of the north channel', PDF_PAGES));
  pdfLink = (await publishPath(stage.daemon('a'), pdf)).link;
  folderLink = (await publishPath(stage.daemon('a'), folder)).link;
  await stage.daemon('a').kill();
  await stage.start('c');
});
after(() => stage?.stop());

describe('kinds of content', { timeout: 180_000 }, () => {
  it('a PDF: its pages drawn by our viewer, with their words', async () => {
    const window = await stage.open('c');
    await openByField(window, pdfLink);
    const page = window.content.locator('.page').first();
    await window.content.locator('.page[data-drawn="yes"]').first().waitFor();
    assert.match((await page.locator('.words').textContent()) ?? '', /Dredging of the north channel/);
    const inked = await page.locator('canvas').evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      let dark = 0;
      for (let at = 0; at < data.length; at += 4) if (data[at]! < 128 && data[at + 3]! > 0) dark += 1;
      return dark;
    });
    assert.ok(inked > 500, `${inked} dark pixels`);
    await window.content.locator('#place').getByText('Page 1 of 4').waitFor();
    await window.inspect('a PDF');
    const saving = window.page.waitForEvent('download');
    await window.page.getByRole('link', { name: 'Save this file' }).click();
    assert.deepEqual(
      readFileSync(await (await saving).path()),
      Buffer.from(makePdf('Dredging of the north channel', PDF_PAGES)),
    );
    await window.close();
  });

  it('a folder: a list; in it Markdown laid out, text, a picture, sound', async () => {
    const window = await stage.open('c');
    const { page, content } = window;
    // axe is put into every frame, this one too, and the browser says that it does not run there.
    window.expect(/Blocked script execution/);
    await openByField(window, folderLink);
    await content.getByRole('heading', { name: 'Papers of the harbour' }).waitFor();
    assert.deepEqual(await content.locator('tbody tr td:first-child').allTextContents(), [
      'more/',
      'declaration.txt',
      'lamp.png',
      'minutes.txt',
      'notes.md',
      'tone.wav',
    ]);
    await window.inspect('a folder', 'iframe');
    await window.inspectContent('a folder');
    await content.getByRole('link', { name: 'more/' }).click();
    await content.getByRole('link', { name: 'inner.txt' }).waitFor();

    const choose = (path: string): Promise<void> =>
      page
        .getByRole('complementary')
        .getByRole('button', { name: new RegExp(`^${path.replaceAll('.', '\\.')}`) })
        .click();
    await choose('notes.md');
    await content.getByRole('heading', { name: 'Notes', exact: true }).waitFor();
    assert.equal(await content.locator('em').textContent(), 'emphasis');
    await content.getByText('<b>markup of its own</b>').waitFor();
    await window.inspectContent('Markdown');

    await choose('minutes.txt');
    await content.getByText('Минуты и протоколы').waitFor();
    await content.getByText('second line <script>').waitFor();
    assert.equal(await content.locator('script').count(), 0);
    window.assertQuiet('text');

    await choose('declaration.txt');
    await content.getByText(DECLARATION[0][1]).waitFor();
    const sides = await content.locator('pre').evaluate((pre) => {
      const text = pre.firstChild as Text;
      const box = pre.getBoundingClientRect();
      let from = 0;
      return text.data
        .trimEnd()
        .split('\n')
        .map((line) => {
          const range = document.createRange();
          range.setStart(text, from);
          range.setEnd(text, from + line.length);
          from += line.length + 1;
          const { left, right } = range.getBoundingClientRect();
          return right - left > box.width - 4
            ? 'both'
            : Math.abs(right - box.right) < 4
              ? 'rtl'
              : left - box.left < 4
                ? 'ltr'
                : 'neither';
        });
    });
    assert.deepEqual(
      sides,
      DECLARATION.map(([side]) => side),
    );
    await window.inspectContent('text in three scripts');

    await choose('lamp.png');
    const picture = content.locator('img');
    await picture.waitFor();
    assert.deepEqual(
      await picture.evaluate(async (image: HTMLImageElement) => {
        await image.decode();
        return [image.naturalWidth, image.naturalHeight];
      }),
      [64, 48],
    );
    window.assertQuiet('a picture');

    await choose('tone.wav');
    const sound = content.locator('video, audio').first();
    await sound.waitFor();
    // Nothing that listens is called in a frame without script, so it is looked at, frame by frame of the page around it.
    let seconds = Number.NaN;
    for (const untilMs = performance.now() + PAGE_TIMEOUT_MS; Number.isNaN(seconds) && performance.now() < untilMs;) {
      await page.evaluate(() => new Promise(requestAnimationFrame));
      const media = await sound.evaluate((element: HTMLMediaElement) => ({
        error: element.error?.message,
        duration: element.duration,
      }));
      assert.equal(media.error, undefined);
      seconds = media.duration;
    }
    assert.ok(Math.abs(seconds - 0.5) < 0.01, `${seconds} s`);
    window.assertQuiet('sound');

    await page.getByRole('complementary').getByRole('button', { name: 'All files' }).click();
    await content.getByRole('link', { name: 'tone.wav' }).waitFor();
    await window.close();
  });
});
