/**
 * What the node costs its process: how late the event loop comes, how much of that is its own work, and what is in memory.
 * Measured only while somebody asks.
 */
import { createHistogram } from 'node:perf_hooks';
import type { RecordableHistogram } from 'node:perf_hooks';
import type { Strain } from '../../../shared/ipc/network-model.ts';

/** The loop is asked to come this often. As Node's own monitorEventLoopDelay, which cannot tell the second figure below. */
const EVERY_MS = 10;
/** Nobody asked for so long: a hundred timers a second are not for nothing. */
const IDLE_MS = 60_000;
const US_OF_MS = 1_000;

export class StrainMeter {
  /** Microseconds that a turn came late, and those of its thread's processor time since the turn before. */
  readonly #late = createHistogram();
  readonly #busy = createHistogram();
  #ticker: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;

  look(): Pick<Strain, 'lateMs' | 'busyMs' | 'memory'> {
    const { rss, heapUsed, external } = process.memoryUsage();
    const [lateMs, busyMs] = [spreadOf(this.#late), spreadOf(this.#busy)];
    this.#ticker ??= this.#start();
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      clearInterval(this.#ticker);
      this.#ticker = undefined;
      this.#late.reset();
      this.#busy.reset();
    }, IDLE_MS).unref();
    return {
      ...(lateMs && { lateMs }),
      ...(busyMs && { busyMs }),
      memory: { residentBytes: rss, heapBytes: heapUsed, outsideBytes: external },
    };
  }

  /** A process that ends does not wait for it. */
  #start(): NodeJS.Timeout {
    let [wallMs, busyUs] = [performance.now(), processorUs()];
    return setInterval(() => {
      const [nowMs, nowUs] = [performance.now(), processorUs()];
      this.#late.record(1 + Math.max(0, Math.round((nowMs - wallMs - EVERY_MS) * US_OF_MS)));
      if (busyUs !== undefined && nowUs !== undefined) this.#busy.record(1 + Math.max(0, Math.round(nowUs - busyUs)));
      [wallMs, busyUs] = [nowMs, nowUs];
    }, EVERY_MS).unref();
  }
}

/** Of this thread; undefined where Node cannot tell (before 23.9). */
function processorUs(): number | undefined {
  const usage = (process as { threadCpuUsage?: () => { user: number; system: number } }).threadCpuUsage?.();
  return usage === undefined ? undefined : usage.user + usage.system;
}

/** Undefined while there is nothing; forgets what it tells. */
function spreadOf(histogram: RecordableHistogram): Strain['lateMs'] {
  const { count: samples } = histogram;
  if (samples === 0) return undefined;
  const [median, p99, most] = [histogram.percentile(50), histogram.percentile(99), histogram.max].map(
    (us) => us / US_OF_MS,
  );
  histogram.reset();
  return { median: median!, p99: p99!, most: most!, samples };
}
