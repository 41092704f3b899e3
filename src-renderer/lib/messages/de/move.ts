/** Texts of moving the data directory. In German. */
import type { moveTexts as english } from '../en/move.ts';
import type { TextsOf } from '../texts.ts';

export const moveTexts: TextsOf<typeof english> = {
  'move.takes': 'Es belegt insgesamt {size} des Datenträgers.',
  'move.begin': 'Umziehen …',
  'move.title': 'Das Datenverzeichnis umziehen',
  'move.to': 'Wohin',
  'move.toAbout':
    'Der ganze Pfad eines leeren Verzeichnisses, oder eines neuen in einem, das es gibt. Es darf auf einem anderen Datenträger dieses Computers liegen.',
  'move.noPath': 'Sag zuerst, wohin.',
  'move.look': 'Nachsehen',
  'move.size': '{size} ziehen dorthin, wo {free} frei sind:',
  'move.stops': 'Der Knoten hält an. Was läuft, wird unterbrochen und geht danach weiter.',
  'move.copies':
    'Alles wird kopiert und zurückgelesen. Erst dann verschwindet das alte Verzeichnis; von da an führt es zum neuen.',
  'move.meanwhile':
    'Bis dahin lässt sich hier nichts veröffentlichen oder lesen, und andere Knoten erreichen diesen nicht. Es lässt sich abbrechen.',
  'move.asks': 'Wenn der Knoten wieder startet, fragt er nach der Passphrase.',
  'move.start': 'Anhalten und umziehen',
  'move.other': 'Anderswohin',
  'move.moving': 'Das Datenverzeichnis zieht um',
  'move.where': 'Es zieht nach:',
  'move.state.stopping': 'Der Knoten hält an.',
  'move.state.copying': 'Alles wird kopiert.',
  'move.state.checking': 'Was kopiert ist, wird zurückgelesen.',
  'move.state.starting': 'Der Knoten startet wieder.',
  'move.amount': '{done} von {total}',
  'move.left': 'noch {time}',
  'move.whole':
    'Das alte Verzeichnis bleibt ganz, bis alles zurückgelesen ist. Dieses Fenster kommt von selbst wieder.',
  'move.done': 'Das Datenverzeichnis ist jetzt {directory}.',
  'move.cancelled': 'Es wurde abgebrochen. Alles ist, wo es war.',
  'move.failed': 'Das Datenverzeichnis ist nicht umgezogen',
};
