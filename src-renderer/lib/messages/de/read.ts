/** Texts of opening and reading. In German. */
import type { readTexts as english } from '../en/read.ts';
import type { TextsOf } from '../texts.ts';

export const readTexts: TextsOf<typeof english> = {
  'strip.label': 'Was das ist, und woher',
  'strip.verified': 'Geprüft',
  'strip.notVerified': 'Noch nicht geprüft',
  'strip.nothingShown': 'Nichts davon wird gezeigt, bevor es geprüft ist',
  'strip.answered': { one: '{count} von {n} Anteilen antwortete', other: '{count} von {n} Anteilen antworteten' },
  'strip.of': 'vom {date}',
  'strip.signedBy': 'Unterschrieben von',
  'strip.save': 'Diese Datei sichern',
  'strip.about': 'Über diese Veröffentlichung',

  'opening.soFar': 'bisher {time}',
  'opening.looking': 'Ihre Anteile werden gesucht',
  'opening.verifying': 'Sie wird zusammengesetzt',
  'opening.fetching': 'Ihre erste Seite wird geholt',
  'opening.haveCome': {
    one: '{found} von {count}, der gebraucht wird, ist da.',
    other: '{found} von {count}, die gebraucht werden, sind da.',
  },
  'opening.isFound': '„{title}“ wurde gefunden und geprüft.',
  'opening.enough': 'Genug Anteile sind da.',
  'opening.asked': 'Gefragt',
  'opening.askedText': {
    one: '{count} ihrer {n} Orte, auf eigenem Weg.',
    other: '{count} ihrer {n} Orte, jeder auf eigenem Weg.',
  },
  'opening.moreIfNeeded': {
    one: '{count} weiterer wird gefragt, wenn diese nicht genügen.',
    other: '{count} weitere werden gefragt, wenn diese nicht genügen.',
  },
  'opening.found': 'Gefunden',
  'opening.missing': {
    one: 'Anteil {list} ist bei keinem der Knoten nahe seinem Ort.',
    other: 'Die Anteile {list} sind bei keinem der Knoten nahe ihren Orten.',
  },
  'opening.together': 'Zusammengesetzt und geprüft',
  'opening.togetherText': 'Falsche Anteile werden ausgelassen und genannt.',
  'opening.leftOut': {
    one: 'Anteil {list} war falsch und ist ausgelassen.',
    other: 'Die Anteile {list} waren falsch und sind ausgelassen.',
  },
  'opening.shown': 'Gezeigt',
  'opening.shownText': 'Die erste Seite, sobald sie hier ist, das Übrige, während du liest.',
  'opening.goOn': 'Du kannst etwas anderes tun: sie behält ihren Tab.',

  'failed.notFound': 'Nicht gefunden',
  'failed.notFoundDo':
    'Vielleicht bewahrt niemand sie mehr auf, oder die Knoten, die es tun, sind gerade weg. Versuche es später noch einmal, oder frage, von wem du den Link hast.',
  'failed.noRoute': 'Kein Weg dorthin',
  'failed.noRouteDo':
    'Die gefragten Nachbarn konnten es nicht weitergeben. Mit der Zeit kommen mehr Nachbarn: versuche es in einer Minute noch einmal.',
  'failed.offline': 'Keine Verbindung',
  'failed.offlineDo':
    'Dein Knoten hat jetzt keine Nachbarn. Sieh nach, ob dieser Computer online ist, und versuche es noch einmal.',
  'failed.busy': 'Beschäftigt',
  'failed.busyDo': 'Die gefragten Knoten haben zu viel zu tun. Versuche es in einer Minute noch einmal.',
  'failed.damaged': 'Beschädigt',
  'failed.damagedDo':
    'Was ankam, ist nicht, was veröffentlicht wurde, darum wird es nicht gezeigt. Andere Kopien können ganz sein: versuche es noch einmal.',
  'failed.badLink': 'Dieser Link ist nicht richtig',
  'failed.badLinkDo': 'Kopiere ihn noch einmal von dort, wo du ihn gefunden hast.',
  'failed.deleted': 'Von ihrem Herausgeber gelöscht',
  'failed.deletedDo': 'Die Löschung trägt die Unterschrift, nach der der Link fragt, also ist sie echt.',
  'failed.noSpace': 'Kein Platz',
  'failed.noSpaceDo':
    'Schaffe Platz auf diesem Datenträger, oder gib Broadside in den Einstellungen mehr davon, und versuche es noch einmal.',
  'failed.notInVersion': 'Nicht in dieser Version',
  'failed.notInVersionDo': 'Ein neueres Broadside kann sie öffnen.',
  'failed.unexpected': 'Etwas Unerwartetes ist geschehen',
  'failed.unexpectedDo':
    'Das ist ein Fehler von Broadside. Versuche es noch einmal; geschieht es wieder, sage denen, die es machen, was du getan hast.',
  'failed.stopped': 'Angehalten',
  'failed.stoppedDo':
    'Du hast es angehalten. Was angekommen war, ist aufbewahrt, ein neuer Versuch braucht also weniger.',

  'reader.gone': 'Diese Veröffentlichung ist geschlossen',
  'reader.goneText': 'Öffne sie wieder aus der Bibliothek, oder mit ihrem Link.',
  'about.title': 'Über diese Veröffentlichung',
  'about.verified':
    'Genau das, was veröffentlicht wurde: jedes Byte wird geprüft, bevor es gezeigt wird. Ob es wahr ist, urteilst du selbst. Nichts darin kann etwas ausführen oder holen.',
  'about.allFiles': 'Alle Dateien',
  'about.edition': 'Ausgabe',
  'about.date': 'Datum',
  'about.language': 'Sprache',
  'about.signedBy': 'Unterschrieben von',
  'about.showLink': 'Der Link, und sein Bild',
  'about.editions': 'Ausgaben',
  'about.shown': '{number}, gezeigt',
  'about.named': '{number}, die dein Link nennt',
  'about.checkNow': 'Jetzt prüfen',
  'about.checking': 'Wird geprüft',
  'about.atOpening': 'Beim Öffnen antworteten {found} von {n} Anteilen.',
  'about.checkedShares': 'Geprüft {when}: {found} von {n} Anteilen antworteten. Alles steht in den Anteilen.',
  'about.checked':
    'Geprüft {when}: {found} von {n} Anteilen antworteten, und {blocks} von {sampled} Blöcken, die versucht wurden.',
  'about.whoHolds': 'Wer ihre Anteile hat',
  'about.whoHoldsText':
    'Jeder Anteil liegt bei mehreren Knoten nahe einem eigenen Ort auf dem Kreis der Schlüssel. Welcher davon geantwortet hat, ist hier nicht bekannt: Anfragen gehen von Knoten zu Knoten, damit niemand erfährt, wer fragt.',
  'about.shareAt': 'Anteil {index}, bei {place} des Kreises',
  'about.shareNumber': 'Anteil {index}',
  'about.answeredAfter': 'antwortete nach {time}',
  'about.answered': 'antwortete',
  'about.notThere': 'nicht da',
  'about.failedCheck': 'war falsch',
  'about.notAsked': 'nicht gefragt',
};
