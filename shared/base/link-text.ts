/** What a text picks up on its way through letters, mails and pictures, and how it is taken off again. */

/** White space, and what copying leaves behind: zero-width and soft-hyphen characters. */
export const BLANKS = /[\s\u00ad\u200b-\u200d\u2060]+/gu;
const BLANK = /[\s\u00ad\u200b-\u200d\u2060]/u;

/** By hand: an expression that is bound to the end of the text takes quadratic time on a long run of blanks. */
export function trimBlanks(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && BLANK.test(text[start]!)) start += 1;
  while (start < end && BLANK.test(text[end - 1]!)) end -= 1;
  return text.slice(start, end);
}
