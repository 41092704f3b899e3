/** What a thread did while it did not look at its timers for long, from a profile of the processor (V8's sampling profiler). */

export interface Turn {
  /** By `performance.now()` of the process. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Without what it waited for a processor. */
  readonly tookMs: number;
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: number[] | undefined;
}

export interface Profile {
  readonly nodes: ProfileNode[];
  /** Microseconds of the clock that never goes back, which `process.hrtime` has too. */
  readonly startTime: number;
  readonly samples?: number[] | undefined;
  readonly timeDeltas?: number[] | undefined;
}

/** A sample that stands for longer is of a thread that had no processor meanwhile: they come twice a millisecond. */
const LONGEST_SAMPLE_MS = 2;
/** Lines that are told. */
const TOLD = 12;
/** Directories of the program's own sources, as their addresses have them. */
const OWN = /\/(src-main|shared)\//;

export class LongTurns {
  readonly #profile: Profile;
  readonly #turns: readonly Turn[];
  readonly #nodes: ReadonlyMap<number, ProfileNode>;
  readonly #parents = new Map<number, number>();

  constructor(profile: Profile, turns: readonly Turn[]) {
    [this.#profile, this.#turns] = [profile, turns];
    this.#nodes = new Map(profile.nodes.map((node) => [node.id, node]));
    for (const node of profile.nodes) for (const child of node.children ?? []) this.#parents.set(child, node.id);
  }

  /** Milliseconds within long turns by the innermost frame of the program's own and what was at work below it, most first. */
  blamed(): string[] {
    const msOf = new Map<string, number>();
    // performance.now() counts from the process's begin, the profile from the machine's.
    const zeroUs = Number(process.hrtime.bigint() / 1_000n) - performance.now() * 1_000;
    let atUs = this.#profile.startTime;
    let turn = 0;
    const { samples = [], timeDeltas = [] } = this.#profile;
    for (const [index, id] of samples.entries()) {
      atUs += timeDeltas[index] ?? 0;
      const atMs = (atUs - zeroUs) / 1_000;
      while (turn < this.#turns.length && this.#turns[turn]!.toMs < atMs) turn += 1;
      const within = this.#turns[turn];
      if (within === undefined || atMs < within.fromMs) continue;
      const what = this.#nameOf(id);
      if (what === undefined) continue;
      const tookMs = (timeDeltas[index + 1] ?? 0) / 1_000;
      msOf.set(what, (msOf.get(what) ?? 0) + Math.min(tookMs, LONGEST_SAMPLE_MS));
    }
    return [...msOf]
      .sort(([, a], [, b]) => b - a)
      .slice(0, TOLD)
      .map(([what, ms]) => `${ms.toFixed(0)} ms: ${what}`);
  }

  /** Undefined for the time in which nothing ran. */
  #nameOf(id: number): string | undefined {
    const leaf = this.#nodes.get(id)!.callFrame;
    if (leaf.functionName === '(idle)') return undefined;
    for (let at: number | undefined = id; at !== undefined; at = this.#parents.get(at)) {
      const { functionName, url, lineNumber } = this.#nodes.get(at)!.callFrame;
      if (!OWN.test(url)) continue;
      const place = `${/(src-main|shared)\/.*$/.exec(url)![0]}:${lineNumber + 1} ${functionName || '(anonymous)'}`;
      return at === id ? place : `${place} > ${leaf.functionName || '(anonymous)'} ${leaf.url.split('/').at(-1)}`;
    }
    return `${leaf.functionName || '(anonymous)'} ${leaf.url.split('/').slice(-3).join('/')}:${leaf.lineNumber + 1}`;
  }
}
