/** What is kept of one run: its figures, what made them, and where and when. One file a run, so that each can be made anew alone. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';

/** JSON has no word for what is no number: a figure of nothing measured is null. */
const numberOrNone = v.nullable(v.number());

const FigureSchema = v.strictObject({
  name: v.string(),
  value: numberOrNone,
  unit: v.string(),
  beside: v.optional(v.strictObject({ name: v.string(), value: numberOrNone })),
  target: v.optional(v.string()),
  ratio: v.optional(numberOrNone),
});

/** The last line that a script prints with --json (test/bench/lib/report.ts). */
const PrintedSchema = v.strictObject({
  bench: v.string(),
  node: v.string(),
  seed: v.optional(v.number()),
  figures: v.array(FigureSchema),
});

const KeptRunSchema = v.strictObject({
  command: v.string(),
  isQuick: v.boolean(),
  /** Day, and minutes of UTC. */
  date: v.string(),
  seconds: v.number(),
  /** Other than 0: the script found something that must not be. */
  exitCode: v.number(),
  machine: v.strictObject({
    cores: v.number(),
    processor: v.string(),
    memoryGib: v.number(),
    node: v.string(),
    system: v.string(),
    /** Over one minute, before the run and after it. */
    load: v.tuple([v.number(), v.number()]),
  }),
  seed: v.optional(v.number()),
  figures: v.array(FigureSchema),
  /** A later try that gave no figures. */
  failed: v.optional(v.strictObject({ date: v.string(), problem: v.string() })),
});

export type KeptRun = v.InferOutput<typeof KeptRunSchema>;
export type KeptFigure = v.InferOutput<typeof FigureSchema>;
export type Printed = v.InferOutput<typeof PrintedSchema>;

export function pathOf(directory: string, id: string): string {
  return join(directory, `${id}.json`);
}

/** Undefined when there is none; throws for a file that is not one. */
export function readRun(directory: string, id: string): KeptRun | undefined {
  let text: string;
  try {
    text = readFileSync(pathOf(directory, id), 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw thrown;
  }
  return v.parse(KeptRunSchema, JSON.parse(text));
}

export function writeRun(directory: string, id: string, run: KeptRun): void {
  writeFileSync(pathOf(directory, id), `${JSON.stringify(v.parse(KeptRunSchema, run), undefined, 2)}\n`);
}

/** The report in what a script wrote; undefined when its last line is none. */
export function printedIn(output: string): Printed | undefined {
  const last = output.trimEnd().split('\n').at(-1) ?? '';
  try {
    return v.parse(PrintedSchema, JSON.parse(last));
  } catch {
    return undefined;
  }
}

export function loadNow(): number {
  return Math.round(loadavg()[0]! * 10) / 10;
}

export function machineNow(loadBefore: number): KeptRun['machine'] {
  return {
    cores: cpus().length,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGib: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    system:
      `${process.platform} ${process.platform === 'linux' ? execFileSync('uname', ['-r'], { encoding: 'utf8' }).trim() : ''}`.trim(),
    load: [loadBefore, loadNow()],
  };
}

export function dateNow(): string {
  return `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
