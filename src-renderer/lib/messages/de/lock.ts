/** Texts of the lock screen and of the passphrase. In German. */
import type { lockTexts as english } from '../en/lock.ts';
import type { TextsOf } from '../texts.ts';

export const lockTexts: TextsOf<typeof english> = {
  'lock.locked': 'Die Bibliothek ist gesperrt',
  'lock.lockedText':
    'Was über dich etwas verrät, liegt unter deiner Passphrase auf diesem Datenträger, und dieses Programm hat es losgelassen. Der Knoten läuft weiter: Er bewahrt für andere auf und leitet weiter.',
  'lock.passphrase': 'Passphrase',
  'lock.unlock': 'Entsperren',
  'lock.unlocking': 'Wird geprüft. Das dauert mit Absicht eine Sekunde.',
  'lock.forgot':
    'Ohne die Passphrase kann sie niemand öffnen, auch die nicht, die Broadside machen. Nur die Wörter selbst helfen.',
  'lock.changing': 'Die Bibliothek wird neu geschrieben',
  'lock.changingText':
    'Alles wird unter der neuen Passphrase geschrieben. Bricht es ab, gilt die bisherige, und nichts ist verloren.',
  'lock.lock': 'Sperren',
  'lock.lockNow': 'Jetzt sperren',
  'lock.noPassphrase': 'Es gibt nichts zu sperren: Es ist keine Passphrase gesetzt. Setze eine in den Einstellungen.',
  'lock.setting': 'Passphrase der Bibliothek',
  'lock.none':
    'Es gibt keine. Wer diesen Datenträger hat, kann lesen, was du veröffentlicht, geöffnet, gemerkt, gesucht und freigegeben hast, und deine Pseudonyme benutzen.',
  'lock.open':
    'Was du veröffentlicht, geöffnet, gemerkt, gesucht und freigegeben hast und deine Pseudonyme liegen unter einer Passphrase auf diesem Datenträger.',
  'lock.notCovered':
    'Nicht darunter: Einstellungen, die Namen von Nachbarn, versiegelte Blöcke und Dateien, die du geladen hast oder selbst freigibst.',
  'lock.set': 'Passphrase setzen',
  'lock.change': 'Ändern',
  'lock.remove': 'Entfernen',
  'lock.current': 'Jetzige Passphrase',
  'lock.next': 'Neue Passphrase',
  'lock.again': 'Neue Passphrase, noch einmal',
  'lock.different': 'Die beiden sind nicht gleich.',
  'lock.suggest': 'Acht Wörter vorschlagen',
  'lock.suggested': 'Schreibe sie jetzt auf; sie werden nirgends wieder gezeigt.',
  'lock.lostWarning':
    'Wer sie vergisst, hat die Bibliothek verloren, Pseudonyme inbegriffen: Es gibt keinen anderen Weg hinein. Laufendes hält an und geht danach weiter.',
  'lock.removeWarning': 'Von da an kann, wer diesen Datenträger hat, die Bibliothek lesen.',
  'lock.wipes': 'Sperren löscht',
  'lock.wipesAbout':
    'Sperren entfernt auch, was von geöffneten Veröffentlichungen aufbewahrt ist. Um sie wieder zu lesen, müssen sie neu geholt werden.',
  'lock.failed': 'Es wurde nicht geändert. {reason}',
  'lock.after': 'Sperren, wenn niemand etwas tut, nach',
  'lock.never': 'nie',
  'lock.afterAbout':
    'Zählt ab der letzten Taste, dem letzten Klick oder der letzten Bewegung in irgendeinem Fenster und ab dem letzten Befehl. Blättern in dem, was du liest, zählt nur in der Anwendung für den Arbeitsplatz.',
  'lock.afterNothing': 'Es gibt keine Passphrase, also wird nichts gesperrt, bis du eine setzt.',
  'keyStore.open': 'Auf diesem Computer ohne Frage öffnen',
  'keyStore.about':
    'Der Schlüssel der Bibliothek wird von {name} versiegelt. Wer dein Konto auf diesem Computer benutzen kann, kann sie dann öffnen. Sperren beendet diese Wahl.',
  'keyStore.plainText':
    'Dieses System hat keinen Schlüsselspeicher, der schützt: Der Schlüssel läge so gut wie offen auf dem Datenträger. GNOME Keyring und KWallet sind solche Speicher.',
  'keyStore.unavailable':
    'Der Schlüsselspeicher dieses Systems antwortet nicht. Entsperre ihn oder sieh nach, ob er läuft, und starte dann Broadside neu.',
  'keyStore.warning':
    'Von da an öffnet sich die Bibliothek, wenn Broadside hier startet, für jeden, der mit deinem Konto angemeldet ist. Wird sie gesperrt, von Hand oder von selbst, endet das.',
  'keyStore.do': 'Ohne Frage öffnen',
  'keys.lock': 'Die Bibliothek sperren',
};
