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
import { ENGLISH } from '../words/words.ts';
import type { HostWords, PlainKey } from '../words/words.ts';

interface PlayerOptions extends ContentPolicyOptions {
  /** As in content.ts. */
  readonly allowTopLevel: boolean;
  readonly words?: HostWords;
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
  const { words = ENGLISH } = options;
  const say = (status: number, sentence: string, more: Record<string, string> = {}): ContentAnswer => ({
    ...page({ ...guard, ...more }, noticePage(words, words.t('notice.notPlayed'), sentence)),
    status,
  });
  const refuse = (status: number, key: PlainKey, more?: Record<string, string>): ContentAnswer =>
    say(status, words.t(key), more);
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return refuse(405, 'notice.onlyReadingFileText', { allow: 'GET, HEAD' });
  const target = readTarget(request.target);
  const isSaved = target?.query === 'save';
  if (target === undefined || (target.path !== '' && target.path !== MEDIA)) return refuse(404, 'notice.nothingText');
  if (request.headers['sec-fetch-dest'] === 'document' && !options.allowTopLevel && !isSaved)
    return refuse(403, 'notice.playInsideText');
  if (target.path === '' && !isSaved) {
    if (play.kind === 'other') return refuse(404, 'notice.noPlayerText');
    return page(guard, playerPage(words, play.kind, play.name, MEDIA));
  }
  if (play.kind === 'other' && !isSaved) return refuse(404, 'notice.noPlayerText');
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
    const { code } = toBroadsideError(thrown);
    if (code === 'unexpected') return refuse(500, 'notice.unexpectedText');
    return say(code === 'not-found' ? 404 : 503, words.failure(thrown));
  }
}

function page(guard: Record<string, string>, body: Uint8Array): ContentAnswer {
  return {
    status: 200,
    headers: { ...guard, 'content-type': 'text/html; charset=utf-8', 'content-length': String(body.length) },
    body,
  };
}
