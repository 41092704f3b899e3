/**
 * `npm run bench -- all` and `npm run soak -- all`: every script in turn, each in a process of its own, and then the page. What one
 * of them gives is kept at once, so that an interrupted round is not lost; one that fails does not end the rest.
 */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { rounded } from '../bench/lib/report.ts';
import { projectRoot } from '../support/project-root.ts';
import { dateNow, loadNow, machineNow, printedIn, readRun, writeRun } from './kept-run.ts';
import type { KeptRun } from './kept-run.ts';
import { TARGETS_DIRECTORY, writePage } from './page-file.ts';
import { sizeOf, commandOf, RUN_IDS, RUNS } from './runs.ts';
import type { RunId } from './runs.ts';

const USAGE = 2;
const INTERRUPTED = 130;
/** What is kept of a script's complaint. */
const PROBLEM_LETTERS = 300;
/** A change by less than this part of a figure is not told: two runs on one machine differ by as much. */
const TOLD_CHANGE = 0.1;

const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** Exit code: 1 when a script failed or found what must not be. */
export async function runAll(kind: 'bench' | 'soak', args: readonly string[]): Promise<number> {
  const options = parsed(kind, args);
  if (typeof options === 'number') return options;
  const { ids, isQuick, directory } = options;
  mkdirSync(directory, { recursive: true });
  const minutesOf = (id: RunId): number => sizeOf(id, isQuick).minutes;
  const failed: string[] = [];
  let leftMinutes = ids.reduce((sum, id) => sum + minutesOf(id), 0);
  for (const [index, id] of ids.entries()) {
    say(
      `[${index + 1} of ${ids.length}] ${commandOf(id, sizeOf(id, isQuick).args)}: some ${Math.ceil(minutesOf(id))} min, all that is left ${Math.ceil(leftMinutes)} min`,
    );
    const outcome = await runOne(id, isQuick, directory);
    if (outcome === 'interrupted') {
      say(`Interrupted; what ended before is kept. --only ${ids.slice(index).join(',')} goes on from here.`);
      writePage(directory);
      return INTERRUPTED;
    }
    if (outcome !== 'good') failed.push(`${id}: ${outcome}`);
    leftMinutes -= minutesOf(id);
  }
  say(`the page is ${writePage(directory)}`);
  for (const line of failed) say(line);
  return failed.length === 0 ? 0 : 1;
}

function parsed(
  kind: 'bench' | 'soak',
  args: readonly string[],
): { readonly ids: readonly RunId[]; readonly isQuick: boolean; readonly directory: string } | number {
  const options = {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    from: { type: 'string' },
    page: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    out: { type: 'string' },
  } as const;
  // The simulator's figures are a matter of hours, as those of soak are.
  const all = RUN_IDS.filter((id) => (RUNS[id].kind === 'bench') === (kind === 'bench'));
  try {
    const { values } = parseArgs({ args: [...args], options, allowPositionals: false });
    const { quick: isQuick, page, list } = values;
    for (const named of [...(values.only?.split(',') ?? []), ...(values.from === undefined ? [] : [values.from])])
      if (!all.some((id) => id === named)) throw new Error(`There is no run "${named}"; there are: ${all.join(', ')}`);
    const only = values.only?.split(',');
    const wanted = all.slice(values.from === undefined ? 0 : all.findIndex((id) => id === values.from));
    const ids = page ? [] : wanted.filter((id) => only === undefined || only.includes(id));
    if (list) {
      const lines = ids.map((id) => {
        const { args: given, minutes } = sizeOf(id, isQuick);
        return `${id.padEnd(20)} ${String(minutes).padStart(5)} min  ${commandOf(id, given)}`;
      });
      const minutes = ids.reduce((sum, id) => sum + sizeOf(id, isQuick).minutes, 0);
      process.stdout.write(`${lines.join('\n')}\n${Math.ceil(minutes)} minutes in all\n`);
      return 0;
    }
    const base = process.env['INIT_CWD'] ?? process.cwd();
    return { ids, isQuick, directory: values.out === undefined ? TARGETS_DIRECTORY : resolve(base, values.out) };
  } catch (thrown) {
    const what = thrown instanceof Error ? thrown.message.split('. ')[0] : String(thrown);
    say(`${what}. ${kind} all takes --quick, --only RUN,RUN, --from RUN, --page, --list, --out DIRECTORY.`);
    return USAGE;
  }
}

