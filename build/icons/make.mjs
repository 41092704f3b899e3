/**
 * Draws icon.svg at every size that the platforms ask for, in Chromium: NxN.png for Linux, icon.icns for macOS, icon.ico
 * for Windows. Run by hand after a change of the drawing: `npm run icons`. What it writes is committed.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureChromium } from '../chromium.mjs';

const SIZES = [16, 24, 32, 48, 64, 128, 256, 512, 1024];
/** Types of the Apple icon format by the size of the PNG in them. */
const ICNS_TYPES = { 16: 'icp4', 32: 'icp5', 64: 'icp6', 128: 'ic07', 256: 'ic08', 512: 'ic09', 1024: 'ic10' };
const ICO_SIZES = [16, 24, 32, 48, 64, 128, 256];

/** A header, then one entry a picture: four letters, length with these eight bytes, PNG. */
function icns(pictures) {
  const entries = Object.entries(ICNS_TYPES).map(([size, type]) => {
    const head = Buffer.alloc(8);
    head.write(type, 0, 'latin1');
    head.writeUInt32BE(pictures[size].length + 8, 4);
    return Buffer.concat([head, pictures[size]]);
  });
  const body = Buffer.concat(entries);
  const head = Buffer.alloc(8);
  head.write('icns', 0, 'latin1');
  head.writeUInt32BE(body.length + 8, 4);
  return Buffer.concat([head, body]);
}

/** ICONDIR, then ICONDIRENTRY for each, then the PNGs; 0 stands for 256. */
function ico(pictures) {
  const head = Buffer.alloc(6);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(ICO_SIZES.length, 4);
  let offset = 6 + 16 * ICO_SIZES.length;
  const entries = ICO_SIZES.map((size) => {
    const entry = Buffer.alloc(16);
    entry.set([size % 256, size % 256, 0, 0]);
    entry.writeUInt16LE(1, 4);
    entry.writeUInt16LE(32, 6);
    entry.writeUInt32LE(pictures[size].length, 8);
    entry.writeUInt32LE(offset, 12);
    offset += pictures[size].length;
    return entry;
  });
  return Buffer.concat([head, ...entries, ...ICO_SIZES.map((size) => pictures[size])]);
}

export async function run({ root }) {
  const directory = join(root, 'build/icons');
  const drawing = readFileSync(join(directory, 'icon.svg'), 'utf8');
  const browser = await ensureChromium();
  if (browser.path === undefined) throw new Error(browser.problem);
  const { chromium } = await import('playwright-core');
  const instance = await chromium.launch({ executablePath: browser.path, args: ['--no-sandbox'] });
  const pictures = {};
  try {
    for (const size of SIZES) {
      const page = await instance.newPage({ viewport: { width: size, height: size } });
      await page.setContent(
        `<style>html,body{margin:0;background:transparent}svg{display:block;width:${size}px;height:${size}px}</style>${drawing}`,
      );
      pictures[size] = await page.screenshot({ omitBackground: true, type: 'png' });
      await page.close();
      writeFileSync(join(directory, `${size}x${size}.png`), pictures[size]);
    }
  } finally {
    await instance.close();
  }
  writeFileSync(join(directory, 'icon.icns'), icns(pictures));
  writeFileSync(join(directory, 'icon.ico'), ico(pictures));
  return 0;
}
