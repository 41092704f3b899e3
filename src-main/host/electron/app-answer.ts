/** The interface's own files under the policy of Electron. Without Electron, so that it can be tested. */
import type { ContentAnswer } from '../content/answer.ts';
import { APP_PERMISSIONS } from '../content/policy.ts';
import type { AppFiles } from '../headless/app-files.ts';

/**
 * The interface reaches nothing but its own files: the node speaks through a MessagePort and content is shown in a view of
 * its own, so neither connections nor frames are needed. Svelte writes style attributes as text ('unsafe-inline').
 */
const APP_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const GUARD: Readonly<Record<string, string>> = {
  'content-security-policy': APP_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'permissions-policy': APP_PERMISSIONS,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** Answers for one file of the interface; `path` is that of the address. Never rejects. */
export async function answerAppFile(files: AppFiles, method: string, path: string): Promise<ContentAnswer> {
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, headers: GUARD };
  const file = await files.get(path, false).catch(() => undefined);
  if (file === undefined) return { status: 404, headers: GUARD };
  const headers = {
    ...file.headers,
    ...GUARD,
    'cache-control': 'no-store',
    'content-length': String(file.body.length),
  };
  return method === 'HEAD' ? { status: 200, headers } : { status: 200, headers, body: file.body };
}
