/** What a process holds in memory over time, as Linux tells it. */
import { readFileSync } from 'node:fs';
import { MIB } from '../../../shared/base/units.ts';
import { median } from '../../bench/lib/report.ts';

/** Five a second: what is held for a second is not missed, and reading the file costs some 50 microseconds. */
const SAMPLE_EVERY_MS = 200;

/** What a process that does nothing holds, in bytes. Throws where that cannot be read. */
export function idleBytesOf(pid: number): number {
  const bytes = residentBytes(pid);
  if (bytes === undefined) throw new Error('memory cannot be read here: this needs the /proc of Linux');
  return bytes;
}

/** Resident set of a process in bytes; undefined where there is no /proc, and for a process that has ended. */
export function residentBytes(pid: number): number | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return undefined;
  }
  const kibibytes = /^VmRSS:\s+([0-9]+) kB$/m.exec(text)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

export interface MemoryFigures {
  /** What was taken for idle, MiB. */
  readonly idle: number;
  /** Largest sample above idle, MiB. */
  readonly peakAboveIdle: number;
  /**
   * Median of the last quarter of the samples above that of the third, MiB: about nothing when memory does not grow with
   * what was moved. The first half is left out, in which heaps and buffers find their size.
   */
  readonly growth: number;
}

/** Samples one process from its making until `stop`. */
export class ResidentMemory {
  readonly #idleBytes: number;
  readonly #samples: number[] = [];
  readonly #timer: NodeJS.Timeout;

  /** `idleBytes` is what the process held before any work. */
  constructor(pid: number, idleBytes: number) {
    this.#idleBytes = idleBytes;
    this.#timer = setInterval(() => {
      const bytes = residentBytes(pid);
      if (bytes !== undefined) this.#samples.push(bytes);
    }, SAMPLE_EVERY_MS);
  }

  /** MiB now, of the newest sample. */
  get latest(): number {
    return (this.#samples.at(-1) ?? this.#idleBytes) / MIB;
  }

  stop(): MemoryFigures {
    clearInterval(this.#timer);
    const samples = this.#samples.length === 0 ? [this.#idleBytes] : this.#samples;
    const quarter = Math.floor(samples.length / 4);
    const before = samples.slice(2 * quarter, Math.max(2 * quarter + 1, 3 * quarter));
    const last = samples.slice(3 * quarter);
    return {
      idle: this.#idleBytes / MIB,
      peakAboveIdle: (samples.reduce((most, bytes) => Math.max(most, bytes), 0) - this.#idleBytes) / MIB,
      growth: (median(last) - median(before)) / MIB,
    };
  }
}
