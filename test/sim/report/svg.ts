/**
 * Draws a plot as SVG: axes, lines, bars, points and a legend, readable on light and on dark ground. Written here because
 * no small kept library does it without a DOM: svg-line-chart has neither logarithmic axes nor legends,
 * isomorphic-svg-charts is an alpha, and those that can (echarts, vega) are tens of megabytes.
 */
import type { Axis, Plot, Series } from './plot.ts';
import { scaleOf, tickText } from './scale.ts';
import type { Scale } from './scale.ts';

const WIDTH = 760;
const HEIGHT = 440;
const LEFT = 72;
const RIGHT = 24;
const TOP = 52;
const BOTTOM = 60;
const LEGEND_ROW = 20;
const CHARACTER_WIDTH = 7.2;

/** Told apart by people with any colour vision (Okabe and Ito 2008), as pairs for light and dark ground. */
const COLOURS: readonly (readonly [light: string, dark: string])[] = [
  ['#0072b2', '#56b4e9'],
  ['#d55e00', '#f0803c'],
  ['#00795a', '#2cc295'],
  ['#8f4a7a', '#e095c5'],
  ['#8a6d00', '#e6c229'],
  ['#444444', '#bbbbbb'],
];

export function renderSvg(plot: Plot): string {
  const x = scaleOf(
    withRoomForBars(plot),
    plot.series.flatMap((series) => series.points.map((point) => point[0])),
  );
  const y = scaleOf(
    plot.y,
    plot.series.flatMap((series) => series.points.map((point) => point[1])),
  );
  const legend = legendOf(plot.series);
  const height = HEIGHT + legend.height;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escape(plot.title)}">`,
    style(),
    `<rect class="ground" width="${WIDTH}" height="${height}"/>`,
    `<text class="title" x="${LEFT}" y="28">${escape(plot.title)}</text>`,
    ...axes(plot, x, y),
    ...plot.series.map((series, index) => drawn(series, index, plot.series, x, y)),
    ...legend.parts,
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;
}

/** Bars stand on their values: half a bar has to fit before the first and behind the last. */
function withRoomForBars({ x, series }: Plot): Axis {
  const values = series.filter(({ kind }) => kind === 'bars').flatMap(({ points }) => points.map((point) => point[0]));
  if (values.length === 0 || x.scale === 'log') return x;
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  const gap = sorted.slice(1).reduce((least, value, index) => Math.min(least, value - sorted[index]!), Infinity);
  const half = Number.isFinite(gap) ? gap / 2 : 0.5;
  return { min: sorted[0]! - half, max: sorted.at(-1)! + half, ...x };
}

function style(): string {
  const colours = (which: 0 | 1): string => COLOURS.map((pair, index) => `--c${index}:${pair[which]}`).join(';');
  return [
    '<style>',
    `svg{--ground:#fff;--ink:#1b1b1b;--quiet:#5c5c5c;--rule:#dedede;${colours(0)}}`,
    `@media (prefers-color-scheme:dark){svg{--ground:#161616;--ink:#ececec;--quiet:#a6a6a6;--rule:#383838;${colours(1)}}}`,
    'text{font:12px system-ui,sans-serif;fill:var(--quiet)}',
    '.title{font-size:15px;font-weight:600;fill:var(--ink)}.ground{fill:var(--ground)}',
    '.rule{stroke:var(--rule)}.axis{stroke:var(--quiet)}.line{fill:none;stroke-width:2;stroke-linejoin:round}.dashed{stroke-dasharray:6 4}',
    '</style>',
  ].join('');
}

const acrossOf = (place: number): number => LEFT + place * (WIDTH - LEFT - RIGHT);
const downOf = (place: number): number => HEIGHT - BOTTOM - place * (HEIGHT - TOP - BOTTOM);

