/** What a text of a catalogue is, and how its places are filled: one for the interface and one for what the node itself shows. */

/** By the categories of Intl.PluralRules: a language adds those that it has beside these; `other` stands for what it leaves out. */
export type Forms = { readonly one: string; readonly other: string } & {
  readonly [Category in Exclude<Intl.LDMLPluralRule, 'one' | 'other'>]?: string;
};
/** A key that a language lacks, or has too much, is a type error where that language is written. */
export type TextsOf<Part> = { readonly [Key in keyof Part]: Part[Key] extends Forms ? Forms : string };

type PlacesIn<Text> = Text extends `${string}{${infer Place}}${infer Rest}` ? Place | PlacesIn<Rest> : never;
type Places<Message> = Message extends Forms
  ? 'count' | PlacesIn<Message['one']> | PlacesIn<Message['other']>
  : PlacesIn<Message>;
type Values<Message> = {
  readonly [Place in Places<Message>]: Place extends 'count' ? number : string | number;
};
/** What is given with the key of a message: its values, or nothing where it has no places. */
export type ValuesOf<Message> = [Places<Message>] extends [never] ? [] : [values: Values<Message>];

/** A language, and how it writes what is put into its texts. */
export interface Spoken {
  readonly direction: 'ltr' | 'rtl';
  readonly plural: Intl.PluralRules;
  readonly numbers: Intl.NumberFormat;
}

/** First strong isolate, and the end of it: what stands between keeps its own direction and turns nothing round it. */
const ISOLATE = '\u2068';
const END_OF_ISOLATE = '\u2069';

export function fillText(
  message: string | Forms,
  values: Readonly<Record<string, string | number>>,
  { direction, plural, numbers }: Spoken,
): string {
  const text =
    typeof message === 'string' ? message : (message[plural.select(Number(values['count']))] ?? message.other);
  return text.replace(/\{(\w+)\}/g, (whole, place: string) => {
    const value = values[place];
    if (value === undefined) return whole;
    if (typeof value === 'number') return numbers.format(value);
    // A name of another script would carry the words beside it away; what is written from left to right is left as it is.
    return direction === 'rtl' ? `${ISOLATE}${value}${END_OF_ISOLATE}` : value;
  });
}
