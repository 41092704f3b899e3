/** What a text of a catalogue is: of the same kind in every language as it is in English. */
export type { Forms, TextsOf } from '../../../shared/base/texts.ts';
