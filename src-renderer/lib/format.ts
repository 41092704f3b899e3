/** Figures, sizes, rates and times as people read them; all by Intl, in the language of the catalogue. */
import { locale, t } from './messages/translate.ts';

const SIZE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

const WHOLE_DATE = { day: 'numeric', month: 'long', year: 'numeric' } as const;

/** Made once for each language and way of writing: making one costs more than all that it ever writes in a look. */
function remembered<Options extends object, Format>(
  make: (language: string, options: Options) => Format,
): (options: Options) => Format {
  const made = new Map<string, Format>();
  return (options) => {
    const key = `${locale()} ${JSON.stringify(options)}`;
    const known = made.get(key) ?? make(locale(), options);
    made.set(key, known);
    return known;
  };
}

const numberFormat = remembered(
  (language, options: Intl.NumberFormatOptions) => new Intl.NumberFormat(language, options),
);
const dateFormat = remembered(
  (language, options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(language, options),
);
const relativeFormat = remembered(
  (language, options: Intl.RelativeTimeFormatOptions) => new Intl.RelativeTimeFormat(language, options),
);
const relativeTime = (): Intl.RelativeTimeFormat => relativeFormat({ numeric: 'auto' });
const wholeDate = (): Intl.DateTimeFormat => dateFormat(WHOLE_DATE);
/** Of what is known to the day alone, which begins with the day of UTC. */
const dayOf = (): Intl.DateTimeFormat => dateFormat({ ...WHOLE_DATE, timeZone: 'UTC' });

function scaled(amount: number): { value: number; unit: (typeof SIZE_UNITS)[number]; digits: number } {
  let value = Math.max(0, amount);
  let index = 0;
  // 999.5 would be written as 1,000 of its unit, so it becomes 1 of the next.
  while (value >= 999.5 && index < SIZE_UNITS.length - 1) {
    value /= 1000;
    index += 1;
  }
  return { value, unit: SIZE_UNITS[index]!, digits: index === 0 || value >= 99.95 ? 0 : 1 };
}

/** Of the Arabic units only the narrow ones are all abbreviated: ك.ب beside م.ب. */
const unitWidth = (): 'short' | 'narrow' => (locale().startsWith('ar') ? 'narrow' : 'short');

/** A size in bytes, decimal multiples: 24.6 MB. */
export function formatSize(sizeBytes: number): string {
  const { value, unit, digits } = scaled(sizeBytes);
  return numberFormat({
    style: 'unit',
    unit,
    unitDisplay: unit === 'byte' ? 'long' : unitWidth(),
    maximumFractionDigits: digits,
  }).format(value);
}

/** A rate in bytes a second: 6.1 MB/s. */
export function formatRate(bytesPerSecond: number): string {
  const { value, unit, digits } = scaled(bytesPerSecond);
  return numberFormat({
    style: 'unit',
    unit: `${unit}-per-second`,
    unitDisplay: unitWidth(),
    maximumFractionDigits: digits,
  }).format(value);
}

export function formatCount(value: number): string {
  return numberFormat({ maximumFractionDigits: 0 }).format(value);
}

export function formatNumber(value: number, digits: number): string {
  return numberFormat({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/** A fraction 0 ... 1 as per cent. Never rounds up to 100 or down to 0 what is not there yet. */
export function formatPercent(fraction: number, digits = 0): string {
  const step = 10 ** -(digits + 2);
  let shown = Math.min(1, Math.max(0, fraction));
  if (shown < 1) shown = Math.min(Math.round(shown / step) * step, 1 - step);
  if (fraction > 0 && shown < step) shown = step;
  return numberFormat({
    style: 'percent',
    minimumFractionDigits: 0,
    maximumFractionDigits: digits,
  }).format(shown);
}

/** A size against another as per cent, which may be more than 100. */
export function formatFactor(factor: number): string {
  return numberFormat({ style: 'percent', maximumFractionDigits: 0 }).format(factor);
}

/** A length of time: 450 ms, 4.2 seconds, 17 seconds, 4 minutes, 2 hours, 3 days. */
export function formatDuration(milliseconds: number, display: 'long' | 'short' | 'narrow' = 'long'): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  const write = (value: number, unit: string, digits = 0): string =>
    numberFormat({ style: 'unit', unit, unitDisplay: display, maximumFractionDigits: digits }).format(value);
  if (seconds < 0.95) return write(Math.round(seconds * 1000), 'millisecond');
  if (seconds < 9.95) return write(seconds, 'second', 1);
  if (seconds < 90) return write(Math.round(seconds), 'second');
  if (seconds < 5400) return write(Math.round(seconds / 60), 'minute');
  if (seconds < 129_600) return write(Math.round(seconds / 3600), 'hour');
  return write(Math.round(seconds / 86_400), 'day');
}

/** Time that runs while one looks: 0.6 s, 12 s; longer ones as lengths of time. */
export function formatElapsed(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds >= 90) return formatDuration(milliseconds, 'short');
  const digits = seconds < 9.95 ? 1 : 0;
  return numberFormat({
    style: 'unit',
    unit: 'second',
    unitDisplay: 'narrow',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(seconds);
}

/** How long ago, or a date when that is longer than a week. */
export function formatAgo(atMs: number, nowMs: number): string {
  const seconds = Math.round((nowMs - atMs) / 1000);
  if (seconds < 45) return relativeTime().format(0, 'second');
  if (seconds < 5400) return relativeTime().format(-Math.max(1, Math.round(seconds / 60)), 'minute');
  if (seconds < 79_200) return relativeTime().format(-Math.round(seconds / 3600), 'hour');
  if (seconds < 604_800) return relativeTime().format(-Math.max(1, Math.round(seconds / 86_400)), 'day');
  return formatDate(atMs);
}

/** Of a day, for which no time is known: today, yesterday, 5 days ago, or the date when that is longer than a week. */
export function formatDay(atMs: number, nowMs: number): string {
  const days = Math.floor(nowMs / 86_400_000) - Math.floor(atMs / 86_400_000);
  if (days < 0 || days > 7) return dayOf().format(atMs);
  return relativeTime().format(-days, 'day');
}

export function formatDate(atMs: number): string {
  return wholeDate().format(atMs);
}

export function formatTime(atMs: number): string {
  return dateFormat({ hour: '2-digit', minute: '2-digit' }).format(atMs);
}

/** Since when something is up: the time alone today, with the weekday this week, else the date. */
export function formatSince(atMs: number, nowMs: number): string {
  if (nowMs - atMs > 6 * 86_400_000) return formatDate(atMs);
  const sameDay = new Date(atMs).toDateString() === new Date(nowMs).toDateString();
  return dateFormat({
    ...(sameDay ? {} : { weekday: 'long' }),
    hour: '2-digit',
    minute: '2-digit',
  }).format(atMs);
}

/** What is said one after another, with a comma of the language between. */
export function series(parts: readonly string[]): string {
  return parts.join(t('app.comma'));
}

/** 1, 2 and 3. */
export function formatList(items: readonly (string | number)[]): string {
  return new Intl.ListFormat(locale(), { type: 'conjunction' }).format(
    items.map((item) => (typeof item === 'number' ? formatCount(item) : item)),
  );
}
