/** A few things to publish on a practice network: all made here, so that nothing is borrowed. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makePdf } from './pdf.ts';
import { makePng } from './png.ts';

export interface Sample {
  readonly title: string;
  readonly path: string;
}

/** Writes the samples into a directory, which is made. */
export function makeSamples(directory: string): Sample[] {
  const write = (name: string, contents: string | Uint8Array): void => {
    const path = join(directory, name);
    mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
    writeFileSync(path, contents);
  };
  write('what-a-broadside-was.md', TEXT);
  write('handbook.pdf', makePdf('Handbook of the practice network', HANDBOOK));
  write('site/index.html', SITE_INDEX);
  write('site/type.html', SITE_TYPE);
  write('site/style.css', SITE_STYLE);
  write('site/pictures/press.svg', PRESS);
  write('site/pictures/rain.png', makePng(480, 300, rain));
  write('site/pictures/dusk.png', makePng(480, 300, dusk));
  return [
    { title: 'What a broadside was', path: join(directory, 'what-a-broadside-was.md') },
    { title: 'The printer’s corner', path: join(directory, 'site') },
    { title: 'Handbook of the practice network', path: join(directory, 'handbook.pdf') },
  ];
}

/** Ink running down a wall; by place alone, so that it is the same on every machine. */
function rain(x: number, y: number): readonly [number, number, number] {
  const column = (x * 2654435761) >>> 24;
  const wet = ((y + column * 3) % 97) / 97;
  const ink = Math.round(248 - 150 * wet * wet * (column / 255));
  return [ink, ink - 3, ink - 8];
}

function dusk(x: number, y: number): readonly [number, number, number] {
  const height = y / 300;
  const hill = 190 + 40 * Math.sin(x / 60) + 14 * Math.sin(x / 17);
  if (y > hill) return [26, 25, 29];
  return [Math.round(91 + 140 * height), Math.round(44 + 150 * height), Math.round(160 + 30 * height)];
}

const TEXT = `# What a broadside was

A *broadside* was a sheet of paper printed on one side and pasted to a wall. It was the quickest way to say something to a
whole town: news, a ballad, a proclamation, an accusation.

Three things made it hard to stop:

1. **It was published once and read by everybody.** A sheet on a wall has no subscribers who could be listed.
2. **It needed no post.** Who pasted it had gone before anybody read it.
3. **Tearing one down left the others up.** There were a hundred of each.

This one hangs on a practice network on your own machine. It was cut into ten shares; any three of them are enough to read
it. Stop some of the nodes and open it again.

> Settled is ink.

| part | then | here |
|---|---|---|
| the sheet | paper | a publication |
| the walls | a town | the nodes that hold a share |
| the paste | flour and water | a link |
`;

const SITE_STYLE = `body { margin: 2rem auto; max-width: 40rem; padding: 0 1rem; font: 1.05rem/1.55 Georgia, serif; color: #1a191d; background: #f8f7f3 }
h1 { font-size: 2.2rem; line-height: 1.1; border-top: 1px solid; border-bottom: 4px solid; padding: .6rem 0 }
img { max-width: 100%; height: auto; display: block; border: 1px solid #1a191d }
nav a { margin-inline-end: 1rem } figure { margin: 1.5rem 0 } figcaption { font-size: .9rem; color: #47464c }
`;

const SITE_INDEX = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>The printer’s corner</title>
<link rel="stylesheet" href="style.css">
<h1>The printer’s corner</h1>
<nav><a href="index.html">The press</a><a href="type.html">Type and ink</a></nav>
<p>A small site of three pictures and two pages. Its links are relative, so it is the same wherever it is shown.</p>
<figure><img src="pictures/press.svg" alt="A hand press, drawn in a few lines"><figcaption>The press: one pull, one sheet.</figcaption></figure>
<figure><img src="pictures/rain.png" alt="Grey streaks of rain down a wall"><figcaption>What the weather does to paste.</figcaption></figure>
</html>
`;

const SITE_TYPE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Type and ink</title>
<link rel="stylesheet" href="style.css">
<h1>Type and ink</h1>
<nav><a href="index.html">The press</a><a href="type.html">Type and ink</a></nav>
<p>Large wooden letters for the head, metal ones for the text, and whatever was left for the last line.</p>
<figure><img src="pictures/dusk.png" alt="Dark hills under a violet sky"><figcaption>Sheets were pasted at dusk.</figcaption></figure>
</html>
`;

const PRESS = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 300" width="480" height="300">
<rect width="480" height="300" fill="#f8f7f3"/>
<g fill="none" stroke="#1a191d" stroke-width="8">
<path d="M110 280V40h260v240M90 280h300M110 70h260"/>
<path d="M240 70v70M190 140h100v24H190z"/>
<path d="M130 210h220v18H130z" fill="#1a191d"/>
<path d="M240 105h150" stroke="#5b2ca0"/>
</g>
<circle cx="398" cy="105" r="12" fill="#5b2ca0"/>
</svg>
`;

const HANDBOOK: readonly (readonly string[])[] = [
  [
    'This is a PDF that Broadside made itself, to have one to show.',
    '',
    'A practice network is a network of its own on one machine. It has its',
    'own name, so it never meets another, and its own first node, through',
    'which the others find each other. Places on its circle cost little.',
    '',
    'What to try:',
    '1. Publish a file. Watch where its shares go.',
    '2. Stop a third of the nodes. Open the file again.',
    '3. Change one letter of a link. It is refused at once.',
  ],
  [
    'The second page.',
    '',
    'The viewer reads a PDF by pieces: it asks for the parts that the pages',
    'in sight need, and each part is verified before it is drawn.',
    '',
    'It runs on an origin of its own, which can read this publication and',
    'reach nothing else.',
  ],
];
