/** Texts of the first run, and of the practice network that the app can start. In German. */
import type { firstRunTexts as english } from '../en/first-run.ts';
import type { TextsOf } from '../texts.ts';

export const firstRunTexts: TextsOf<typeof english> = {
  'first.promise': 'Einmal veröffentlicht, von allen mit dem Link zu lesen, schwer zurückzunehmen.',
  'first.steps': 'Dreierlei zu wählen; jedes hat eine gute Vorgabe',
  'first.room': 'Platz auf diesem Datenträger',
  'first.roomAbout':
    'Dein Knoten bewahrt versiegelte Stücke der Veröffentlichungen anderer auf. Keines davon kann er lesen.',
  'first.keptIn': 'Aufbewahrt in',
  'first.elsewhere':
    'Um es woanders aufzubewahren, starte Broadside mit -\u2060-\u2060data und dem Namen eines Ordners.',
  'first.speed': 'Geschwindigkeit',
  'first.speedAbout': 'Was Broadside höchstens nutzen darf. Es lässt sich jederzeit ändern und gilt sofort.',
  'first.network': 'Welches Netz',
  'first.real': 'Das öffentliche Netz',
  'first.realAbout': 'Was du veröffentlichst, lässt sich überall lesen. Es heißt {name}.',
  'first.practice': 'Ein Übungsnetz auf diesem Computer',
  'first.practiceAbout': 'Acht Knoten mit Beispielen, zum Ausprobieren. Nichts davon verlässt diesen Computer.',
  'first.practiceImpossible':
    'Dieses Fenster kann keines starten. In einem Quelltextordner tut es npm run demo, auf der Befehlszeile broadside testnet.',
  'first.alreadyPractice': 'Dein Knoten ist schon in einem Übungsnetz auf diesem Computer. Es heißt {name}.',
  'first.neighbours': { one: '{count} Nachbar', other: '{count} Nachbarn' },
  'first.looking': 'Sucht andere Knoten, bisher {time}',
  'first.waitsFor':
    'Es wird auf eine Antwort der ersten Knoten gewartet, die gefragt werden. Ist dieser Computer online? Du kannst trotzdem beginnen: die Suche geht weiter.',
  'first.noNode': 'Der Knoten antwortet nicht. Es wird von selbst wieder versucht.',
  'first.notHidden': 'Broadside verbirgt nicht, dass es auf diesem Computer läuft.',
  'first.promised': 'Was versprochen ist, und was nicht',
  'first.skip': 'Überspringen',
  'first.begin': 'Beginnen',

  'practice.title': 'Übungsnetz',
  'practice.about':
    'Knoten auf diesem Computer allein, mit einigen Beispielen. Deine eigene Bibliothek, deine Schlüssel und Einstellungen warten, bis du zurückkommst.',
  'practice.start': 'Ein Übungsnetz starten',
  'practice.stop': 'Anhalten',
  'practice.leave': 'Verlassen',
  'practice.starting': 'Ein Übungsnetz wird gestartet.',
  'practice.step.nodes': 'Seine Knoten beginnen.',
  'practice.step.links': 'Sie suchen einander.',
  'practice.step.samples': 'Die Beispiele werden dort veröffentlicht.',
  'practice.step.moving': 'Dein Knoten wechselt dorthin.',
  'practice.goOn': 'Du kannst hier so lange weitermachen.',
  'practice.on': 'Dies ist ein Übungsnetz.',
  'practice.onAbout': 'Nichts verlässt diesen Computer. Was du hier tust, wird entfernt, wenn du es verlässt.',
  'practice.leaving': 'Das Übungsnetz wird abgebaut.',
  'practice.failed': 'Das Übungsnetz ließ sich nicht starten.',
  'practice.samples': 'Beispiele zum Lesen',
};
