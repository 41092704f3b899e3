/**
 * Prints a PDF: each page is drawn as large as paper wants it, one after the other, and then the printer is called. Nothing but the pages is
 * on the paper, each on a sheet of its own size.
 */
import { words } from '/texts.js';

/** Dots an inch: what printers for the office show. Pictures of pages take a megabyte or so each. */
const DOTS = 200;
const POINTS = 72;

const paper = document.getElementById('paper');
const said = document.getElementById('printing');
const stop = document.getElementById('stop');
const button = document.getElementById('print');
let run = 0;
let urls = [];

stop.addEventListener('click', () => clear());

/** Takes what was made away, and ends what is being made. */
function clear() {
  run += 1;
  paper.replaceChildren();
  for (const url of urls) URL.revokeObjectURL(url);
  urls = [];
  document.adoptedStyleSheets = [];
  said.textContent = '';
  stop.hidden = true;
  button.disabled = false;
}

/** Resolves when the printer was called, or it was cancelled. `most`: dots of one page at most. */
export async function printDocument(pdf, annotations, most) {
  clear();
  const own = run;
  button.disabled = true;
  stop.hidden = false;
  const sizes = [];
  for (let page = 1; page <= pdf.numPages; page += 1) {
    said.textContent = words('pdf.printingPage', { page, total: pdf.numPages });
    let picture;
    try {
      picture = await pictureOf(await pdf.getPage(page), annotations, most);
    } catch {
      if (own !== run) return;
      clear();
      said.textContent = words('pdf.printFailed', { page });
      return;
    }
    if (own !== run) {
      URL.revokeObjectURL(picture.url);
      return;
    }
    urls.push(picture.url);
    const image = document.createElement('img');
    image.alt = '';
    image.src = picture.url;
    const name = `s${picture.width}x${picture.height}`;
    image.className = name;
    if (!sizes.some((size) => size.name === name)) sizes.push({ name, ...picture });
    paper.append(image);
    await image.decode().catch(() => undefined);
    if (own !== run) return;
  }
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(
    sizes
      .map(({ name, width, height }) => {
        const [inline, block] = [width / POINTS, height / POINTS];
        return `@page ${name} { size: ${inline}in ${block}in; margin: 0 } @media print { .${name} { page: ${name}; inline-size: ${inline}in; block-size: ${block}in } }`;
      })
      .join('\n'),
  );
  document.adoptedStyleSheets = [sheet];
  said.textContent = '';
  addEventListener('afterprint', () => own === run && clear(), { once: true });
  window.print();
}

/** One page as a picture, with its size in points. */
async function pictureOf(page, annotationMode, most) {
  const { width, height } = page.getViewport({ scale: 1 });
  const scale = Math.min(DOTS / POINTS, Math.sqrt(most / (width * height)));
  const viewport = page.getViewport({ scale });
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.floor(viewport.width));
  canvas.height = Math.max(1, Math.floor(viewport.height));
  await page.render({ canvas, viewport, intent: 'print', annotationMode }).promise;
  const blob = await new Promise((resolve, reject) =>
    canvas.toBlob((made) => (made === null ? reject(new Error('no picture')) : resolve(made)), 'image/png'),
  );
  // Freed at once, and not when somebody looks after it: each holds megabytes.
  canvas.width = 0;
  return { url: URL.createObjectURL(blob), width: Math.round(width), height: Math.round(height) };
}
