/** Texts of Network. In German. */
import type { networkTexts as english } from '../en/network.ts';
import type { TextsOf } from '../texts.ts';

export const networkTexts: TextsOf<typeof english> = {
  'network.title': { one: 'Verbunden über {count} Verbindung', other: 'Verbunden über {count} Verbindungen' },
  'network.titleNone': 'Noch keine Verbindungen',
  'network.about':
    'Jeder Knoten und jeder Schlüssel hat einen Ort auf diesem Kreis. Die meisten Verbindungen sind kurz und wenige lang, sodass jeder Schlüssel wenige Sprünge entfernt ist. Die Zahlen an den Verbindungen sind ihre Längen; der halbe Kreis ist 0,5.',
  'network.circleAlone': 'Der Kreis der Schlüssel, mit diesem Knoten und ohne Nachbarn.',
  'network.circleLabel': {
    one: 'Der Kreis der Schlüssel, mit diesem Knoten und {count} Nachbarn; {connecting} verbinden sich. Länge der Verbindung {longest}. Die Tabelle der Nachbarn sagt dasselbe.',
    other:
      'Der Kreis der Schlüssel, mit diesem Knoten und {count} Nachbarn; {connecting} verbinden sich. Längen der Verbindungen von {shortest} bis {longest}. Die Tabelle der Nachbarn sagt dasselbe.',
  },
  'network.linkTitle': '{name}, Länge {length}',
  'network.thisNode': 'dieser Knoten',
  'network.keyAskedFor': 'gesuchter Schlüssel',
  'network.neighbour': 'Nachbar',
  'network.busyKey': 'beschäftigter Nachbar',
  'network.connectingKey': 'verbindet sich',
  'network.keptHere': 'Schlüssel, die hier liegen',
  'network.unseen': 'letzte Anfrage; ihre Sprünge werden nicht gezeigt',
  'network.requests': 'Anfragen dieses Knotens',
  'network.requestsLately': { one: '{count} in den letzten 10 Minuten', other: '{count} in den letzten 10 Minuten' },
  'network.requestsLast': {
    one: 'die letzte, keine in den letzten 10 Minuten, die neueste {ago}',
    other: 'die letzten {count}, keine in den letzten 10 Minuten, die neueste {ago}',
  },
  'network.noRequests':
    'Noch keine. Was du veröffentlichst, öffnest oder prüfst, steht hier: wie viel davon gelang, über wie viele Sprünge, und wie lange es dauerte.',
  'network.success': 'Gelungen',
  'network.foundOrStored': 'gefunden oder abgelegt',
  'network.noSuccessYet': 'nichts, was es sagen könnte',
  'network.hops': 'Sprünge',
  'network.latency': 'Dauer',
  'network.nineInTen': '90 % innerhalb {most}',
  'network.noFigure': '–',
  'network.outcomes': 'Wie sie ausgingen',
  'network.ended': 'Anfragen und Ablagen',
  'network.lately': 'Letzte 10 Minuten',
  'network.whole': { one: 'Die letzte', other: 'Die letzten {count}' },
  'network.outcome.found': 'Gefunden',
  'network.outcome.stored': 'Abgelegt',
  'network.outcome.not-found': 'Nicht gefunden',
  'network.outcome.busy': 'Beschäftigt',
  'network.outcome.no-route': 'Kein Weg',
  'network.outcome.full': 'Dort kein Platz',
  'network.outcome.timeout': 'Zeit abgelaufen',
  'network.outcome.here': 'Dieser Knoten hatte es',
  'network.outcome.cancelled': 'Zurückgezogen',
  'network.hopsMedian': 'Sprünge, Median',
  'network.hopsMost': 'Sprünge, 90 % innerhalb',
  'network.latencyMedian': 'Dauer, Median',
  'network.latencyMost': 'Dauer, 90 % innerhalb',
  'network.successAbout':
    'Gelungen ist, was gefunden oder abgelegt wurde, von dem, was dieser Knoten erfragte und ablegte. Nicht Gefundenes zählt nicht: niemand kann sagen, ob es nirgends ist oder nur nicht angetroffen wurde. Auch nicht, was dieser Knoten selbst hatte und was zurückgezogen wurde. Höchstens die letzten 200 werden behalten, nur im Arbeitsspeicher, ohne das, wonach sie fragten.',
  'network.latencyTitle': 'Dauer, jede eine Marke',
  'network.latencyLabel': {
    one: 'Wie lange {count} Anfrage oder Ablage dauerte: {longest}.',
    other: 'Wie lange die letzten {count} Anfragen und Ablagen dauerten, der Reihe nach: von {shortest} bis {longest}.',
  },
  'network.mark.found': 'gefunden',
  'network.mark.stored': 'abgelegt',
  'network.mark.missing': 'nicht gefunden',
  'network.mark.failed': 'beschäftigt, kein Weg, kein Platz oder Zeit abgelaufen',
  'network.hopsTitle': 'Sprünge bis zu dem, was gefunden oder abgelegt wurde',
  'network.hopsLabel': 'Wie vieles nach wie vielen Sprüngen gefunden oder abgelegt wurde: {list}.',
  'network.hopsPart': { one: '{count} Sprung: {times}', other: '{count} Sprünge: {times}' },
  'network.hopsAbout':
    'Sprünge des gezielten Weges, wie die Antwort sie zählte. Die davor, die verbergen, wer fragt, zählen nicht.',
  'network.lengths': 'Längen der Verbindungen',
  'network.lengthsLabel': 'Wie viele Verbindungen es von jeder Länge gibt: {list}. Gleichmäßig wären es je {even}.',
  'network.lengthsPart': {
    one: '{count} Verbindung von {from} bis {to}',
    other: '{count} Verbindungen von {from} bis {to}',
  },
  'network.lengthsAbout':
    'Jeder Balken steht für Verbindungen bis zu diesem Teil des Kreises und über die Hälfte davon. Die gestrichelte Linie ist, was Wege am besten macht, Längen so wahrscheinlich wie eins durch die Länge (1/d): dann sind alle Balken gleich.',
  'network.lastHour': 'Letzte Stunde',
  'network.rates': 'herein {inRate}, hinaus {outRate}',
  'network.chartLabel':
    'Verkehr der letzten Stunde. Jetzt {inRate} herein und {outRate} hinaus; die oberste Linie ist {top}.',
  'network.in': 'herein',
  'network.out': 'hinaus',
  'network.topLine': 'oberste Linie {rate}',
  'network.blocks': {
    one: '{count} Block. Dieser Knoten kann ihn nicht lesen.',
    other: '{count} Blöcke. Dieser Knoten kann keinen davon lesen.',
  },
  'network.changeSpace': 'Den Platz ändern',
  'network.neighbours': 'Nachbarn',
  'network.target': { one: '{count}, Ziel {target}', other: '{count}, Ziel {target}' },
  'network.noNeighbours': 'Noch keine. Broadside sucht von selbst welche, über das öffentliche Verzeichnis des Netzes.',
  'network.node': 'Knoten',
  'network.length': 'Länge',
  'network.roundTrip': 'Hin und zurück',
  'network.path': 'Getragen von',
  'network.answered': 'Beantwortet',
  'network.connecting': 'verbindet sich, {time}',
  'network.notAsked': 'noch nicht gefragt',
  'network.busy': 'beschäftigt',
  'network.busyAbout':
    'Er hat von diesem Knoten so viel, wie er nehmen kann, oder schwieg zuletzt. Was einen anderen Weg nehmen kann, nimmt ihn.',
  'network.traffic': 'Verkehr',
  'network.since': 'Seit',
  'network.location': 'Ort',
  'network.name': 'Name dieses Knotens',
  'network.network': 'Netz',
  'network.asked': 'Gefunden oder abgelegt seit dem Start',
  'network.askedOf': '{answered} von {started}',
  'network.faults': 'Was andere taten',
  'network.faultsAbout':
    'Seit dem Start. Dieser Knoten hält es aus: Jede Verbindung hat ihren Anteil an ihm und nicht mehr.',
  'network.fault.garbage': {
    one: '{count} Nachricht war nicht zu lesen oder bestand ihre Prüfung nicht.',
    other: '{count} Nachrichten waren nicht zu lesen oder bestanden ihre Prüfung nicht.',
  },
  'network.fault.hung-up': {
    one: '{count} Verbindung wurde deswegen beendet.',
    other: '{count} Verbindungen wurden deswegen beendet.',
  },
  'network.fault.broken-frames': {
    one: '{count} Gegenstelle sprach keine Sprache dieses Netzes und wurde getrennt.',
    other: '{count} Gegenstellen sprachen keine Sprache dieses Netzes und wurden getrennt.',
  },
  'network.fault.oversized': {
    one: '{count} Gegenstelle kündigte mehr an, als eine Nachricht haben darf, und wurde getrennt.',
    other: '{count} Gegenstellen kündigten mehr an, als eine Nachricht haben darf, und wurden getrennt.',
  },
  'network.fault.overrun': {
    one: '{count} Gegenstelle sandte mehr, als ihr erlaubt war, und wurde getrennt.',
    other: '{count} Gegenstellen sandten mehr, als ihnen erlaubt war, und wurden getrennt.',
  },
  'network.fault.too-slow': {
    one: '{count} Verbindung wurde beendet, weil die Gegenstelle nicht abnahm, worum sie gebeten hatte.',
    other: '{count} Verbindungen wurden beendet, weil die Gegenstellen nicht abnahmen, worum sie gebeten hatten.',
  },
  'network.fault.handshake': {
    one: '{count} Gegenstelle meldete sich und sagte nie, wer sie ist.',
    other: '{count} Gegenstellen meldeten sich und sagten nie, wer sie sind.',
  },
  'network.fault.no-hello': {
    one: '{count} Verbindung kam zustande und grüßte nie.',
    other: '{count} Verbindungen kamen zustande und grüßten nie.',
  },
  'network.fault.crowded': {
    one: '{count} Gegenstelle wurde abgewiesen, weil sich gerade zu viele meldeten.',
    other: '{count} Gegenstellen wurden abgewiesen, weil sich gerade zu viele meldeten.',
  },
  'network.fault.no-room': {
    one: '{count} Knoten wurde abgewiesen, weil für seine Verbindung kein Platz war.',
    other: '{count} Knoten wurden abgewiesen, weil für ihre Verbindungen kein Platz war.',
  },
  'network.fault.overload': {
    one: '{count} Nachricht wurde zurückgestellt, weil ihr Absender zu viel unterwegs hatte.',
    other: '{count} Nachrichten wurden zurückgestellt, weil ihre Absender zu viel unterwegs hatten.',
  },
  'network.fault.over-budget': {
    one: '{count} Block wurde nicht angenommen, weil sein Absender verbraucht hatte, was er an einem Tag ablegen darf.',
    other:
      '{count} Blöcke wurden nicht angenommen, weil ihre Absender verbraucht hatten, was sie an einem Tag ablegen dürfen.',
  },
  'network.fault.flood': {
    one: 'In {count} Sekunde sandte ein Knoten Tausende kurzer Nachrichten.',
    other: 'In {count} Sekunden sandte ein Knoten Tausende kurzer Nachrichten.',
  },
  'network.fault.repeated': {
    one: '{count} Nachricht kam ein zweites Mal. Das kommt in jedem Netz vor.',
    other: '{count} Nachrichten kamen ein zweites Mal. Das kommt in jedem Netz vor.',
  },
  'network.fault.stray': {
    one: '{count} Antwort kam, auf die nichts wartete: zu spät, oder nie erbeten. Das kommt in jedem Netz vor.',
    other: '{count} Antworten kamen, auf die nichts wartete: zu spät, oder nie erbeten. Das kommt in jedem Netz vor.',
  },
  'network.fault.contradiction': {
    one: '{count} Platz wurde zweimal mit derselben Fassung und verschiedenem Inhalt unterschrieben. Das Erste bleibt.',
    other:
      '{count} Plätze wurden zweimal mit derselben Fassung und verschiedenem Inhalt unterschrieben. Das jeweils Erste bleibt.',
  },
  'network.version': 'Version',

  'invite.title': 'Einladungen',
  'invite.give': 'Jemanden einladen',
  'invite.giveAbout':
    'Eine Einladung ist für jemanden, dessen Broadside von selbst keine Nachbarn findet. Sie enthält Schlüssel und Adressen einiger Knoten, auch dieses, wenn er seine kennt: wer sie liest, erfährt, dass dort Broadside läuft.',
  'invite.make': 'Einladung machen',
  'invite.making': 'Wird gemacht',
  'invite.text': 'Die Einladung',
  'invite.copy': 'Einladung kopieren',
  'invite.copied': 'Die Einladung ist kopiert.',
  'invite.hide': 'Weglegen',
  'invite.pictureLabel': 'Die Einladung als Bild für Kameras',
  'invite.join': 'Mit Einladung beitreten',
  'invite.joinAbout':
    'Die Einladung, die du bekommen hast. Ihre Knoten werden gefragt, ob sie Nachbarn sein wollen, und erfahren diese Adresse.',
  'invite.joinNow': 'Beitreten',
  'invite.joining': 'Wird gefragt',
  'invite.pasteFirst': 'Füge zuerst eine Einladung ein.',
  'invite.asked': { one: '{count} Knoten gefragt; {links}.', other: '{count} Knoten gefragt; {links}.' },
  'invite.links': { one: 'bisher {count} Verbindung', other: 'bisher {count} Verbindungen' },
  'invite.onlyThis': 'Diese Einladung nennt nur diesen Knoten selbst. Benutze sie auf einem anderen Computer.',
  'invite.problem.bad': 'Diese Einladung ist nicht richtig',
  'invite.problem.newer': 'Nicht in dieser Version',
  'invite.problem.otherNetwork': 'Eine Einladung zu einem anderen Netz',
  'invite.problem.offline': 'Jetzt nicht',
  'invite.problem.unexpected': 'Etwas Unerwartetes ist geschehen',
};
