/** Shared files that are loaded, and what others load from here. In German. */
import type { transfersTexts as english } from '../en/transfers.ts';
import type { TextsOf } from '../texts.ts';

export const transfersTexts: TextsOf<typeof english> = {
  'download.finding': 'Knoten werden gesucht, die es haben',
  'download.again': 'wieder in {time}',
  'download.queuedAt': 'In der Schlange von {name}: Platz {place} von {waiting}',
  'download.queued': 'In der Schlange von {name}',
  'download.noneOnline': {
    one: 'Der eine Knoten, der es bekanntermaßen hat, ist nicht online',
    other: 'Keiner der {count} Knoten, die es bekanntermaßen haben, ist online',
  },
  'download.loading': {
    one: '{done} von {total}, geprüft, von {count} Quelle',
    other: '{done} von {total}, geprüft, von {count} Quellen',
  },
  'download.finishing': 'Das Letzte wird auf den Datenträger geschrieben',
  'download.done': 'Geprüft, {size}: {path}',
  'download.paused': 'Ruht bei {done}',
  'download.pause': 'Ruhen lassen',
  'download.resume': 'Fortsetzen',
  'download.discard': 'Mit seinen Daten entfernen',
  'download.details': 'Quellen und Stücke',
  'download.pieces': 'Stücke: {percent} hier',
  'download.pieces.here': 'geprüft, {count}',
  'download.pieces.coming': 'unterwegs, {count}',
  'download.pieces.notYet': 'noch nicht, {count}',
  'download.pieces.read': 'dort gelesen',
  'download.came':
    'Wann die Stücke kamen: vom Anfang der Datei links bis zum Ende, und nach unten, wie die Zeit verging, {time} insgesamt',
  'download.cameTitle': 'Wann die Stücke kamen',
  'download.play': 'Abspielen',
  'download.look': 'Ansehen',
  'download.playLabel': 'Abspielen: {name}',
  'download.lookLabel': 'Ansehen: {name}',
  'download.cannotPlay':
    'Dieses Fenster kann Dateien dieser Art nicht entschlüsseln. Sichere sie, wenn sie hier ist, und öffne sie mit einem anderen Programm.',
  'download.open': 'Öffnen',
  'download.openProgram':
    'Es könnte auf diesem Gerät laufen, darum wird es von hier nicht geöffnet. Sein Ordner schon.',
  'download.folder': 'Den Ordner zeigen',
  'download.copyPath': 'Den Ort kopieren',
  'download.pathCopied': 'Kopiert: wo die Datei auf dem Gerät liegt, auf dem der Knoten läuft.',
  'download.save': 'Eine Kopie sichern',
  'download.cannotOpen': 'Das System konnte sie nicht öffnen. Vielleicht wurde sie verschoben oder entfernt.',
  'download.source.away': 'nicht online, wieder in {time}',
  'download.source.dialling': 'verbindet sich',
  'download.source.asked': 'gefragt, ob es da ist',
  'download.source.queued': 'Platz {place} von {waiting} in der Schlange dort',
  'download.source.queuedSomewhere': 'in der Schlange dort',
  'download.source.active': 'sendet {rate}',
  'download.source.activeSlow': 'sendet',
  'download.source.stalled': 'schweigt; andere machen weiter',
  'download.source.lacks': 'hat es nicht',
  'download.source.banned': 'sandte Falsches; wird nicht mehr gefragt',
  'download.source.gave': '{size} von dort',
};
