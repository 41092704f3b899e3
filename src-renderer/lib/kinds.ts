/** What kind of thing something is, in a word. */
import type { LibraryEntry } from '../../shared/ipc/model.ts';
import { t } from './messages/translate.ts';

export function kindWord({ shape, type }: Pick<LibraryEntry, 'shape' | 'type'>): string {
  if (shape === 'site') return t('kind.site');
  if (shape === 'directory') return t('kind.folder');
  if (type === 'application/pdf') return t('kind.pdf');
  if (type === 'text/csv' || /spreadsheet|excel/.test(type)) return t('kind.table');
  if (type.startsWith('text/html')) return t('kind.page');
  if (type.startsWith('text/')) return t('kind.text');
  if (type.startsWith('image/')) return t('kind.picture');
  if (type.startsWith('audio/')) return t('kind.sound');
  if (type.startsWith('video/')) return t('kind.film');
  return t('kind.file');
}
