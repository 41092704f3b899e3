/**
 * How Arabic counts: one thing, two things, three to ten, eleven to ninety-nine and the hundreds each have a form of their own,
 * and two things also change by their place in the sentence.
 */
import type { Forms } from '../texts.ts';

interface Noun {
  readonly one: string;
  /** Two of them, where a sentence speaks of them, and after a preposition or a verb that reaches them. */
  readonly two: string;
  readonly ofTwo: string;
  /** What follows 3 ... 10, 11 ... 99, and hundreds. */
  readonly few: string;
  readonly many: string;
  readonly other: string;
}

const noun = (one: string, two: string, ofTwo: string, few: string, many: string, other: string): Noun => ({
  one,
  two,
  ofTwo,
  few,
  many,
  other,
});

export const FILE = noun('ملف واحد', 'ملفان', 'ملفين', 'ملفات', 'ملفًا', 'ملف');
export const FOLDER = noun('مجلد واحد', 'مجلدان', 'مجلدين', 'مجلدات', 'مجلدًا', 'مجلد');
export const NODE = noun('عقدة واحدة', 'عقدتان', 'عقدتين', 'عقد', 'عقدة', 'عقدة');
export const NEIGHBOUR = noun(
  'عقدة مجاورة واحدة',
  'عقدتان مجاورتان',
  'عقدتين مجاورتين',
  'عقد مجاورة',
  'عقدة مجاورة',
  'عقدة مجاورة',
);
export const SHARE = noun('حصة واحدة', 'حصتان', 'حصتين', 'حصص', 'حصة', 'حصة');
export const BLOCK = noun('كتلة واحدة', 'كتلتان', 'كتلتين', 'كتل', 'كتلة', 'كتلة');
export const LINK = noun('وصلة واحدة', 'وصلتان', 'وصلتين', 'وصلات', 'وصلة', 'وصلة');
export const SYMBOLIC_LINK = noun(
  'رابط رمزي واحد',
  'رابطان رمزيان',
  'رابطين رمزيين',
  'روابط رمزية',
  'رابطًا رمزيًّا',
  'رابط رمزي',
);
export const HUB = noun('محور واحد', 'محوران', 'محورين', 'محاور', 'محورًا', 'محور');
export const HOP = noun('قفزة واحدة', 'قفزتان', 'قفزتين', 'قفزات', 'قفزة', 'قفزة');
export const WORD = noun('كلمة واحدة', 'كلمتان', 'كلمتين', 'كلمات', 'كلمة', 'كلمة');
export const PIECE = noun('قطعة واحدة', 'قطعتان', 'قطعتين', 'قطع', 'قطعة', 'قطعة');
export const SOURCE = noun('مصدر واحد', 'مصدران', 'مصدرين', 'مصادر', 'مصدرًا', 'مصدر');
export const RESULT = noun('نتيجة واحدة', 'نتيجتان', 'نتيجتين', 'نتائج', 'نتيجة', 'نتيجة');
export const PUBLICATION = noun('منشور واحد', 'منشوران', 'منشورين', 'منشورات', 'منشورًا', 'منشور');
export const ENTRY = noun('بند واحد', 'بندان', 'بندين', 'بنود', 'بندًا', 'بند');

/** `say` puts what is counted into its sentence. */
export function counted(what: Noun, say: (things: string) => string = (things) => things): Forms {
  return {
    zero: say(`{count} ${what.other}`),
    one: say(what.one),
    two: say(what.two),
    few: say(`{count} ${what.few}`),
    many: say(`{count} ${what.many}`),
    other: say(`{count} ${what.other}`),
  };
}

/** As `counted`, where the two are reached by a preposition or a verb. */
export function countedAfter(what: Noun, say: (things: string) => string): Forms {
  return counted({ ...what, two: what.ofTwo }, say);
}

/** What is counted in one place only: one, two, what follows 3 ... 10, and what follows the others. */
export function byForms(one: string, two: string, few: string, more: string): Forms {
  return {
    zero: `{count} ${more}`,
    one,
    two,
    few: `{count} ${few}`,
    many: `{count} ${more}`,
    other: `{count} ${more}`,
  };
}

/** Where no figure stands before a noun: one, two, and any other number of them. */
export function byNumber(one: string, two: string, more: string): Forms {
  return { zero: more, one, two, few: more, many: more, other: more };
}

/** The same, whatever the number is. */
export function always(text: string): Forms {
  return byNumber(text, text, text);
}