function axes(plot: Plot, x: Scale, y: Scale): string[] {
  const [left, right, top, bottom] = [acrossOf(0), acrossOf(1), downOf(1), downOf(0)];
  const parts: string[] = [];
  for (const tick of y.ticks) {
    const down = number(downOf(y.place(tick)!));
    parts.push(`<line class="rule" x1="${left}" x2="${right}" y1="${down}" y2="${down}"/>`);
    parts.push(`<text x="${left - 8}" y="${down}" dy="4" text-anchor="end">${tickText(tick)}</text>`);
  }
  for (const tick of x.ticks) {
    const across = number(acrossOf(x.place(tick)!));
    parts.push(`<line class="axis" x1="${across}" x2="${across}" y1="${bottom}" y2="${bottom + 5}"/>`);
    parts.push(`<text x="${across}" y="${bottom + 20}" text-anchor="middle">${tickText(tick)}</text>`);
  }
  parts.push(`<path class="axis" fill="none" d="M${left} ${top}V${bottom}H${right}"/>`);
  parts.push(`<text x="${(left + right) / 2}" y="${bottom + 42}" text-anchor="middle">${escape(plot.x.label)}</text>`);
  const middle = (top + bottom) / 2;
  parts.push(
    `<text transform="translate(18 ${middle}) rotate(-90)" text-anchor="middle">${escape(plot.y.label)}</text>`,
  );
  return parts;
}

function drawn(series: Series, index: number, all: readonly Series[], x: Scale, y: Scale): string {
  const colour = `var(--c${index % COLOURS.length})`;
  const places = series.points.flatMap(([valueX, valueY]) => {
    const [across, down] = [x.place(valueX), y.place(valueY)];
    if (across === undefined || down === undefined || !Number.isFinite(across) || !Number.isFinite(down)) return [];
    return [[number(acrossOf(across)), number(downOf(down))] as const];
  });
  if (series.kind === 'points') {
    return places.map(([across, down]) => `<circle cx="${across}" cy="${down}" r="3" fill="${colour}"/>`).join('');
  }
  if (series.kind === 'bars') {
    const barSeries = all.filter((other) => other.kind === 'bars');
    const gap = places.slice(1).reduce((least, place, at) => Math.min(least, place[0] - places[at]![0]), WIDTH / 12);
    const width = Math.max(1, (gap * 0.8) / barSeries.length);
    const shift = (barSeries.indexOf(series) - barSeries.length / 2) * width;
    const bottom = downOf(0);
    return places
      .map(([across, down]) => {
        const [left, tall] = [number(across + shift), number(Math.max(0, bottom - down))];
        return `<rect x="${left}" y="${down}" width="${number(width)}" height="${tall}" fill="${colour}"/>`;
      })
      .join('');
  }
  const dashed = series.isDashed === true ? ' dashed' : '';
  const points = places.map((place) => place.join(',')).join(' ');
  return `<polyline class="line${dashed}" stroke="${colour}" points="${points}"/>`;
}

/** Below the plot, row by row; one series needs none. */
function legendOf(all: readonly Series[]): { readonly parts: string[]; readonly height: number } {
  if (all.length < 2) return { parts: [], height: 0 };
  const parts: string[] = [];
  let [across, row] = [LEFT, 0];
  all.forEach((series, index) => {
    const width = 34 + series.name.length * CHARACTER_WIDTH;
    if (across > LEFT && across + width > WIDTH - RIGHT) [across, row] = [LEFT, row + 1];
    const down = HEIGHT + row * LEGEND_ROW;
    const dashed = series.isDashed === true ? ' dashed' : '';
    const colour = `var(--c${index % COLOURS.length})`;
    parts.push(
      series.kind === 'line'
        ? `<path class="line${dashed}" stroke="${colour}" d="M${number(across)} ${down - 4}h18"/>`
        : `<circle cx="${number(across + 9)}" cy="${down - 4}" r="5" fill="${colour}"/>`,
    );
    parts.push(`<text x="${number(across + 24)}" y="${down}">${escape(series.name)}</text>`);
    across += width;
  });
  return { parts, height: (row + 1) * LEGEND_ROW };
}

function number(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
