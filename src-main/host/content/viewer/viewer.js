/**
 * Our viewer for PDF: one origin a publication, which can read that publication's PDFs and reach nothing else. It draws
 * pages when they come near the window and lets them go when they leave it, so that a long document costs no more than
 * a short one. It makes no links: a PDF's links lead out, and that is asked elsewhere.
 */
import * as pdf from '/pdf.mjs';

/** Points of PDF to pixels of CSS: 1/72 inch to 1/96. */
const UNITS = 96 / 72;
const SCALES = [0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3];
/** Pixels of one canvas at most; larger pages are drawn coarser. 16 million is 64 MB. A guess. */
const MAX_CANVAS_PIXELS = 16_777_216;

const notice = document.getElementById('notice');
const bar = document.getElementById('bar');
const pages = document.getElementById('pages');
const place = document.getElementById('place');

pdf.GlobalWorkerOptions.workerSrc = '/pdf.worker.mjs';

const file = new URLSearchParams(location.search).get('file') ?? '';
const address = `/content/${file.split('/').map(encodeURIComponent).join('/')}`;
let scaleIndex = SCALES.indexOf(1);
let loaded;
let views = [];

function say(text) {
  notice.textContent = text;
  notice.hidden = false;
}

async function begin() {
  const task = pdf.getDocument({
    url: address,
    rangeChunkSize: 131_072,
    disableAutoFetch: true,
    enableXfa: false,
    useWasm: false,
    useSystemFonts: false,
    cMapUrl: '/cmaps/',
    cMapPacked: true,
    standardFontDataUrl: '/standard_fonts/',
    wasmUrl: '/wasm/',
    iccUrl: '/iccs/',
    maxImageSize: 64_000_000,
  });
  task.onPassword = () => {
    say('This PDF asks for a password of its own. Save it and open it with another program.');
    void task.destroy();
  };
  task.onProgress = ({ loaded: bytes, total }) => {
    if (loaded === undefined && total > 0)
      say(`Reading the document: ${Math.min(100, Math.floor((bytes / total) * 100))} % of what it needs so far`);
  };
  loaded = await task.promise;
  document.title = file.slice(file.lastIndexOf('/') + 1);
  const first = await loaded.getPage(1);
  const { width, height } = first.getViewport({ scale: UNITS });
  views = Array.from({ length: loaded.numPages }, (_, index) => makeView(index + 1, width, height));
  pages.append(...views.map((view) => view.element));
  notice.hidden = true;
  bar.hidden = false;
  scaleIndex = fitting(width);
  resize();
  showPlace(1);
  document.documentElement.dataset.pages = String(loaded.numPages);
}

function fitting(width) {
  const room = document.documentElement.clientWidth - 34;
  let best = 0;
  for (const [index, scale] of SCALES.entries()) if (scale <= 1.25 && width * scale <= room) best = index;
  return best;
}

function makeView(number, width, height) {
  const element = document.createElement('section');
  element.className = 'page';
  element.setAttribute('aria-label', `Page ${number}`);
  element.dataset.number = String(number);
  const view = { number, element, width, height, drawn: undefined, task: undefined, wanted: false };
  near.observe(element);
  return view;
}

const near = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      const view = views[Number(entry.target.dataset.number) - 1];
      if (view === undefined) continue;
      view.wanted = entry.isIntersecting;
      if (view.wanted) void draw(view);
      else release(view);
    }
  },
  { rootMargin: '100% 0px' },
);

function release(view) {
  view.task?.cancel();
  view.task = undefined;
  view.drawn = undefined;
  view.element.replaceChildren();
}

async function draw(view) {
  const scale = SCALES[scaleIndex];
  if (view.drawn === scale) return;
  view.drawn = scale;
  try {
    const page = await loaded.getPage(view.number);
    if (!view.wanted || view.drawn !== scale) return;
    const viewport = page.getViewport({ scale: UNITS * scale });
    ({ width: view.width, height: view.height } = page.getViewport({ scale: UNITS }));
    resizeView(view);
    const fine = Math.min(devicePixelRatio || 1, Math.sqrt(MAX_CANVAS_PIXELS / (viewport.width * viewport.height)));
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.floor(viewport.width * fine));
    canvas.height = Math.max(1, Math.floor(viewport.height * fine));
    view.task = page.render({
      canvas,
      viewport,
      transform: [fine, 0, 0, fine, 0, 0],
      annotationMode: pdf.AnnotationMode.ENABLE,
    });
    await view.task.promise;
    const words = document.createElement('div');
    words.className = 'words';
    view.element.style.setProperty('--total-scale-factor', String(UNITS * scale));
    view.element.style.setProperty('--scale-factor', String(UNITS * scale));
    view.element.replaceChildren(canvas, words);
    await new pdf.TextLayer({ textContentSource: page.streamTextContent(), container: words, viewport }).render();
    view.element.dataset.drawn = 'yes';
  } catch (error) {
    if (error instanceof pdf.RenderingCancelledException) return;
    const problem = document.createElement('p');
    problem.textContent = `Page ${view.number} cannot be shown: it is damaged, or its part of the file did not arrive. Scroll away and back to try again.`;
    view.element.replaceChildren(problem);
  }
}

function resizeView(view) {
  const scale = SCALES[scaleIndex];
  view.element.style.width = `${Math.floor(view.width * scale)}px`;
  view.element.style.height = `${Math.floor(view.height * scale)}px`;
}

function resize() {
  for (const view of views) {
    resizeView(view);
    if (view.wanted) {
      view.task?.cancel();
      void draw(view);
    }
  }
  document.getElementById('smaller').disabled = scaleIndex === 0;
  document.getElementById('larger').disabled = scaleIndex === SCALES.length - 1;
}

function showPlace(number) {
  place.textContent = `Page ${number} of ${views.length}`;
}

document.getElementById('smaller').addEventListener('click', () => {
  scaleIndex = Math.max(0, scaleIndex - 1);
  resize();
});
document.getElementById('larger').addEventListener('click', () => {
  scaleIndex = Math.min(SCALES.length - 1, scaleIndex + 1);
  resize();
});
addEventListener(
  'scroll',
  () => {
    const middle = innerHeight / 2;
    const at = views.find((view) => view.element.getBoundingClientRect().bottom > middle);
    if (at !== undefined) showPlace(at.number);
  },
  { passive: true },
);

begin().catch((error) => {
  document.documentElement.dataset.failed = error?.name ?? 'unknown';
  say(
    error?.name === 'InvalidPDFException'
      ? 'This file is not a PDF, or it is damaged. Save it and try another program.'
      : 'The document did not arrive. Try again.',
  );
});
