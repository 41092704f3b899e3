/** Which key of ours was pressed, on keyboards of every script. */

/**
 * The letter in lower case, or the name of the key. On a keyboard that writes another script than Latin it is what stands at
 * that place on a Latin one, as the sheet of keys names it; a keyboard that writes Latin letters means what it writes.
 */
export function keyOf({ key, code, shiftKey }: Pick<KeyboardEvent, 'key' | 'code' | 'shiftKey'>): string {
  if (key.length > 1) return key;
  if (/^[\x20-\x7e]$/.test(key)) return key.toLowerCase();
  const place = /^(?:Key([A-Z])|Digit(\d))$/.exec(code);
  if (place !== null) return place[1]?.toLowerCase() ?? place[2]!;
  if (code === 'Slash') return shiftKey ? '?' : '/';
  return key.toLowerCase();
}
