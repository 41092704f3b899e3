/**
 * What went wrong, for a person. The node says it in English, in one sentence that names what is meant; in another language
 * its kind is said first, by its code.
 */
import type { ErrorCode } from '../../shared/base/errors.ts';
import { locale, t } from './messages/translate.ts';
import type { MessageKey } from './messages/translate.ts';

interface Told {
  readonly code: ErrorCode;
  readonly message: string;
}

const KINDS: Partial<Record<ErrorCode, MessageKey & `failed.${string}`>> = {
  'not-found': 'failed.notFound',
  'no-route': 'failed.noRoute',
  offline: 'failed.offline',
  busy: 'failed.busy',
  damaged: 'failed.damaged',
  'bad-link': 'failed.badLink',
  deleted: 'failed.deleted',
  'no-space': 'failed.noSpace',
  'not-in-version': 'failed.notInVersion',
  unexpected: 'failed.unexpected',
};

export function errorWords(error: Told): string {
  const kind = KINDS[error.code];
  if (kind === undefined || locale().startsWith('en')) return reasonWords(error);
  return t('error.kindAndReason', { kind: t(kind), reason: error.message });
}

/** Where its kind is said already. */
export function reasonWords({ message }: Told): string {
  return t('error.reason', { reason: message });
}
