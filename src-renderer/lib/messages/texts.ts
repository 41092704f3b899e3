/** What a text of a catalogue is: of the same kind in every language as it is in English. */

/** By the categories of Intl.PluralRules: a language adds those that it has beside these; `other` stands for what it leaves out. */
export type Forms = { readonly one: string; readonly other: string } & {
  readonly [Category in Exclude<Intl.LDMLPluralRule, 'one' | 'other'>]?: string;
};
/** A key that a language lacks, or has too much, is a type error where that language is written. */
export type TextsOf<Part> = { readonly [Key in keyof Part]: Part[Key] extends Forms ? Forms : string };
