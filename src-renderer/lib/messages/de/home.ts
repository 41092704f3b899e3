/** Texts of Home, Search and Transfers. In German. */
import type { homeTexts as english } from '../en/home.ts';
import type { TextsOf } from '../texts.ts';

export const homeTexts: TextsOf<typeof english> = {
  'home.youPublishedLast': 'Das hast du zuletzt veröffentlicht',
  'home.youOpenedLast': 'Das hast du zuletzt geöffnet',
  'home.newEditionFollowed': 'Neue Ausgabe von einem Pseudonym, das du verfolgst',
  'home.newEditionBookmarked': 'Neue Ausgabe bei einem Lesezeichen',
  'home.editionFound': 'Ausgabe {edition} · gefunden {ago}',
  'home.welcome': 'Einmal veröffentlicht, von allen mit dem Link zu lesen, schwer zurückzunehmen',
  'home.welcomeText':
    'Lass eine Datei oder einen Ordner irgendwo in diesem Fenster los. Du siehst, was Leser sehen werden, bevor etwas gesendet wird, und bekommst am Ende einen Link.',
  'home.welcomeOpen':
    'Um zu lesen, was jemand anderes veröffentlicht hat, gib den Link in das Feld oben ein, oder Wörter, nach denen zu suchen ist.',
  'home.openedLately': 'Kürzlich geöffnet',
  'home.all': 'Alles',
  'home.nothingOpened': 'Was du öffnest, steht hier. Gib einen Link in das Feld oben ein.',
  'home.youPublished': 'Von dir veröffentlicht',
  'home.nothingPublished': 'Was du veröffentlichst, steht hier, und wie viele seiner Anteile antworten.',
  'home.runningNow': 'Läuft jetzt',
  'home.nothingRuns': 'Nichts läuft.',
  'home.thisNode': 'Dieser Knoten',
  'home.publishSomething': 'Etwas veröffentlichen',
  'home.dropHere':
    'Lass eine Datei oder einen Ordner irgendwo in diesem Fenster los. Ein Link, den du loslässt, wird geöffnet.',

  'node.neighbours': 'Nachbarn',
  'node.keptForOthers': 'Für andere aufbewahrt',
  'node.comingIn': 'Kommt herein',
  'node.goingOut': 'Geht hinaus',
  'node.upSince': 'Läuft seit',

  'transfers.running': 'Läuft',
  'transfers.nothing': 'Nichts läuft. Was veröffentlicht, geöffnet und geprüft wird, steht hier, und worauf es wartet.',
  'transfers.interrupted': 'Unterbrochen',
  'transfers.finished': 'Fertig',
  'transfers.clear': { one: '{count}, Liste leeren', other: '{count}, Liste leeren' },
  'transfers.limit': 'Grenze {rate}',
  'transfers.sharing': 'Von hier freigegeben',
  'transfers.noUploads': 'Niemand lädt jetzt aus deinen freigegebenen Ordnern.',
  'transfers.uploads': {
    one: '{count} Datei ist unterwegs zu jemandem; {waiting} warten.',
    other: '{count} Dateien sind unterwegs zu anderen; {waiting} warten.',
  },
  'transfers.toShares': 'Freigegebene Ordner',
  'transfers.goesOn': 'Was läuft, geht weiter, wenn dieses Fenster geschlossen ist, solange der Knoten läuft.',
};
