/** What files tell about who made them: the codes that the node finds and the windows put into words. */

/** identifies: may lead to a person or a place; hints: narrows down who, when or by what; technical: hardly tells anything. */
export type MetadataSeverity = 'identifies' | 'hints' | 'technical';

/** Each code with how much it tells. The worst first, as it is shown. */
export const METADATA_SEVERITY = {
  /** Where it was made. */
  location: 'identifies',
  /** Names: authors, artists, owners, who changed or commented, and their addresses. */
  person: 'identifies',
  /** Numbers that one device alone has. */
  serial: 'identifies',
  /** A path of the author's machine, which often has a name of a person in it. */
  'user-path': 'identifies',
  /** The file's own name, or a folder's, has the name of the user of this machine in it. */
  'file-name': 'identifies',
  /** A small picture inside, made before cropping or blurring, maybe. */
  thumbnail: 'identifies',
  /** Bytes behind the end or in unknown parts: more pictures, a film, what was cut off. */
  'hidden-data': 'identifies',
  /** Earlier states of the same document. */
  'earlier-version': 'identifies',
  'tracked-change': 'identifies',
  comment: 'identifies',
  attachment: 'identifies',
  organisation: 'identifies',
  /** What the camera's maker writes in a form of its own: often numbers of the device. */
  'maker-notes': 'identifies',
  device: 'hints',
  software: 'hints',
  date: 'hints',
  /** Titles, captions, subjects, keywords, rights. */
  description: 'hints',
  printer: 'hints',
  template: 'hints',
  /** Numbers of a document or of its editing, by which two files are known as of one origin. */
  'document-id': 'hints',
  /** Other entries in metadata, by name. */
  other: 'hints',
  /** Something that could not be looked into; its value says why. */
  'not-looked': 'hints',
  script: 'technical',
  'camera-settings': 'technical',
  'colour-profile': 'technical',
  orientation: 'technical',
} as const satisfies Readonly<Record<string, MetadataSeverity>>;

export type MetadataCode = keyof typeof METADATA_SEVERITY;
export const METADATA_CODES = Object.keys(METADATA_SEVERITY) as MetadataCode[];

export interface MetadataItem {
  readonly what: MetadataCode;
  /** As it stands in the file, at most MAX_METADATA_VALUE characters; for counts, the figure. */
  readonly value: string;
}

/** Characters of a value; enough to recognise it. */
export const MAX_METADATA_VALUE = 200;
/** Items told of one file. A guess: what a person reads; more are counted. */
export const MAX_METADATA_ITEMS = 40;

export const METADATA_KINDS = [
  'jpeg',
  'png',
  'webp',
  'gif',
  'tiff',
  'heif',
  'pdf',
  'office',
  'audio',
  'video',
  'svg',
  'html',
  'text',
  'unknown',
] as const;
export type MetadataKind = (typeof METADATA_KINDS)[number];

/** Why something stays although removing was asked for. */
export const METADATA_REASONS = [
  /** Nothing here can remove it from this kind of file. */
  'kind',
  /** It is protected by a password. */
  'encrypted',
  /** It is signed, and removing anything breaks the signature. */
  'signed',
  /** It is not as such a file should be. */
  'damaged',
  'too-large',
  'too-slow',
] as const;
export type MetadataReason = (typeof METADATA_REASONS)[number];

/** What one file tells. */
export interface MetadataFindings {
  readonly kind: MetadataKind;
  readonly items: readonly MetadataItem[];
  /** Items beyond MAX_METADATA_ITEMS. */
  readonly more: number;
  readonly canStrip: boolean;
  /** Why it cannot be, or why not all of it. */
  readonly reason?: MetadataReason;
  /** What is in it and stays when the rest is removed. */
  readonly leaves: readonly MetadataCode[];
}

const RANK: Readonly<Record<MetadataSeverity, number>> = { identifies: 0, hints: 1, technical: 2 };

export function severityOf(items: readonly { readonly what: MetadataCode }[]): MetadataSeverity {
  const severities = items.map(({ what }) => METADATA_SEVERITY[what]);
  return severities.toSorted((a, b) => RANK[a] - RANK[b])[0] ?? 'technical';
}

/** The worst first; those alike in the order of the codes. */
export function worstFirst<Item extends { readonly what: MetadataCode }>(items: readonly Item[]): Item[] {
  const order = (code: MetadataCode): number => METADATA_CODES.indexOf(code);
  return items.toSorted(
    (a, b) => RANK[METADATA_SEVERITY[a.what]] - RANK[METADATA_SEVERITY[b.what]] || order(a.what) - order(b.what),
  );
}

/** True for what tells something about a person; what is technical may be published without a word. */
export function tells({ what }: { readonly what: MetadataCode }): boolean {
  return METADATA_SEVERITY[what] !== 'technical';
}
