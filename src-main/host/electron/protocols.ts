/** Our two schemes, each answered in one session only: the interface's in its own, content's in its own. */
import { protocol } from 'electron';
import type { Session } from 'electron';
import type { ToldOfLink, ToldOfPage } from '../content/answer.ts';
import { answerContent } from '../content/content.ts';
import type { ContentOptions } from '../content/content.ts';
import { answerPlayer } from '../content/player.ts';
import { answerViewer } from '../content/viewer.ts';
import type { ViewerAssets } from '../content/viewer.ts';
import { listAppFiles } from '../headless/app-files.ts';
import type { HostWords } from '../words/words.ts';
import type { OpenOrigin } from '../open-origins.ts';
import { answerAppFile } from './app-answer.ts';
import { toContentRequest, toResponse } from './answers.ts';
import { APP_SCHEME, CONTENT_SCHEME, contentUrlOf, isInterface, readContentAddress } from './schemes.ts';

/** Before the app is ready: Chromium has to know what kind of addresses these are. */
export function registerSchemes(): void {
  const standard = { standard: true, secure: true, supportFetchAPI: true };
  protocol.registerSchemesAsPrivileged([
    { scheme: APP_SCHEME, privileges: standard },
    { scheme: CONTENT_SCHEME, privileges: { ...standard, stream: true } },
  ]);
}

export function serveInterface(session: Session, directory: string): void {
  const files = listAppFiles(directory);
  session.protocol.handle(APP_SCHEME, async (request) => {
    if (!isInterface(request.url)) return new Response(null, { status: 404 });
    return toResponse(await answerAppFile(files, request.method, new URL(request.url).pathname));
  });
}

/** `originOf` finds what is open under a label: the files of a publication, or the viewer for its PDFs. */
export function serveContent(
  session: Session,
  originOf: (label: string) => OpenOrigin | undefined,
  shared: { readonly assets: ViewerAssets; readonly inert: ContentOptions['inert']; readonly words: () => HostWords },
  onTold: (label: string, told: ToldOfPage | ToldOfLink) => void,
): void {
  session.protocol.handle(CONTENT_SCHEME, async (request) => {
    const address = readContentAddress(request.url);
    if (address === undefined) return new Response(null, { status: 404 });
    const origin = originOf(address.label);
    const question = toContentRequest(request, address.target);
    // The view is a top-level document of its own: nobody frames it.
    const words = shared.words();
    const options = { appOrigins: [], allowTopLevel: true, inert: shared.inert, words, asksForLinks: true };
    if (origin?.kind === 'player') return toResponse(await answerPlayer(origin.play, question, options));
    if (origin?.kind === 'viewer')
      return toResponse(await answerViewer(origin.publication, question, { ...options, assets: shared.assets }));
    if (origin === undefined) return toResponse(await answerContent(undefined, question, options));
    const viewerUrl = (path: string): string => `${contentUrlOf(origin.viewerLabel)}?file=${encodeURIComponent(path)}`;
    const answer = await answerContent(origin.publication, question, { ...options, viewerUrl });
    if (answer.told !== undefined && question.headers['sec-fetch-dest'] === 'document')
      onTold(address.label, answer.told);
    return toResponse(answer);
  });
}
