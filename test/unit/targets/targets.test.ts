/** The page of targets is what its figures make, every row has a command or a test that is there, and reads figures that are. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { EXPERIMENTS } from '../../sim/experiments/registry.ts';
import { PLAN } from '../../sim/figures/plan.ts';
import { projectRoot } from '../../support/project-root.ts';
import type { KeptFigure, KeptRun } from '../../targets/kept-run.ts';
import { printedIn, readRun } from '../../targets/kept-run.ts';
import { madePage, pagePath, TARGETS_DIRECTORY } from '../../targets/page-file.ts';
import { figuresOf, pageOf, simRowOf } from '../../targets/page.ts';
import type { Kept } from '../../targets/page.ts';
import { readRemarks } from '../../targets/remarks.ts';
import { ROWS } from '../../targets/rows.ts';
import { NOT_RUN, RUN_IDS, RUNS } from '../../targets/runs.ts';
import type { RunId } from '../../targets/runs.ts';

const measures = ROWS.flatMap((row) => row.measures.map((measure) => ({ row, measure })));
const scriptsOf = (kind: string): string[] =>
  readdirSync(join(projectRoot, 'test', kind))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => name.slice(0, -3));

function keptRun(figures: KeptFigure[], over: Partial<KeptRun> = {}): KeptRun {
  const machine = {
    cores: 2,
    processor: 'A',
    memoryGib: 8,
    node: 'v24',
    system: 'linux',
    load: [0, 1] as [number, number],
  };
  const command = 'npm run bench -- shares';
  return { command, isQuick: false, date: '2026-11-22 00:00 UTC', seconds: 60, exitCode: 0, machine, figures, ...over };
}

function pageWith(runs: Partial<Record<RunId, KeptRun>>, remarks = ''): string {
  const kept: Kept = {
    runs: new Map(Object.entries(runs) as [RunId, KeptRun][]),
    simRuns: new Map(),
    remarks: readRemarks(remarks),
  };
  return pageOf(kept);
}

const hashing = (value: number): KeptFigure[] => [
  {
    name: 'a file of 1024 MiB, read and hashed',
    value,
    unit: 'MiB/s a core',
    ratio: 0.5,
    beside: { name: 'B', value: 9 },
  },
];
const lineOf = (page: string, what: string): string => page.split('\n').find((line) => line.includes(what)) ?? '';

describe('the page of targets', () => {
  it('is what its figures make: npm run bench -- all --page', () => {
    assert.equal(readFileSync(pagePath(), 'utf8'), madePage());
  });

  it('marks what falls short, says what is known of it, and does not judge a smaller run as a whole one', () => {
    const short = pageWith({ 'bench-shares': keptRun(hashing(300)) });
    assert.match(
      lineOf(short, 'Hashing of shares | >='),
      /300 MiB\/s a core \| B: 9 MiB\/s a core \| 0\.50 \| \*\*short\*\* \|/,
    );
    assert.match(short, /\(`hashing`\)\. Nothing is known of the cause yet/);
    const known = pageWith({ 'bench-shares': keptRun(hashing(300)) }, '## hashing\n\nThe disk.\n');
    assert.match(known, /\(`hashing`\)\. The disk\./);
    assert.doesNotMatch(known, /\(`hashing`\)\. Nothing is known/);
    assert.match(lineOf(pageWith({ 'bench-shares': keptRun(hashing(400)) }), 'Hashing of shares | >='), /\| met \|/);
    const quick = pageWith({ 'bench-shares': keptRun(hashing(400), { isQuick: true }) });
    assert.match(lineOf(quick, 'Hashing of shares | >='), /\| partly \| bench-shares, quick \|/);
  });

  it('says of what was never run, of a figure that is not there, and of a script that failed', () => {
    assert.match(lineOf(pageWith({}), 'Hashing of shares | >='), /never run .*\| not measured \| bench-shares \|/);
    assert.match(lineOf(pageWith({ 'bench-shares': keptRun([]) }), 'Hashing of shares | >='), /not among its figures/);
    const failed = { date: '2026-11-23 00:00 UTC', problem: 'ended with 1' };
    const page = pageWith({ 'bench-shares': keptRun(hashing(400), { failed }) });
    assert.match(lineOf(page, '| bench-shares | `'), /failed on 2026-11-23 00:00 UTC: ended with 1/);
    const none = pageWith({ 'bench-shares': keptRun([{ ...hashing(1)[0]!, value: null }]) });
    assert.match(lineOf(none, 'Hashing of shares | >='), /nothing .*\| not measured \|/);
  });
});

describe('rows of targets', () => {
  it('have ids that differ, and remarks speak of rows that there are', () => {
    const ids = ROWS.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    for (const id of ids) assert.match(id, /^[a-z0-9-]+$/);
    const path = join(TARGETS_DIRECTORY, 'remarks.md');
    for (const id of readRemarks(readFileSync(path, 'utf8')).keys()) assert.ok(ids.includes(id), `no row ${id}`);
  });

  it('name commands, experiments and tests that are there', () => {
    for (const { row, measure } of measures) {
      if ('test' in measure) assert.ok(existsSync(join(projectRoot, measure.test)), `${row.id}: ${measure.test}`);
      else if ('run' in measure) assert.ok(RUN_IDS.includes(measure.run), `${row.id}: ${measure.run}`);
      else if ('figure' in measure) assert.ok(simRowOf(measure.sim, measure.figure), row.id);
      else {
        const known = [...PLAN.map(({ id }) => id), ...EXPERIMENTS.map(({ name }) => name)];
        assert.ok(known.includes(measure.sim), `${row.id}: ${measure.sim}`);
      }
    }
  });

  it('read figures that their runs have, where these were kept', () => {
    for (const { row, measure } of measures) {
      if (!('run' in measure)) continue;
      const run = readRun(TARGETS_DIRECTORY, measure.run);
      if (run === undefined || run.figures.length === 0 || run.exitCode !== 0) continue;
      assert.ok(figuresOf(measure, run).length > 0, `${row.id}: ${String(measure.figure)} is not in ${measure.run}`);
    }
  });
});

describe('runs of targets', () => {
  it('are every script of bench and soak, or there is a reason', () => {
    for (const kind of ['bench', 'soak'] as const) {
      const run = RUN_IDS.filter((id) => RUNS[id].kind === kind).map((id) => RUNS[id].name as string);
      const known = scriptsOf(kind).filter((name) => !(`${kind} ${name}` in NOT_RUN));
      assert.deepEqual(run.toSorted(), known.toSorted(), `test/targets/runs.ts, ${kind}`);
    }
  });

  it('have as name what their figures are kept under', () => {
    for (const id of RUN_IDS) assert.equal(id, `${RUNS[id].kind}-${RUNS[id].name}`);
    const kept = readdirSync(TARGETS_DIRECTORY).filter((name) => name.endsWith('.json'));
    for (const name of kept)
      assert.ok(
        RUN_IDS.some((id) => `${id}.json` === name),
        name,
      );
  });
});

describe('what a script printed', () => {
  it('is its last line, when that is a report', () => {
    const report = { bench: 'x', node: 'v24', seed: 1, figures: [{ name: 'a', value: null, unit: 's' }] };
    assert.deepEqual(printedIn(`said before\n${JSON.stringify(report)}\n`), report);
    for (const text of [
      '',
      'no report',
      '{}',
      `${JSON.stringify(report)}\nmore`,
      '{"bench":1,"node":"v","figures":[]}',
    ])
      assert.equal(printedIn(text), undefined);
  });
});

describe('remarks', () => {
  it('stand under the id of a row, once, with words below', () => {
    assert.deepEqual(
      [...readRemarks('# All\n\nx\n\n## a\n\nOne.\nTwo.\n\n## b\nThree.\n')],
      [
        ['a', 'One.\nTwo.'],
        ['b', 'Three.'],
      ],
    );
    assert.throws(() => readRemarks('## a\n\nOne.\n## a\n\nTwo.\n'), /two remarks/);
    assert.throws(() => readRemarks('## a\n\n## b\n\nx\n'), /empty/);
  });
});
