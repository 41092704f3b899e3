/** The player of shared files, and what is told while the window is away. In German. */
import type { playerTexts as english } from '../en/player.ts';
import type { TextsOf } from '../texts.ts';

export const playerTexts: TextsOf<typeof english> = {
  'player.label': 'Wiedergabe von {name}',
  'player.verified': 'Stück für Stück geprüft',
  'player.arriving': 'Spielt, während es kommt. Was nicht geprüft ist, wird nicht gezeigt.',
  'player.whole': 'Alles davon ist hier und wurde geprüft, als es kam.',
  'player.back': 'Zu Übertragungen',
  'player.opening': 'Die Wiedergabe wird geöffnet',
  'player.waitsAt': 'Die Wiedergabe wartet auf das Stück bei {place}',
  'player.readsAt': 'Gelesen bis {place}',
  'player.nothingYet': 'Noch ist nichts davon hier',
  'player.paused': 'Das Herunterladen ruht. Was hier ist, spielt.',
  'player.failed': 'Das Herunterladen blieb stehen. Was hier ist, spielt.',
  'player.gone': 'Diese Datei steht nicht mehr auf der Liste der Übertragungen',
  'player.goneText':
    'Sie wurde von der Liste entfernt, oder der Knoten wurde neu gestartet. Wurde sie ganz geladen, ist sie dort, wohin du sie getan hast.',
  'player.kind.other': 'Broadside spielt keine Dateien dieser Art',
  'player.kind.otherText':
    'Ton, Film und Bilder, die Browser kennen, werden hier gezeigt, und nichts anderes wird geöffnet. Ist sie ganz hier, sichere sie oder öffne ihren Ordner.',
  'player.direct': 'Beide Seiten sehen die Adresse der anderen.',
  'notify.downloadDone': 'Ein Herunterladen ist fertig',
  'notify.downloadFailed': 'Ein Herunterladen blieb stehen',
  'notify.jobDone': 'Etwas, das im Hintergrund lief, ist zu Ende',
  'notify.jobFailed': 'Etwas, das im Hintergrund lief, blieb stehen',
  'notify.wish': 'Ein Wunsch hat etwas gefunden',
  'notify.settings': 'Mitteilungen',
  'notify.on': 'Melden, während das Fenster nicht vorn ist',
  'notify.onAbout':
    'Wenn ein Herunterladen oder anderes zu Ende ist, und wenn ein Wunsch etwas gefunden hat. Das System zeigt es, vielleicht auf dem Sperrbildschirm.',
  'notify.names': 'Mit Namen',
  'notify.namesAbout':
    'Der Name der Datei oder der Veröffentlichung steht in der Mitteilung. Sonst sagt sie nur, was geschehen ist.',
  'notify.refused':
    'Der Browser lässt diese Seite nichts melden. Erlaube es in den Einstellungen des Browsers für diese Adresse.',
  'title.running': { one: '{rate} herein, {count} läuft', other: '{rate} herein, {count} laufen' },
};
