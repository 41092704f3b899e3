/**
 * The samples of the practice network: invented papers of an invented harbour. `node build/samples/make.ts DIRECTORY`
 * writes them; each entry of the directory is one publication. The same bytes at every run.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makePdf } from './pdf.ts';
import { drawTideChart } from './tide-chart.ts';
import { LETTER_RU, MINUTES, PDF_PAGES, READING_LIST, siteFiles } from './texts.ts';

/** Writes the samples into `directory` (made if missing) and returns the paths of what to publish, one each. */
export function makeSamples(directory: string): string[] {
  mkdirSync(directory, { recursive: true });
  const write = (name: string, contents: string | Uint8Array): string => {
    const path = join(directory, name);
    writeFileSync(path, contents);
    return path;
  };
  const site = join(directory, 'The Saltmarsh Survey');
  mkdirSync(join(site, 'pictures'), { recursive: true });
  for (const [name, contents] of Object.entries(siteFiles())) writeFileSync(join(site, name), contents);
  writeFileSync(join(site, 'pictures', 'tide-chart.png'), drawTideChart());
  return [
    write('Minutes of the harbour board.txt', MINUTES),
    site,
    write('Dredging of the north channel.pdf', makePdf('Dredging of the north channel', PDF_PAGES)),
    write('Reading list of the tidal library.md', READING_LIST),
    write('Письмо смотрителя маяка.txt', LETTER_RU),
  ];
}

if (import.meta.main) {
  const directory = process.argv[2];
  if (directory === undefined) {
    process.stderr.write('usage: node build/samples/make.ts DIRECTORY\n');
    process.exitCode = 2;
  } else {
    process.stdout.write(`${JSON.stringify({ samples: makeSamples(directory) })}\n`);
  }
}
