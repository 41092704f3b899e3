/** The media type of a file: from its first bytes where they tell, else from its name if the bytes are text. */

/** As much of a file as its type is told from, in bytes: file-type reads 4,100 of most; text is checked on the rest. */
export const SAMPLE_BYTES = 16 * 1024;

/** When the bytes tell nothing. */
export const UNKNOWN_TYPE = 'application/octet-stream';

/** Text has no signature: its kind is in the name, and is believed when the bytes are UTF-8. */
const TEXT_TYPES: Readonly<Record<string, string>> = {
  txt: 'text/plain',
  text: 'text/plain',
  log: 'text/plain',
  md: 'text/markdown',
  markdown: 'text/markdown',
  html: 'text/html',
  htm: 'text/html',
  xhtml: 'application/xhtml+xml',
  css: 'text/css',
  js: 'text/javascript',
  mjs: 'text/javascript',
  csv: 'text/csv',
  tsv: 'text/tab-separated-values',
  json: 'application/json',
  geojson: 'application/geo+json',
  xml: 'application/xml',
  svg: 'image/svg+xml',
  vtt: 'text/vtt',
  ics: 'text/calendar',
};

/** Formats inside of a ZIP container, which the first bytes do not always tell apart. */
const ZIP_TYPES: Readonly<Record<string, string>> = {
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  odt: 'application/vnd.oasis.opendocument.text',
  ods: 'application/vnd.oasis.opendocument.spreadsheet',
  odp: 'application/vnd.oasis.opendocument.presentation',
  epub: 'application/epub+zip',
};

/** The ending of a file name in lower case, without its dot; empty when it has none. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? '' : name.slice(dot + 1).toLowerCase();
}

/**
 * `sample` is the beginning of the file, `whole` whether it is all of it. Never throws: what cannot be told is
 * application/octet-stream, which readers save and never interpret.
 */
export async function sniffType(name: string, sample: Uint8Array, whole: boolean): Promise<string> {
  const extension = extensionOf(name);
  const textType = Object.hasOwn(TEXT_TYPES, extension) ? TEXT_TYPES[extension]! : undefined;
  let detected: string | undefined;
  try {
    // Forty modules that most runs of a node never need.
    const { fileTypeFromBuffer } = await import('file-type');
    detected = (await fileTypeFromBuffer(sample))?.mime;
  } catch {
    // A file that misleads the detector is of no known type.
  }
  if (detected === 'application/zip' && Object.hasOwn(ZIP_TYPES, extension)) return ZIP_TYPES[extension]!;
  if (detected === 'application/xml' || detected === undefined) {
    if (!isUtf8Text(sample, whole)) return detected ?? UNKNOWN_TYPE;
    return textType ?? detected ?? 'text/plain';
  }
  return detected;
}

/** True for UTF-8 without the control characters that text does not have; a character cut at the end is allowed. */
export function isUtf8Text(sample: Uint8Array, whole: boolean): boolean {
  for (const byte of sample) {
    // Tab, line feed, form feed, carriage return and escape occur in text.
    if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0c && byte !== 0x0d && byte !== 0x1b) return false;
  }
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(sample, { stream: !whole });
    return true;
  } catch {
    return false;
  }
}
