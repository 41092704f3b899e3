/** What a text of a catalogue is: of the same kind in every language as it is in English. */
export type Forms = { readonly one: string; readonly other: string };
/** A key that a language lacks, or has too much, is a type error where that language is written. */
export type TextsOf<Part> = { readonly [Key in keyof Part]: Part[Key] extends Forms ? Forms : string };
