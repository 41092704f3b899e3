/** Whether a key may be taken by what is on the screen: pressed alone, by nobody who types or answers a dialog. */
export function isPlainKey({ ctrlKey, metaKey, altKey, target }: KeyboardEvent): boolean {
  if (ctrlKey || metaKey || altKey || document.querySelector('dialog[open]') !== null) return false;
  return !(target as HTMLElement).matches('input:not([type=checkbox], [type=radio]), textarea, select');
}
