/**
 * Answers for the origin of a player: one page of ours without script, on it the browser's own player, and the bytes of one file as
 * they are verified. The file is served under the media type of its name and no other, so that nothing in it is a document here.
 */
import { toBroadsideError } from '../../../shared/base/errors.ts';
import type { ContentAnswer, ContentRequest, ServedFile, ServedPlay } from './answer.ts';
import { readTarget } from './content.ts';
import { attachment, bytes } from './file-bytes.ts';
import { noticePage, playerPage } from './pages.ts';
import { contentSecurityPolicy, guardHeaders, NO_PERMISSIONS } from './policy.ts';
import type { ContentPolicyOptions } from './policy.ts';

interface PlayerOptions extends ContentPolicyOptions {
  /** As in content.ts. */
  readonly allowTopLevel: boolean;
}

/** A film may fill the screen, by the player's own button. */
const PLAYER_PERMISSIONS = NO_PERMISSIONS.replace('fullscreen=()', 'fullscreen=(self)');
const MEDIA = 'media';

/** Never rejects. */
export async function answerPlayer(
  play: ServedPlay,
  request: ContentRequest,
  options: PlayerOptions,
): Promise<ContentAnswer> {
  const answer = await answerWhole(play, request, options);
  return request.method === 'HEAD' ? { status: answer.status, headers: answer.headers } : answer;
}

async function answerWhole(play: ServedPlay, request: ContentRequest, options: PlayerOptions): Promise<ContentAnswer> {
  const guard = { ...guardHeaders(contentSecurityPolicy(options)), 'permissions-policy': PLAYER_PERMISSIONS };
  const refuse = (status: number, sentence: string, more: Record<string, string> = {}): ContentAnswer => ({
    ...page({ ...guard, ...more }, noticePage('It cannot be shown', sentence)),
    status,
  });
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return refuse(405, 'A file can be read here and nothing else.', { allow: 'GET, HEAD' });
  const target = readTarget(request.target);
  const isSaved = target?.query === 'save';
  if (target === undefined || (target.path !== '' && target.path !== MEDIA))
    return refuse(404, 'There is nothing of this name.');
  if (request.headers['sec-fetch-dest'] === 'document' && !options.allowTopLevel && !isSaved)
    return refuse(403, 'Files are played inside Broadside only. Open the player there.');
  if (target.path === '' && !isSaved) {
    if (play.kind === 'other') return refuse(404, 'Broadside plays no files of this type. Save it.');
    return page(guard, playerPage(play.kind, play.name, MEDIA));
  }
  if (play.kind === 'other' && !isSaved) return refuse(404, 'Broadside plays no files of this type. Save it.');
  try {
    const file: ServedFile = {
      path: play.name,
      type: play.type,
      sizeBytes: await play.sizeBytes(request.signal),
      contentHash: play.root,
    };
    const headers = isSaved
      ? { ...guard, ...attachment(file), 'content-type': 'application/octet-stream' }
      : { ...guard, 'content-type': play.type };
    return await bytes({ read: (_path, start, end, signal) => play.read(start, end, signal) }, file, request, headers);
  } catch (thrown) {
    const { code, message } = toBroadsideError(thrown);
    return refuse(
      code === 'not-found' ? 404 : code === 'unexpected' ? 500 : 503,
      code === 'unexpected' ? 'Something unexpected happened. Try again.' : message,
    );
  }
}

function page(guard: Record<string, string>, body: Uint8Array): ContentAnswer {
  return {
    status: 200,
    headers: { ...guard, 'content-type': 'text/html; charset=utf-8', 'content-length': String(body.length) },
    body,
  };
}
