/** What somebody says of a publication, as its manifest takes it. */
import { encodeManifest } from '../../core/publish/manifest.ts';
import { tidyTitle } from '../survey/title.ts';

export interface GivenTexts {
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly language?: string | undefined;
}

/** Undefined where nothing was said. Throws `usage` for what no manifest can hold, before anything is read or sent. */
export function checkTexts(given: GivenTexts): GivenTexts {
  const title = given.title === undefined ? undefined : tidyTitle(given.title.replace(/\p{Cc}+/gu, ' '));
  const description = given.description
    ?.toWellFormed()
    .replace(/\r\n?/gu, '\n')
    .replace(/\t/gu, ' ')
    .replace(/[^\P{Cc}\n]/gu, '')
    .trim();
  // The codec knows the rules: it is asked with a file that breaks none.
  encodeManifest({
    shape: 'file',
    edition: 1,
    title: title ?? '',
    description: description ?? '',
    language: given.language ?? '',
    dateMs: undefined,
    index: undefined,
    files: [
      {
        path: 'x',
        type: 'text/plain',
        sizeBytes: 0,
        digest: new Uint8Array(32),
        content: { kind: 'inline', bytes: new Uint8Array(0) },
      },
    ],
  });
  return { title, description, language: given.language };
}
