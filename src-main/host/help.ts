/**
 * The help that ships with the program. It is a publication like any other, a folder that `broadside publish` takes as it is,
 * but it is read from where the program lies: somebody who cannot get onto the network needs it most.
 */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BroadsideError } from '../../shared/base/errors.ts';
import type { Help, HelpLanguage } from '../../shared/ipc/help-calls.ts';
import type { ServedFile, ServedPublication } from './content/answer.ts';
import type { OpenOrigins } from './open-origins.ts';
import { PROJECT_ROOT } from './project-root.ts';

const INDEX = 'index.html';
const TITLES: Readonly<Record<HelpLanguage, string>> = {
  en: 'Broadside: the help',
  de: 'Broadside: die Hilfe',
  ar: 'مساعدة Broadside',
};
const TYPES: readonly (readonly [ending: string, type: string])[] = [
  ['.html', 'text/html'],
  ['.css', 'text/css'],
];

/** A folder for each language: beside this module, or where the build copied it for the packed app. */
function helpDirectory(language: HelpLanguage, projectRoot = PROJECT_ROOT): string {
  const source = join(projectRoot, 'src-main', 'host', 'content', 'help', language);
  return existsSync(source) ? source : join(projectRoot, 'out', 'viewer', 'help', language);
}

/** All of it in memory: thirty kilobytes a language, and an archive of the packed app is not read by parts. */
export async function readHelp(
  language: HelpLanguage,
  directory = helpDirectory(language),
): Promise<ServedPublication> {
  const bodies = new Map<string, Uint8Array>();
  const files: ServedFile[] = [];
  for (const path of (await readdir(directory)).toSorted()) {
    const type = TYPES.find(([ending]) => path.endsWith(ending))?.[1];
    if (type === undefined) continue;
    const body = new Uint8Array(await readFile(join(directory, path)));
    bodies.set(path, body);
    files.push({ path, type, sizeBytes: body.length });
  }
  const byPath = new Map(files.map((file) => [file.path, file]));
  return {
    title: TITLES[language],
    shape: 'site',
    index: INDEX,
    files,
    file: (path) => byPath.get(path),
    async *read(path, start, end) {
      yield bodies.get(path)!.subarray(start, end);
    },
  };
}

/** `urlOf`: absent where nothing shows content. Throws `not-found` where the program came without it. */
export async function openHelp(
  origins: OpenOrigins,
  language: HelpLanguage,
  urlOf: ((label: string) => string) | undefined,
): Promise<Help> {
  let publication: ServedPublication;
  try {
    publication = await readHelp(language);
  } catch (cause) {
    throw new BroadsideError('not-found', 'The help is missing from this installation. Install Broadside again.', {
      cause,
    });
  }
  const label = origins.addHelp(language, publication);
  if (urlOf === undefined) return { title: publication.title };
  return { title: publication.title, contentUrl: urlOf(label), viewerUrl: urlOf(origins.viewerLabel(label)) };
}
