/**
 * Our viewer for PDF: one origin a publication, which can read that publication's PDFs and reach nothing else. It draws
 * pages when they come near the window and lets them go when they leave it, so that a long document costs no more than
 * a short one. It makes no links: a PDF's links lead out, and that is asked elsewhere.
 */
import { Finder, spansOf } from '/find.js';
import { printDocument } from '/paper.js';
import * as pdf from '/pdf.mjs';
import { percent, words } from '/texts.js';

/** Points of PDF to pixels of CSS: 1/72 inch to 1/96. */
const UNITS = 96 / 72;
const SCALES = [0.25, 0.33, 0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3, 4];
/** What a page has beside it: padding and edges. */
const BESIDE_PIXELS = 34;
/** Pixels of one canvas at most; larger pages are drawn coarser. 16 million is 64 MB. A guess. */
const MAX_CANVAS_PIXELS = 16_777_216;

const notice = document.getElementById('notice');
const bar = document.getElementById('bar');
const pages = document.getElementById('pages');
const place = document.getElementById('place');

pdf.GlobalWorkerOptions.workerSrc = '/pdf.worker.mjs';

const file = new URLSearchParams(location.search).get('file') ?? '';
const address = `/content/${file.split('/').map(encodeURIComponent).join('/')}`;
const field = document.getElementById('words');
let scale = 1;
/** The page is as wide as the window, and goes with it. */
let fits = false;
let loaded;
let finder;
let views = [];
let current = 1;

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
    say(words('pdf.password'));
    void task.destroy();
  };
  task.onProgress = ({ loaded: bytes, total }) => {
    if (loaded === undefined && total > 0)
      say(words('pdf.readingPart', { percent: Math.min(100, Math.floor((bytes / total) * 100)) }));
  };
  loaded = await task.promise;
  document.title = file.slice(file.lastIndexOf('/') + 1);
  const first = await loaded.getPage(1);
  const { width, height } = first.getViewport({ scale: UNITS });
  views = Array.from({ length: loaded.numPages }, (_, index) => makeView(index + 1, width, height));
  pages.append(...views.map((view) => view.element));
  notice.hidden = true;
  bar.hidden = false;
  finder = new Finder(loaded, views, showFound);
  // As large as there is room for, or where that is not even as large as it is, as wide as the window.
  const largest = SCALES.findLast((one) => one <= 1.25 && width * one <= room());
  fits = largest === undefined || largest < 1;
  scale = fits ? widthScale() : largest;
  resize();
  showPlace(1);
  document.documentElement.dataset.pages = String(loaded.numPages);
  heed();
}

const room = () => document.documentElement.clientWidth - BESIDE_PIXELS;

/** At which the page that is shown is as wide as the window. */
function widthScale() {
  const width = views[current - 1]?.width ?? 1;
  return Math.min(SCALES.at(-1), Math.max(SCALES[0], room() / width));
}

function makeView(page, width, height) {
  const element = document.createElement('section');
  element.className = 'page';
  element.setAttribute('aria-label', words('pdf.page', { page }));
  element.dataset.number = String(page);
  const view = {
    number: page,
    element,
    width,
    height,
    drawn: undefined,
    task: undefined,
    wanted: false,
    spans: undefined,
  };
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
  view.spans = undefined;
  view.element.replaceChildren();
}

async function draw(view) {
  const at = scale;
  if (view.drawn === at) return;
  view.drawn = at;
  try {
    const page = await loaded.getPage(view.number);
    if (!view.wanted || view.drawn !== at) return;
    const viewport = page.getViewport({ scale: UNITS * at });
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
    const over = document.createElement('div');
    over.className = 'words';
    view.element.style.setProperty('--total-scale-factor', String(UNITS * at));
    view.element.style.setProperty('--scale-factor', String(UNITS * at));
    view.element.replaceChildren(canvas, over);
    const content = await page.getTextContent();
    const layer = new pdf.TextLayer({ textContentSource: content, container: over, viewport });
    await layer.render();
    if (view.drawn !== at) return;
    view.spans = spansOf(layer, content.items);
    view.element.dataset.drawn = 'yes';
    finder.mark(view);
  } catch (error) {
    if (error instanceof pdf.RenderingCancelledException) return;
    const problem = document.createElement('p');
    problem.textContent = words('pdf.pageFailed', { page: view.number });
    view.element.replaceChildren(problem);
  }
}

