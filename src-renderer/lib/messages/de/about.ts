/** Texts of About: what this is, and what is promised and what not. In German. */
import type { aboutTexts as english } from '../en/about.ts';
import type { TextsOf } from '../texts.ts';

export const aboutTexts: TextsOf<typeof english> = {
  'section.about': 'Über Broadside',
  'about.tagline': 'Einmal veröffentlicht, von allen mit dem Link zu lesen, schwer zurückzunehmen.',
  'about.this': 'Dieses Programm',
  'about.version': 'Version',
  'about.licence': 'Lizenz',
  'about.licenceName': 'MIT',
  'about.licenceText':
    'Freie Software: benutze, ändere und verbreite sie; es gibt keine Gewährleistung. Die ganze Lizenz liegt dem Programm bei, ebenso die Lizenzen dessen, woraus es besteht.',
  'about.made':
    'Schriften: Besley, Public Sans, Source Serif 4, Libre Franklin und Noto, unter der SIL Open Font License. Zeichen: Lucide, unter der ISC-Lizenz.',
  'about.noReports': 'Es sendet niemandem Berichte und sucht nicht nach neuen Versionen.',
  'about.network': 'Netz',
  'about.key': 'Schlüssel dieses Knotens',
  'about.promised': 'Was versprochen ist',
  'about.promiseTitle.whole': 'Was du liest, ist, was veröffentlicht wurde',
  'about.promise.whole':
    'Jedes Stück wird mit dem Link verglichen, bevor es gezeigt wird. Ob es wahr ist, urteilst du selbst.',
  'about.promiseTitle.spread': 'Es hängt nicht an einem Computer',
  'about.promise.spread':
    'Eine Veröffentlichung ist in Anteile auf vielen Knoten geteilt, von denen einige genügen. Verlorene Anteile werden ersetzt, solange sie gelesen oder erhalten wird.',
  'about.promiseTitle.sealed': 'Knoten können nicht lesen, was sie aufbewahren',
  'about.promise.sealed': 'Was für andere aufbewahrt wird, ist versiegelt, und der Schlüssel steht nur im Link.',
  'about.promiseTitle.anonymous': 'Anonym: keine einzelne Nachricht sagt, von wem sie ist',
  'about.promise.anonymous':
    'Was anonym veröffentlicht und gelesen wird, geht in Sprüngen. Ein Knoten, der eine Nachricht weitergibt, erkennt an ihr nicht, ob sein Nachbar sie begonnen hat oder auch nur weitergibt.',
  'about.promiseTitle.direct': 'Direkt: beide Seiten sehen die Adresse der anderen',
  'about.promise.direct': 'Freigegebene Dateien gehen geradewegs, und das wird vor dem ersten Byte gesagt.',
  'about.notPromised': 'Was nicht',
  'about.notTitle.hidden': 'Dass du Broadside benutzt, ist nicht verborgen',
  'about.not.hidden': 'Wer deine Leitung beobachtet, sieht es, und die Knoten neben deinem sehen es auch.',
  'about.notTitle.everything': 'Nichts gegen jemanden, der alles sieht',
  'about.not.everything':
    'Wer den ganzen Verkehr des Netzes zugleich beobachtet oder die meisten Knoten betreibt, kann herausfinden, wer veröffentlicht und wer liest.',
  'about.notTitle.small': 'In einem kleinen Netz kann sich niemand in der Menge verbergen',
  'about.not.small': 'Bei einem Dutzend Knoten sagt es schon viel, einer von ihnen zu sein.',
  'about.notTitle.forever': 'Nichts wird für immer aufbewahrt',
  'about.not.forever':
    'Was niemand liest und niemand erhält, geht verloren, wenn die Knoten, die es haben, den Platz brauchen oder verschwinden.',
  'about.notTitle.back': 'Löschen erreicht keine Kopien',
  'about.not.back': 'Wer etwas veröffentlicht hat, kann es löschen. Wer eine Kopie hat, hat eine Kopie.',
};
