/** Texts around the help that ships with the program. In German. */
import type { helpTexts as english } from '../en/help.ts';
import type { TextsOf } from '../texts.ts';

export const helpTexts: TextsOf<typeof english> = {
  'section.help': 'Hilfe',
  'help.came': 'Kam mit diesem Programm',
  'help.about': 'Dafür wurde nichts geholt, und beim Lesen wird nach nichts gefragt.',
  'help.contents': 'Inhalt',
  'help.read': 'Die Hilfe lesen',
  'help.failed': 'Die Hilfe ließ sich nicht öffnen',
};