function resizeView(view) {
  view.element.style.width = `${Math.floor(view.width * scale)}px`;
  view.element.style.height = `${Math.floor(view.height * scale)}px`;
}

function resize() {
  for (const view of views) {
    resizeView(view);
    if (view.wanted) {
      view.task?.cancel();
      view.spans = undefined;
      void draw(view);
    }
  }
  document.getElementById('scale').textContent = percent(scale);
  document.getElementById('smaller').disabled = scale <= SCALES[0];
  document.getElementById('larger').disabled = scale >= SCALES.at(-1);
  document.getElementById('fit').setAttribute('aria-pressed', String(fits));
}

/** Another size; the page that is shown stays where it is. */
function zoom(to, isFit = false) {
  fits = isFit;
  if (to === scale || views.length === 0) return resize();
  const before = views[current - 1].element.getBoundingClientRect();
  const part = (barHeight() - before.top) / Math.max(1, before.height);
  scale = to;
  resize();
  const after = views[current - 1].element.getBoundingClientRect();
  scrollBy({ top: after.top + part * after.height - barHeight(), behavior: 'instant' });
}

const larger = () => zoom(SCALES.find((one) => one > scale + 0.001) ?? scale);
const smaller = () => zoom(SCALES.findLast((one) => one < scale - 0.001) ?? scale);
const fitWidth = () => zoom(widthScale(), true);
const barHeight = () => bar.getBoundingClientRect().height;

function showPlace(page) {
  current = page;
  place.textContent = words('pdf.pageOf', { page, total: views.length });
}

/** Brings a page, or a place in it, where it is seen. */
function showFound(view, range) {
  const target = range?.getBoundingClientRect() ?? view.element.getBoundingClientRect();
  const isSeen = range !== undefined && target.top >= barHeight() && target.bottom <= innerHeight;
  const lead = range === undefined ? barHeight() + 16 : innerHeight / 3;
  if (!isSeen) scrollBy({ top: target.top - lead, behavior: 'instant' });
  if (range !== undefined && (target.left < 0 || target.right > innerWidth))
    scrollBy({ left: target.left - innerWidth / 3, behavior: 'instant' });
}

function openFinding() {
  field.focus();
  field.select();
}

const print = () => loaded !== undefined && void printDocument(loaded, pdf.AnnotationMode.ENABLE, MAX_CANVAS_PIXELS);
document.getElementById('smaller').addEventListener('click', smaller);
document.getElementById('larger').addEventListener('click', larger);
document.getElementById('fit').addEventListener('click', fitWidth);
document.getElementById('print').addEventListener('click', print);
document.getElementById('previous').addEventListener('click', () => finder.step(-1));
document.getElementById('next').addEventListener('click', () => finder.look(field.value, current));
addEventListener('keydown', (event) => {
  const command = event.ctrlKey || event.metaKey;
  const typing = event.target === field;
  if (event.altKey || views.length === 0) return;
  const key = event.key.toLowerCase();
  if (command && key === 'f') openFinding();
  else if (command && key === 'p') print();
  else if (command && key === 'g') finder.step(event.shiftKey ? -1 : 1);
  else if (typing && key === 'enter' && event.shiftKey) finder.step(-1);
  else if (typing && key === 'enter') void finder.look(field.value, current);
  else if (typing && key === 'escape') {
    field.value = '';
    void finder.look('', current);
    pages.focus();
  } else if (!typing && (key === '+' || key === '=')) larger();
  else if (!typing && key === '-') smaller();
  else if (!typing && key === '0') zoom(1);
  else if (!typing && !command && (key === 'f' || key === '/')) openFinding();
  else return;
  event.preventDefault();
});
/** What is asked for by keys and buttons of the window around comes as a fragment, with a number so that it can come again. */
const ASKED = { find: openFinding, print, larger, smaller, whole: () => zoom(1) };
function heed() {
  const name = /^#([a-z]+)-\d+$/.exec(location.hash)?.[1];
  if (views.length > 0 && Object.hasOwn(ASKED, name ?? '')) ASKED[name]();
}
addEventListener('hashchange', heed);
addEventListener('resize', () => fits && fitWidth());
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
  say(words(error?.name === 'InvalidPDFException' ? 'pdf.notPdf' : 'pdf.failed'));
});
