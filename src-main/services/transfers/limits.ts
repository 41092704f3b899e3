/** Limits of transfers as they are now: those of the settings, and at the hours of the schedule those that it names. */
import { parseSchedule, periodAt } from '../../../shared/base/schedules.ts';
import type { TransferLimits } from '../../../shared/ipc/transfer-model.ts';
import { isRate } from '../../../shared/ipc/settings.ts';
import type { TransferRates } from '../../core/transfer/effects.ts';
import type { Clock } from '../jobs/clock.ts';
import type { Settings } from '../settings/settings.ts';

const MINUTE_MS = 60_000;

export interface LimitsDeps {
  readonly clock: Clock;
  readonly settings: Settings;
  /** Minute of the day on the clock of this machine. */
  readonly minuteOfDay: (atMs: number) => number;
  readonly apply: (rates: TransferRates) => void;
}

/**
 * Looks each minute: the clock may be set, summer begin, or the machine have slept. What the node is told again only when it is
 * something else, for a new limit drops what was saved up or owed under the old one.
 */
export class Limits {
  readonly #deps: LimitsDeps;
  readonly #stopSettings: () => void;
  #stopLooking: (() => void) | undefined;
  #applied = '';

  constructor(deps: LimitsDeps) {
    this.#deps = deps;
    this.#stopSettings = deps.settings.onChange(() => this.#look());
  }

  /** The node runs. */
  begin(): void {
    this.#look();
  }

  now(): TransferLimits {
    const { clock, settings, minuteOfDay } = this.#deps;
    const periods = parseSchedule(settings.get('transfer-schedule'), isRate) ?? [];
    const period = periodAt(periods, minuteOfDay(clock.now()));
    return {
      upBytesPerSecond: period?.up ?? settings.get('transfer-up-bytes-per-second'),
      downBytesPerSecond: period?.down ?? settings.get('transfer-down-bytes-per-second'),
      userUpBytesPerSecond: period?.user ?? settings.get('user-up-bytes-per-second'),
      ...(period !== undefined && { untilMinute: period.to }),
    };
  }

  close(): void {
    this.#stopSettings();
    this.#stopLooking?.();
  }

  #look(): void {
    const { clock, apply } = this.#deps;
    const { upBytesPerSecond, downBytesPerSecond, userUpBytesPerSecond } = this.now();
    const rates = { upBytesPerSecond, downBytesPerSecond, userUpBytesPerSecond };
    const text = JSON.stringify(rates);
    if (text !== this.#applied) apply(rates);
    this.#applied = text;
    this.#stopLooking?.();
    // At the beginning of the next minute, where hours of the schedule begin and end.
    this.#stopLooking = clock.after(MINUTE_MS - (clock.now() % MINUTE_MS), () => this.#look());
  }
}

/** By the time zone of this machine, as it is then. */
export function localMinuteOfDay(atMs: number): number {
  const date = new Date(atMs);
  return date.getHours() * 60 + date.getMinutes();
}
