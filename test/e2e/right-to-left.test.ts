/**
 * A person who reads from right to left, with the keyboard alone: the language is chosen in Settings, the help is read in it, a
 * document with an Arabic title is published, and a file is found by an Arabic word.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Locator } from 'playwright-core';
import { untilValue } from '../support/page.ts';
import type { AppWindow } from '../support/page.ts';
import { startStage } from './stage.ts';
import type { Stage } from './stage.ts';

const TITLE = 'محاضر لجنة المرفأ، ١٩١١';

let stage: Stage;
before(async () => {
  stage = await startStage('a', 'c');
});
after(() => stage?.stop());

/** A window of the one who chose Arabic; each view of it is looked at, and nothing sticks out at the side. */
async function openArabic(): Promise<AppWindow> {
  const window = await stage.open('a');
  await window.page.locator('html[dir="rtl"][lang="ar"]').waitFor();
  return window;
}

async function look(window: AppWindow, state: string): Promise<void> {
  await window.assertFits(state);
  await window.inspect(state, 'iframe');
}

/** What a keyboard of that language sends for a key that stands where `code` says. */
async function pressArabic({ context, page }: AppWindow, code: string, key: string, isShifted = false): Promise<void> {
  const session = await context.newCDPSession(page);
  for (const type of ['keyDown', 'keyUp'] as const) {
    // Shift, as the protocol numbers it.
    await session.send('Input.dispatchKeyEvent', { type, code, key, modifiers: isShifted ? 8 : 0 });
  }
  await session.detach();
}

const xOf = async (locator: Locator): Promise<number> => (await locator.boundingBox())!.x;

describe('from right to left', { timeout: 240_000 }, () => {
  it('is chosen in Settings, and all of the window turns round at once', async () => {
    const window = await stage.open('a');
    const { page } = window;
    await window.tabTo('link', 'Settings');
    await page.keyboard.press('Enter');
    const arabic = page.getByRole('radio', { name: 'العربية' });
    await arabic.waitFor();
    const beforeX = await xOf(page.locator('.wordmark'));
    await arabic.focus();
    await page.keyboard.press('Space');
    await page.locator('html[dir="rtl"][lang="ar"]').waitFor();
    await window.heading('الإعدادات').waitFor();
    assert.ok((await xOf(page.locator('.wordmark'))) > beforeX, 'the wordmark stands at the other side');
    assert.ok((await page.getByText(/[\u0600-\u06ff]/).count()) > 20);
    await look(window, 'settings');

    // What is more lies to the left: a slider grows that way.
    const slider = page.getByRole('slider', { name: 'الملفات المشتركة المرسلة معًا' });
    const sent = Number(await slider.inputValue());
    await slider.focus();
    await page.keyboard.press('ArrowLeft');
    await untilValue(slider, String(sent + 1));
    await page.keyboard.press('ArrowRight');
    await untilValue(slider, String(sent));
    await window.close();
  });

  it('reads the help that came with the program, in Arabic and from the keys', async () => {
    const window = await openArabic();
    const { page } = window;
    await pressArabic(window, 'Slash', '؟', true);
    await page.getByRole('dialog', { name: 'المفاتيح' }).waitFor();
    await window.tabTo('button', 'قراءة المساعدة');
    await page.keyboard.press('Enter');
    const content = page.frameLocator('iframe');
    await content.getByRole('heading', { level: 1, name: 'مساعدة Broadside' }).waitFor();
    assert.equal(await content.locator('html').getAttribute('dir'), 'rtl');
    await look(window, 'help');
    await content.getByRole('link', { name: 'مجهول ومباشر: ما الفرق' }).press('Enter');
    await content.getByRole('heading', { level: 1, name: 'مجهول ومباشر: ما الفرق' }).waitFor();
    await content.getByRole('link', { name: /^التالي/ }).press('Enter');
    await content.getByRole('heading', { level: 1, name: 'ما نَعِد به وما لا نَعِد به' }).waitFor();
    await window.tabTo('button', 'المحتويات');
    await page.keyboard.press('Enter');
    await content.getByRole('heading', { level: 1, name: 'مساعدة Broadside' }).waitFor();
    window.assertQuiet('help');
    await window.close();
  });

  it('publishes a document with an Arabic title, and reads it', async () => {
    const window = await openArabic();
    const { page } = window;
    const file = join(stage.write('paper', { 'minutes.txt': 'قُرئت وأُقرّت.\n' }), 'minutes.txt');
    // The key of N on an Arabic keyboard.
    await pressArabic(window, 'KeyN', 'ى');
    await window.heading('لم يُختر شيء بعد').waitFor();
    const choosing = page.waitForEvent('filechooser');
    await window.tabTo('button', 'اختيار ملف');
    await page.keyboard.press('Enter');
    await (await choosing).setFiles(file);
    await window.tabTo('textbox', 'العنوان، كما سيراه القراء');
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText(TITLE);
    await window.text('لم يُعثر على شيء يدل على صاحبها.').waitFor();
    await look(window, 'publish');
    await page.keyboard.press('Control+Enter');
    await window.heading('جُلب من جديد بطرق أخرى').waitFor();
    assert.equal(await page.locator('h1').first().textContent(), TITLE);
    await look(window, 'published');
    await window.tabTo('checkbox', 'حفظتها في مكان آمن');
    await page.keyboard.press('Space');
    await window.heading('كلمة مروره، تُعرض مرة واحدة').waitFor({ state: 'detached' });
    // Links are read from left to right everywhere.
    assert.equal(await page.locator('.letters').evaluate((element) => getComputedStyle(element).direction), 'ltr');
    await window.tabTo('button', 'فتحه');
    await page.keyboard.press('Enter');
    await page.frameLocator('iframe').getByText('قُرئت وأُقرّت.').waitFor();
    await window.text('تم التحقق').waitFor();
    await look(window, 'reader');
    await window.close();
  });

  it('finds a file by an Arabic word, goes through what was found by arrow keys, and is asked before the first byte', async () => {
    const { client } = stage.daemon('c');
    const folder = stage.write('سجلات', { 'دفتر المنارة.txt': 'ليلة هادئة.\n', 'محاضر المرفأ.txt': 'قُرئت.\n' });
    const offered = Promise.withResolvers<void>();
    const stopListening = client.on('shares', (folders) => {
      if (folders.some(({ path, offeredFiles }) => path === folder && offeredFiles === 2)) offered.resolve();
    });
    await client.call('shares.add', { path: folder });
    await offered.promise;
    stopListening();

    const window = await openArabic();
    const { page } = window;
    await page.keyboard.press('/');
    await page.keyboard.insertText('المنارة');
    await page.keyboard.press('Enter');
    const row = page.locator('[aria-posinset]', { hasText: 'دفتر' });
    const again = window.button('البحث ثانية');
    for (;;) {
      await again.waitFor();
      if (await row.isVisible()) break;
      await again.click();
    }
    await window.heading('نتيجة واحدة').waitFor();
    await look(window, 'found');
    await row.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'سيرى كل طرف عنوان الآخر' }).waitFor();
    await look(window, 'asked');
    await window.close();
  });
});
