/**
 * Names of strangers as they may be shown: without the characters that turn the direction of letters or are drawn as nothing,
 * so that `invoice_<override>fdp.exe` reads as the `invoice_fdp.exe` that it is; and cut where the words stand that were asked for.
 */
import type { Result } from '../../../shared/ipc/search-model.ts';

/** Zero-width joiners and variation selectors stay: scripts and emoji need them between letters. */
const UNSHOWN = /[\p{Bidi_Control}\p{Cc}]|(?!\u200c|\u200d|\ufe0e|\ufe0f)\p{Default_Ignorable_Code_Point}/gu;
const BLANKS = /[\s\u2800]{2,}/gu;

export function shownName(name: string): string {
  return name.replace(UNSHOWN, '').replace(BLANKS, ' ');
}

export interface NamePart {
  readonly text: string;
  readonly isMarked: boolean;
}

/** The name in parts, those marked that were asked for. Marks that do not fit the name are left out. */
export function nameParts(name: string, marks: Result['marks'] = []): NamePart[] {
  const parts: NamePart[] = [];
  let done = 0;
  const add = (to: number, isMarked: boolean): void => {
    const text = shownName(name.slice(done, to));
    if (text !== '') parts.push({ text, isMarked });
    done = to;
  };
  for (const { from, to } of marks) {
    if (from < done || to <= from || to > name.length) continue;
    add(from, false);
    add(to, true);
  }
  add(name.length, false);
  return parts;
}
