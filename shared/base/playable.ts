/**
 * What can be played, or looked at, while it arrives: told by the ending of its name, for nothing else is known of it before. The
 * list is what browsers decode by themselves; nothing on it is a document, and nothing on it runs.
 */
export const PLAY_KINDS = ['audio', 'video', 'picture'] as const;
export type PlayKind = (typeof PLAY_KINDS)[number];

export interface Playable {
  readonly kind: PlayKind;
  /** The media type that it is served under, and no other: what it really is, is not looked into. */
  readonly type: string;
}

/** Not SVG, which is a document; not TIFF, HEIC, AVI, WMV and others, which no browser shows. */
const TYPES: Readonly<Record<string, string>> = {
  mp3: 'audio/mpeg',
  m4a: 'audio/mp4',
  m4b: 'audio/mp4',
  aac: 'audio/aac',
  flac: 'audio/flac',
  oga: 'audio/ogg',
  ogg: 'audio/ogg',
  opus: 'audio/ogg',
  wav: 'audio/wav',
  wave: 'audio/wav',
  weba: 'audio/webm',
  mp4: 'video/mp4',
  m4v: 'video/mp4',
  mov: 'video/mp4',
  webm: 'video/webm',
  mkv: 'video/webm',
  ogv: 'video/ogg',
  png: 'image/png',
  apng: 'image/apng',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  jpe: 'image/jpeg',
  jfif: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  bmp: 'image/bmp',
  ico: 'image/x-icon',
};

/** Undefined for what is not played. */
export function playableOf(name: string): Playable | undefined {
  const ending = /\.([a-z0-9]{1,8})$/i.exec(name)?.[1]?.toLowerCase();
  const type = ending !== undefined && Object.hasOwn(TYPES, ending) ? TYPES[ending] : undefined;
  if (type === undefined) return undefined;
  const family = type.slice(0, type.indexOf('/'));
  return { kind: family === 'image' ? 'picture' : (family as 'audio' | 'video'), type };
}
