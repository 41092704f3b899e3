/** The text of an HTML document, by its byte order mark, by the encoding that it names, or by what its bytes can be. */

/** Where an encoding has to be named (HTML standard, 13.2.3.2: the first 1,024 bytes). */
const NAMED_WITHIN_BYTES = 1024;

export function decodeHtml(bytes: Uint8Array): string {
  const marked = markOf(bytes);
  if (marked !== undefined) return decode(bytes, marked);
  const start = Buffer.from(bytes.subarray(0, NAMED_WITHIN_BYTES)).toString('latin1');
  const named = /<meta[^>]{0,200}charset\s*=\s*["']?\s*([a-z0-9_.:-]{1,40})/i.exec(start)?.[1];
  // An encoding in which '<' is not the byte 3C cannot have been read from such bytes (HTML standard, same place).
  if (named !== undefined && !/^utf-?(?:16|32|7)/i.test(named)) return decode(bytes, named);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return decode(bytes, 'windows-1252');
  }
}

function markOf(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return undefined;
}

function decode(bytes: Uint8Array, label: string): string {
  try {
    return new TextDecoder(label).decode(bytes);
  } catch {
    // A name that is no encoding's.
    return new TextDecoder().decode(bytes);
  }
}
