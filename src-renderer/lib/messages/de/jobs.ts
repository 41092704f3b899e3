/** Texts of the panel of what runs. In German. */
import type { jobsTexts as english } from '../en/jobs.ts';
import type { TextsOf } from '../texts.ts';

export const jobsTexts: TextsOf<typeof english> = {
  'jobs.title': 'Was läuft',
  'jobs.nothing': 'Nichts läuft. Was veröffentlicht, geöffnet, geladen und gelesen wird, steht so lange hier.',
  'jobs.waiting': 'Wartet auf ein Wort',
  'jobs.all': 'Alles in Übertragungen',
  'jobs.stopFolder': 'Anhalten: Lesen von {name}',
};
