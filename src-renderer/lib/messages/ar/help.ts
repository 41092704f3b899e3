/** Texts around the help that ships with the program. In Arabic. */
import type { helpTexts as english } from '../en/help.ts';
import type { TextsOf } from '../texts.ts';

export const helpTexts: TextsOf<typeof english> = {
  'section.help': 'المساعدة',
  'help.came': 'جاءت مع هذا البرنامج',
  'help.about': 'لم يُجلب شيء من أجلها، ولا يُطلب شيء أثناء القراءة.',
  'help.contents': 'المحتويات',
  'help.read': 'قراءة المساعدة',
  'help.failed': 'تعذر فتح المساعدة',
};
