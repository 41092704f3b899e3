import { withoutIsolates } from './messages/translate.ts';

/** Hands bytes that were made here to the person, as a file with a name that every system takes. */
export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = withoutIsolates(name)
    .replace(/[\p{Cc}\\/:*?"<>|]+/gu, ' ')
    .trim()
    .slice(0, 120);
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
