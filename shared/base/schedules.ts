/**
 * Hours of the day with other limits of transfers: `22:00-07:00 up=0 down=0; 12:00-13:00 up=200000`. Times are those of the clock on the
 * wall, from the first minute to before the last; one that ends before it begins goes over midnight. up, down and user are bytes a
 * second, 0 for no limit; what is left out stays as it is set for the rest of the day. The first that fits counts.
 */

export interface ScheduledLimits {
  readonly up?: number;
  readonly down?: number;
  /** Of what one user is sent. */
  readonly user?: number;
}

export interface SchedulePeriod extends ScheduledLimits {
  /** Minutes since midnight. */
  readonly from: number;
  readonly to: number;
}

/** More than anybody keeps apart in a day. Guess. */
const MAX_PERIODS = 8;
const PERIOD = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)((?: (?:up|down|user)=\d{1,12})+)$/;

/** Undefined for what is no schedule. '' has no periods. `isRate`: whether a limit can be set. */
export function parseSchedule(text: string, isRate: (value: number) => boolean): readonly SchedulePeriod[] | undefined {
  if (text.trim() === '') return [];
  const periods: SchedulePeriod[] = [];
  for (const part of text.split(';')) {
    const match = PERIOD.exec(part.trim().replace(/\s+/g, ' '));
    if (match === null || periods.length >= MAX_PERIODS) return undefined;
    const [fromHour, fromMinute, toHour, toMinute] = match.slice(1, 5).map(Number) as [number, number, number, number];
    const [from, to] = [fromHour * 60 + fromMinute, toHour * 60 + toMinute];
    const limits: { up?: number; down?: number; user?: number } = {};
    for (const pair of match[5]!.trim().split(' ')) {
      const [name, value] = pair.split('=') as ['up' | 'down' | 'user', string];
      if (limits[name] !== undefined || !isRate(Number(value))) return undefined;
      limits[name] = Number(value);
    }
    if (from === to) return undefined;
    periods.push({ from, to, ...limits });
  }
  return periods;
}

export function formatSchedule(periods: readonly SchedulePeriod[]): string {
  return periods
    .map(({ from, to, ...limits }) => {
      const pairs = Object.entries(limits).map(([name, value]) => `${name}=${value}`);
      return `${clockTime(from)}-${clockTime(to)} ${pairs.join(' ')}`;
    })
    .join('; ');
}

/** The period that a minute of the day lies in. */
export function periodAt(periods: readonly SchedulePeriod[], minute: number): SchedulePeriod | undefined {
  return periods.find(({ from, to }) => (from < to ? minute >= from && minute < to : minute >= from || minute < to));
}

/** `07:05`, as the field for times of a browser takes it. */
export function clockTime(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}
