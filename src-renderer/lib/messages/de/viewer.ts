/** Texts of the reader's tools, of what is left out of content, of links that lead away, and of the preview. In German. */
import type { viewerTexts as english } from '../en/viewer.ts';
import type { TextsOf } from '../texts.ts';

export const viewerTexts: TextsOf<typeof english> = {
  'tools.open': 'Suchen, Größe, Quelltext',
  'tools.print': 'Drucken',
  'tools.find': 'Auf dieser Seite suchen',
  'tools.found': { one: '{at} von {count}', other: '{at} von {count}' },
  'tools.foundMany': '{at} von mehr als {limit}',
  'tools.nothing': 'Nirgends auf dieser Seite',
  'tools.next': 'Nächste',
  'tools.previous': 'Vorige',
  'tools.smaller': 'Kleiner',
  'tools.larger': 'Größer',
  'tools.asIs': 'So groß, wie es ist: {percent}',
  'tools.source': 'Quelltext zeigen',
  'tools.notHere': 'Nur in Seiten und Text',
  'tools.close': 'Diese Leiste schließen',

  'saving.title': '„{name}“ sichern',
  'saving.text':
    'Wie veröffentlicht kann sie enthalten, was ein anderes Programm ausführt oder lädt. Das würde anderen sagen, dass du sie hast und wo du bist.',
  'saving.inert': 'Eine Kopie sichern, die nichts ausführt und nichts lädt',
  'saving.exact': 'Genau so sichern, wie veröffentlicht',

  'blocked.line': 'Auf dieser Seite ausgelassen: {list}.',
  'blocked.about':
    'Nichts in einer Veröffentlichung darf laufen oder etwas von außen erfragen: Ausgelassenes hätte es getan. Der Quelltext zeigt es.',
  'blocked.script': { one: '{count} Skript', other: '{count} Skripte' },
  'blocked.picture': { one: '{count} Bild von anderswo', other: '{count} Bilder von anderswo' },
  'blocked.style': { one: '{count} Formatvorlage von anderswo', other: '{count} Formatvorlagen von anderswo' },
  'blocked.font': { one: '{count} Schrift von anderswo', other: '{count} Schriften von anderswo' },
  'blocked.media': { one: '{count} Ton oder Film von anderswo', other: '{count} Töne und Filme von anderswo' },
  'blocked.frame': { one: '{count} Rahmen oder Objekt', other: '{count} Rahmen und Objekte' },
  'blocked.form': { one: '{count} Formular', other: '{count} Formulare' },
  'blocked.redirect': { one: '{count} Sprung anderswohin', other: '{count} Sprünge anderswohin' },
  'blocked.hint': { one: '{count} Verbindung im Voraus', other: '{count} Verbindungen im Voraus' },
  'blocked.animation': { one: '{count} bewegter Teil', other: '{count} bewegte Teile' },

  'away.title': 'Dieser Link führt aus Broadside hinaus',
  'away.web':
    'Ihn zu öffnen ist direkt und nicht mehr anonym: die Website erfährt deine Adresse und wann du kamst, und weiß vielleicht durch eben diesen Link, was du gelesen hast. Ein solcher Link kann als Falle gesetzt sein.',
  'away.directTitle': 'Dieser Link führt zu einem direkten Herunterladen',
  'away.direct':
    'Direktes Herunterladen ist nicht anonym: beide Seiten sehen die Adresse der anderen. Ein solcher Link kann als Falle gesetzt sein.',
  'away.other':
    'Broadside öffnet keine Links dieser Art. Er lässt sich für ein anderes Programm kopieren, das anderen sagen kann, wer du bist.',
  'away.letters':
    'Der Name hat Buchstaben über die einfachen hinaus, die einander gleichen können. Ausgeschrieben: {host}',
  'away.copied': 'Die Adresse ist kopiert.',
  'away.openWeb': 'In einem Browser öffnen',
  'away.openDirect': 'Zum direkten Herunterladen',

  'preview.open': 'Vorschau',
  'preview.making': 'Es wird durchgesehen',
  'preview.title': 'Wie Leser es sehen werden',
  'preview.notSent': 'Noch ist nichts gesendet.',
  'preview.back': 'Zurück zum Veröffentlichen',
  'preview.leftOut': 'Was ausgelassen wird',
  'preview.nothingOut': 'Nichts: nichts darin würde laufen oder etwas erfragen.',
  'preview.broken': 'Links, die nirgendwohin führen',
  'preview.noneBroken': 'Keine: wohin es führt, ist darin.',
  'preview.from': 'in {page}',
  'preview.notShown': 'Zu groß, um gezeigt zu werden',
  'preview.unchecked': {
    one: '{count} weiteres Dokument wurde nicht durchgesehen.',
    other: '{count} weitere Dokumente wurden nicht durchgesehen.',
  },
};
