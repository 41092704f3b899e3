/** Texts of bookmarks. In German. */
import type { bookmarkTexts as english } from '../en/bookmarks.ts';
import type { TextsOf } from '../texts.ts';

export const bookmarkTexts: TextsOf<typeof english> = {
  'bookmarks.tab': 'Lesezeichen',
  'bookmarks.add': 'Lesezeichen setzen',
  'bookmarks.remove': 'Lesezeichen wegnehmen',
  'bookmarks.removeOf': 'Lesezeichen wegnehmen: {title}',
  'bookmarks.added': 'Das Lesezeichen ist gesetzt. Einmal am Tag wird nach neuen Ausgaben gesehen.',
  'bookmarks.addedPermanent': 'Das Lesezeichen ist gesetzt. Sie ist endgültig: neue Ausgaben gibt es nicht.',
  'bookmarks.removed': 'Das Lesezeichen ist weg.',
  'bookmarks.none': 'Noch keine Lesezeichen',
  'bookmarks.noneText':
    'Das Lesezeichen in der Leiste über dem, was du liest, setzt es hierher. Einmal am Tag wird nach neuen Ausgaben gesehen, und sie werden hervorgehoben.',
  'bookmarks.noneMatches': 'Kein Lesezeichen hat „{filter}“ im Titel.',
  'bookmarks.new': 'Neue Ausgabe {edition}',
  'bookmarks.newCount': { one: '{count} neu', other: '{count} neu' },
  'bookmarks.found': 'gefunden {ago}',
  'bookmarks.deleted': 'Von ihrem Herausgeber gelöscht, bemerkt {ago}',
  'bookmarks.addedAt': 'gesetzt {ago}',
  'bookmarks.openOf': 'Öffnen: {title}',
};