async function runOne(id: RunId, wantsQuick: boolean, directory: string): Promise<string> {
  const { args, isQuick } = sizeOf(id, wantsQuick);
  const { kind, name } = RUNS[id];
  const loadBefore = loadNow();
  const startedMs = performance.now();
  const isReport = kind !== 'sim';
  const { code, signal, output, complaint } = await execute([kind, name, ...args, ...(isReport ? ['--json'] : [])]);
  if (signal) return 'interrupted';
  const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
  // The simulator keeps its figures itself, with its own page.
  if (!isReport) return code === 0 ? 'good' : `ended with ${code}: ${complaint}`;
  const printed = printedIn(output);
  const before = readRun(directory, id);
  if (printed === undefined) {
    const problem = `ended with ${code} and without figures: ${complaint}`;
    const nothing = { seconds, exitCode: code, figures: [] };
    const place = { command: commandOf(id, args), isQuick, date: dateNow(), machine: machineNow(loadBefore) };
    writeRun(directory, id, { ...(before ?? { ...place, ...nothing }), failed: { date: dateNow(), problem } });
    return problem;
  }
  if (before?.isQuick === false && isQuick && before.figures.length > 0) {
    say(`${id}: whole figures of ${before.date} are there, so these are not kept; --out DIRECTORY keeps them apart.`);
  } else {
    if (before !== undefined && before.isQuick === isQuick) tellChanges(before, printed.figures);
    writeRun(directory, id, {
      command: commandOf(id, args),
      isQuick,
      date: dateNow(),
      seconds,
      exitCode: code,
      machine: machineNow(loadBefore),
      ...(printed.seed !== undefined && { seed: printed.seed }),
      figures: printed.figures,
    });
  }
  return code === 0 ? 'good' : `ended with ${code}: ${complaint}`;
}

/** What differs from the figures that were kept before. */
function tellChanges(before: KeptRun, now: KeptRun['figures']): void {
  for (const { name, value, unit, beside } of now) {
    const old = before.figures.find((figure) => figure.name === name && figure.beside?.name === beside?.name)?.value;
    if (value === null || old === undefined || old === null || old === 0) continue;
    const change = value / old - 1;
    if (Math.abs(change) < TOLD_CHANGE) continue;
    say(
      `  ${name}: ${rounded(old)}, now ${rounded(value)} ${unit} (${change > 0 ? '+' : ''}${(100 * change).toFixed(0)} %)`,
    );
  }
}

interface Ended {
  readonly code: number;
  /** It was told to end, or this process was. */
  readonly signal: boolean;
  readonly output: string;
  /** The last line that it said otherwise. */
  readonly complaint: string;
}

/** As npm would run it; what it says goes on to here. */
function execute(args: readonly string[]): Promise<Ended> {
  const bootstrap = join(projectRoot, 'build', 'bootstrap.mjs');
  const child = spawn(process.execPath, [bootstrap, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [output, said, isToldToEnd] = ['', '', false];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-10 * PROBLEM_LETTERS);
    process.stderr.write(text);
  });
  const pass = (signal: NodeJS.Signals): void => {
    isToldToEnd = true;
    child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, pass);
  return new Promise((settle, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      for (const each of signals) process.off(each, pass);
      const complaint = said.trimEnd().split('\n').slice(-3).join(' ').slice(0, PROBLEM_LETTERS);
      settle({ code: code ?? 1, signal: isToldToEnd || signal === 'SIGINT', output, complaint });
    });
  });
}
