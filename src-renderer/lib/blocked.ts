/** What was left out of content, in words. */
import type { Blocked } from '../../shared/base/blocked.ts';
import { formatList } from './format.ts';
import { t } from './messages/translate.ts';

/** 3 scripts and 2 pictures from elsewhere. */
export function blockedList(blocked: readonly Blocked[]): string {
  return formatList(blocked.map(({ kind, count }) => t(`blocked.${kind}`, { count })));
}
