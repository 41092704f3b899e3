/** The report of a defect: enough to find it by, and nothing that says what was published or read, or opens it. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeOwnerFile } from '../data-directory.ts';
import { VERSION } from '../version.ts';

/** The oldest leaves when another is written: a defect that repeats must not fill the disk. A guess. */
const MAX_REPORTS = 20;
const MAX_REPORT_LENGTH = 20_000;

/** Writes a report into the data directory (else the temporary one) and returns its path; undefined when neither can be written. */
export function writeReport(
  dataDirectory: string | undefined,
  command: string,
  thrown: unknown,
  atMs: number,
): string | undefined {
  for (const base of [dataDirectory, tmpdir()]) {
    if (base === undefined) continue;
    try {
      const directory = join(base, base === dataDirectory ? 'reports' : 'broadside-reports');
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      const old = readdirSync(directory)
        .filter((name) => name.startsWith('report-'))
        .sort();
      for (const name of old.slice(0, Math.max(0, old.length - MAX_REPORTS + 1)))
        rmSync(join(directory, name), { force: true });
      const path = join(directory, `report-${new Date(atMs).toISOString().replace(/[:.]/g, '-')}-${process.pid}.txt`);
      writeOwnerFile(path, reportText(command, thrown, atMs));
      return path;
    } catch {
      // The next place.
    }
  }
  return undefined;
}

export function reportText(command: string, thrown: unknown, atMs: number): string {
  const lines = [
    `Broadside ${VERSION}, ${process.platform} ${process.arch}, Node ${process.versions.node}`,
    `command: ${command}`,
    `at: ${new Date(atMs).toISOString()}`,
    '',
  ];
  for (let cause = thrown, depth = 0; cause !== undefined && depth < 5; depth += 1) {
    lines.push(
      depth === 0 ? '' : 'caused by:',
      cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
    );
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return withoutSecrets(lines.join('\n')).slice(0, MAX_REPORT_LENGTH);
}

/** Takes out links, long runs of base32, base64 or hexadecimal (keys, tokens), and the name of the person's home. */
export function withoutSecrets(text: string): string {
  return text
    .replace(/broadside:[^\s'")]+/gi, 'broadside:(a link)')
    .replaceAll(homedir(), '~')
    .replace(/(?<![\w/.-])(?=[\w+-]*\d)[\w+-]{24,}(?![\w/.-])/g, '(a key)');
}
