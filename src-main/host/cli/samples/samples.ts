/**
 * The samples of the practice network: invented papers of an invented harbour. The same bytes at every run.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, parse } from 'node:path';
import { makePdf } from './pdf.ts';
import { drawTideChart } from './tide-chart.ts';
import { LETTER_RU, MINUTES, PDF_PAGES, READING_LIST, siteFiles } from './texts.ts';

export interface Sample {
  readonly title: string;
  readonly path: string;
}

/** Writes the samples into `directory` (made if missing); each entry of it is one publication. */
export function makeSamples(directory: string): Sample[] {
  mkdirSync(directory, { recursive: true });
  const write = (name: string, contents: string | Uint8Array): Sample => {
    const path = join(directory, name);
    writeFileSync(path, contents);
    return { title: parse(name).name, path };
  };
  const site = join(directory, 'The Saltmarsh Survey');
  mkdirSync(join(site, 'pictures'), { recursive: true });
  for (const [name, contents] of Object.entries(siteFiles())) writeFileSync(join(site, name), contents);
  writeFileSync(join(site, 'pictures', 'tide-chart.png'), drawTideChart());
  return [
    write('Minutes of the harbour board.txt', MINUTES),
    { title: 'The Saltmarsh Survey', path: site },
    write('Dredging of the north channel.pdf', makePdf('Dredging of the north channel', PDF_PAGES)),
    write('Reading list of the tidal library.md', READING_LIST),
    write('Письмо смотрителя маяка.txt', LETTER_RU),
  ];
}
