/** What files tell about their authors, in lines for people: one a file, the worst first, bounded. */
import { METADATA_SEVERITY } from '../../../shared/base/metadata.ts';
import type { MetadataCode, MetadataReason } from '../../../shared/base/metadata.ts';
import type { FileFindings, MetadataPage } from '../../../shared/ipc/contract.ts';
import { printable } from './output.ts';

const WORDS: Readonly<Record<MetadataCode, string>> = {
  location: 'where it was made',
  person: 'a name',
  serial: 'the number of a device',
  'user-path': 'a path on its author’s machine',
  'file-name': 'your user name, in its own name',
  thumbnail: 'a small picture inside, which may show what was cut off',
  'hidden-data': 'something hidden behind or between what is shown',
  'earlier-version': 'earlier versions of it, which can be brought back',
  'tracked-change': 'tracked changes, deleted text included',
  comment: 'comments',
  attachment: 'files inside of it',
  organisation: 'an organisation',
  'maker-notes': 'notes of the camera’s maker',
  device: 'a device',
  software: 'a program',
  date: 'when',
  description: 'a description',
  printer: 'a printer',
  template: 'a template',
  'document-id': 'numbers by which its origin can be recognised',
  other: 'other entries',
  'not-looked': 'NOT LOOKED INTO',
  script: 'scripts',
  'camera-settings': 'settings of the camera',
  'colour-profile': 'a colour profile',
  orientation: 'which side is up',
};
const REASONS: Readonly<Record<MetadataReason, string>> = {
  kind: 'cannot be removed from this kind of file here',
  encrypted: 'cannot be removed: it has a password',
  signed: 'cannot be removed: it would break its signature',
  damaged: 'cannot be removed: it is not as such a file should be',
  'too-large': 'cannot be removed: it is too large to be looked into',
  'too-slow': 'cannot be removed: looking into it took too long',
};
/** Said wherever nothing was found, or everything removed: what is seen and read in a file is for its author to judge. */
export const NOT_LOOKED_FOR =
  'Only what is stored beside the content was looked for. What can be seen, heard or read in the files was not. Dates and owners of the files on this disk are never published.';

/** Lines of one listing; the rest is counted. */
const MAX_LINES = 20;
/** Values of one thing in a line. */
const MAX_VALUES = 2;
const MAX_VALUE_LENGTH = 60;

/** All pages of it, one after the other; `findings` has the first MAX_FINDINGS of the files that tell something. */
export interface AllFindings {
  readonly fileCount: number;
  readonly findings: readonly FileFindings[];
  /** Files beyond those. */
  readonly more: number;
}
/** Files with findings that are kept; the rest is counted. */
const MAX_FINDINGS = 200;

export async function askAll(
  ask: (from: number) => Promise<MetadataPage>,
  onPage: (page: MetadataPage) => void,
): Promise<AllFindings> {
  const findings: FileFindings[] = [];
  let count = 0;
  for (let from = 0; ;) {
    const page = await ask(from);
    count += page.findings.length;
    findings.push(...page.findings.slice(0, MAX_FINDINGS - findings.length));
    onPage(page);
    if (page.done) return { fileCount: page.fileCount, findings, more: count - findings.length };
    from = page.looked;
  }
}

export function findingLines({ fileCount, findings, more }: AllFindings): string[] {
  const telling = findings.filter(({ severity }) => severity !== 'technical');
  if (telling.length === 0 && more === 0) {
    return [`Nothing that tells about its author was found in ${files(fileCount)}. ${NOT_LOOKED_FOR}`];
  }
  const worst = telling.toSorted((a, b) => rank(a) - rank(b));
  const unsaid = telling.length - Math.min(MAX_LINES, worst.length) + more;
  return [...worst.slice(0, MAX_LINES).map(findingLine), ...(unsaid > 0 ? [`And ${files(unsaid)} more.`] : [])];
}

function findingLine({ path, items, canStrip, reason, leaves, more }: FileFindings): string {
  const codes = [...new Set(items.map(({ what }) => what))].filter((code) => METADATA_SEVERITY[code] !== 'technical');
  const told = codes.map((code) => {
    const values = items.filter(({ what }) => what === code).map(({ value }) => value);
    const shown = values.slice(0, MAX_VALUES).map((value) => cut(value));
    return `${WORDS[code]} (${shown.join(', ')}${values.length > MAX_VALUES ? ', ...' : ''})`;
  });
  const staying = leaves.filter((code) => METADATA_SEVERITY[code] !== 'technical');
  const end =
    !canStrip || codes.every((code) => staying.includes(code))
      ? REASONS[reason ?? 'kind']
      : staying.length === 0
        ? 'can be removed'
        : `can be removed, except ${[...new Set(staying)].map((code) => WORDS[code]).join(', ')}`;
  return printable(`${path} tells ${told.join('; ')}${more > 0 ? `; ${more} more entries` : ''}. It ${end}.`);
}

const rank = ({ severity }: FileFindings): number => ['identifies', 'hints', 'technical'].indexOf(severity);

const cut = (value: string): string =>
  value.length <= MAX_VALUE_LENGTH ? value : `${value.slice(0, MAX_VALUE_LENGTH).replace(/[\ud800-\udbff]$/u, '')}…`;

const files = (count: number): string => (count === 1 ? '1 file' : `${count} files`);
