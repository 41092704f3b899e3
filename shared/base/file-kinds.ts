/** Kinds of files, by which people filter: told by the name's ending alone, for nothing else is known of what others share. */
export const FILE_KINDS = ['audio', 'video', 'picture', 'document', 'archive', 'program', 'other'] as const;
export type FileKind = (typeof FILE_KINDS)[number];
