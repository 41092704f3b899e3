/** Texts of changing what was published: update, password, deletion. In German. */
import type { changeTexts as english } from '../en/change.ts';
import type { TextsOf } from '../texts.ts';

export const changeTexts: TextsOf<typeof english> = {
  'change.title': 'Eine Veröffentlichung ändern',
  'change.text':
    'Mit ihrem Link und ihrem Passwort, von jedem Gerät. Ist das Passwort nicht das richtige, wird nichts gesendet.',
  'change.which': 'Welche Veröffentlichung',
  'change.link': 'Ihr Link',
  'change.linkAbout': 'Zu irgendeiner Ausgabe: ältere Links führen zur neuesten.',
  'change.anotherLink': 'Eine andere Veröffentlichung',
  'change.short': 'Eine kurze Adresse kann morgen woandershin führen. Gib den Link selbst an.',
  'change.password': 'Ihr Passwort',
  'change.needsLink': 'Gib zuerst ihren Link an.',
  'change.previewBack': 'Zurück zur neuen Ausgabe',
  'change.needsPassword': 'Gib zuerst ihr Passwort an.',
  'change.needsFiles': 'Wähle zuerst die Dateien.',
  'change.starting': 'Es wird begonnen',
  'change.what': 'Was zu tun ist',
  'change.update': 'Neue Ausgabe',
  'change.updateAbout': 'Alle früheren Links führen zu ihr, und nur das Geänderte wird gesendet.',
  'change.rekey': 'Ihr Passwort ändern',
  'change.rekeyAbout':
    'Ihr Inhalt bleibt, und alle früheren Links gelten weiter. Gib den neuen Link weiter: wer das alte Passwort hat, kann ältere Links noch woandershin führen.',
  'change.listing': 'Ob man sie durch Suchen findet',
  'change.listingAbout': 'Ihr Inhalt und ihre Links bleiben, wie sie sind.',
  'change.delete': 'Löschen',
  'change.deleteAbout': 'So gut es geht: wer eine Kopie hat, hat eine Kopie.',
  'change.updateNow': 'Neue Ausgabe veröffentlichen',
  'change.rekeyNow': 'Passwort ändern',
  'change.listNow': 'Eintragen',
  'change.unlistNow': 'Aus der Suche nehmen',
  'change.unlistAbout':
    'Den Hubs wird es unter ihrem Schlüssel gesagt, von welchem Gerät auch immer sie eingetragen war. Wer sie vorher gefunden hat, hat ihren Link weiterhin.',
  'change.newFiles': 'Die neuen Dateien',
  'change.newFilesText':
    'Wähle alles, nicht nur das Neue: was hier fehlt, fehlt in der neuen Ausgabe. Unveränderte Dateien werden nicht noch einmal gesendet.',
  'change.otherFiles': 'Andere wählen',
  'change.newTitle': 'Titel',
  'change.newTitleAbout': 'Leer bleibt er, wie er ist.',
  'change.madeForMe': 'Eines für mich machen',
  'change.madeForMeAbout': 'Acht Wörter, einmal gezeigt.',
  'change.own': 'Ein eigenes',
  'change.ownAbout': 'Schwache werden abgelehnt, denn wer den Link hat, kann ohne Grenze probieren.',
  'change.newPassword': 'Das neue Passwort',
  'change.permanentTitle': 'Endgültig',
  'change.permanent':
    'Niemand, auch du nicht, kann sie ändern oder zurücknehmen. Das wurde beim Veröffentlichen gewählt.',
  'change.deleteOnly':
    'Sie wurde so veröffentlicht, dass sie gelöscht, aber nie geändert werden kann. Lösche sie, oder veröffentliche das Neue daneben.',
  'change.wasDeleted': 'Sie wurde gelöscht. Gelöschtes lässt sich nicht ändern; veröffentliche es neu.',
  'change.ofPublished': 'Neue Ausgabe …',
  'change.passwordOf': 'Passwort ändern …',
  'change.listingOf': 'Suche …',
  'change.stopListing': 'Ihren Eintrag nicht mehr erneuern',
  'change.stopListingAbout':
    'Sie hat kein Passwort, mit dem man ihn zurücknehmen könnte. Die Hubs vergessen ihn binnen 14 Tagen.',
  'change.isListed': 'Wer sucht, kann sie nach ihrem Titel finden.',
  'change.isListedBy': 'Wer sucht, kann sie nach ihrem Titel finden, und nach: {words}.',
  'change.deleteOf': 'Löschen …',
  'change.deleteAgain': 'Noch einmal löschen …',
  'change.haveItsPassword': 'Neue Ausgabe oder löschen …',
  'change.otherHolders': 'Wer ihr Passwort hat, kann von jedem Gerät eine neue Ausgabe machen oder sie löschen.',
  'change.otherHoldersDelete': 'Wer ihr Passwort hat, kann sie von jedem Gerät löschen.',
  'change.byLink': 'Mit Link und Passwort ändern oder löschen …',

  'deletion.title': 'Aus dem Netz löschen?',
  'deletion.what': 'Jedem Ort jeder Ausgabe wird gesagt, dass sie gelöscht wurde, soweit Knoten jetzt antworten.',
  'deletion.copies':
    'So gut es geht: wer eine Kopie hat, hat eine Kopie. Niemand kann zurücknehmen, was gelesen oder gesichert wurde.',
  'deletion.final':
    'Das lässt sich nicht rückgängig machen. Ihre Links antworten von da an „vom Herausgeber gelöscht“.',
  'deletion.delete': 'Löschen',

  'changing.goesOn': 'Die neue Ausgabe entsteht. Du kannst das Fenster schließen: es geht weiter.',
  'changing.passwordGoesOn': 'Ihr Passwort wird geändert. Du kannst das Fenster schließen: es geht weiter.',
  'changing.listingGoesOn': 'Den Hubs wird es gesagt. Du kannst das Fenster schließen: es geht weiter.',
  'changing.deleteGoesOn': 'Sie wird gelöscht. Du kannst das Fenster schließen: es geht weiter.',
  'changing.stopped': 'Nicht fertig.',
  'changing.updateFailed': 'Die neue Ausgabe blieb stehen',
  'changing.passwordFailed': 'Die Änderung blieb stehen',
  'changing.deleteFailed': 'Das Löschen blieb stehen',
  'changing.safe':
    'Dadurch ist nichts beschädigt: beginne es noch einmal, von jedem Gerät, und es geht dort weiter, wo es war.',
  'changing.again': 'Noch einmal beginnen',
  'changing.gone': 'Das steht nicht mehr auf der Liste',
  'changing.goneText': 'Was du veröffentlichst und änderst, steht in der Bibliothek.',
  'changing.looked': 'Ihre Ausgaben gesucht',
  'changing.lookedText': 'Und ob das Passwort das richtige ist. Vorher wird nichts gesendet.',
  'changing.lookedDone': 'Alle Ausgaben wurden gesucht, und das Passwort ist das richtige.',
  'changing.compared': 'Verglichen',
  'changing.comparedText': 'Mit den Dateien der neuesten Ausgabe, nach ihrem Inhalt.',
  'changing.kept': {
    one: '{kept} von {count} Datei ist, wie sie war.',
    other: '{kept} von {count} Dateien sind, wie sie waren.',
  },
  'changing.keptBytes': {
    one: '{kept} von {count} Datei ist, wie sie war; {size} müssen nicht noch einmal gesendet werden.',
    other: '{kept} von {count} Dateien sind, wie sie waren; {size} müssen nicht noch einmal gesendet werden.',
  },
  'changing.sent': 'Das Geänderte gesendet',
  'changing.nothingToSend': 'Nichts als eine Liste dessen, was darin ist.',
  'changing.toldHubs': 'Den Hubs gesagt',
  'changing.toldHubsText': 'Auf Umwegen, wie beim Veröffentlichen: keiner von ihnen erfährt, wer es sagt.',
  'changing.listed': 'Wer sucht, kann sie finden. Dieser Knoten erneuert das alle paar Tage.',
  'changing.listRefused':
    'Noch nicht durch Suchen zu finden: die gefragten Hubs nahmen den Eintrag nicht an. Dieser Knoten versucht es wieder.',
  'changing.listLater':
    'Noch nicht durch Suchen zu finden: es wurde kein Hub gefunden. Dieser Knoten versucht es wieder.',
  'changing.unlisted': 'Aus der Suche genommen. Wer sie vorher gefunden hat, hat ihren Link weiterhin.',
  'changing.unlistedLater':
    'Noch nicht aus der Suche genommen: kein Hub nahm es an. Dieser Knoten versucht es 14 Tage lang wieder.',
  'changing.led': 'Frühere Links führen zu ihr',
  'changing.ledText':
    'Jedem Ort einer früheren Ausgabe wird gesagt, wo die neue ist: ältere Links folgen in einem Schritt.',
  'changing.ledDone': 'Ältere Links folgen in einem Schritt.',
  'changing.ledSome':
    'Die anderen antworteten jetzt nicht. Beginne dasselbe später noch einmal, um sie zu erreichen: nichts wird doppelt gesendet.',
  'changing.written': 'Löschung geschrieben',
  'changing.writtenText': 'Der Knoten, der einem Ort am nächsten ist, setzt sie dorthin, wo der Anteil war.',
  'changing.writtenSome': 'Die anderen antworteten jetzt nicht. Beginne es später noch einmal, um sie zu erreichen.',
  'changing.places': '{done} von {total} Orten',
  'changing.updated': 'Neue Ausgabe um {time}, in {duration}',
  'changing.deletedAt': 'Gelöscht um {time}, in {duration}',
  'changing.whoHasACopy':
    'Wer ihren Link jetzt öffnet, erfährt, dass ihr Herausgeber sie gelöscht hat. Wer eine Kopie hat, hat eine Kopie: das kann niemand zurücknehmen.',
  'changing.oldLinkGoesOn': 'Bis dahin zeigen die Links, die es gibt, die Ausgabe davor.',
  'changing.inLibrary': 'In der Bibliothek zeigen',
  'changing.newLinkAbout': 'Ältere Links führen auch hierher. Dieser führt geradewegs zur neuen Ausgabe.',

  'resume.goOn': 'Fortsetzen',
  'resume.title': 'Unterbrochenes fortsetzen',
  'resume.text': 'Es wurde mit einem eigenen Passwort begonnen, das nirgends aufbewahrt wird.',
  'resume.textUpdate': 'Es braucht das Passwort der Veröffentlichung, das nirgends aufbewahrt wird.',

  'editions.madeFor': 'Dieser Link gehört zu Ausgabe {linked}; du siehst Ausgabe {edition}, die neueste.',
  'editions.madeForDated':
    'Dieser Link gehört zu Ausgabe {linked}; du siehst Ausgabe {edition} vom {date}, die neueste.',
  'editions.lead': 'Alte Links führen zur neuesten',
  'editions.copyNewest': 'Den neuesten Link kopieren',
  'editions.dismiss': 'Diese Zeile schließen',
};
