/** The unit of systemd and the container's text: that they say what the program takes, and what they promise. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { COMMANDS } from '../../../src-main/host/cli/command-table.ts';
import { readArguments } from '../../../src-main/host/cli/usage.ts';
import { STOP_TIMEOUT_MS } from '../../../src-main/host/start-and-stop.ts';
import { projectRoot } from '../../support/project-root.ts';

const UNIT = readFileSync(join(projectRoot, 'build/service/broadside.service'), 'utf8');
const CONTAINER = readFileSync(join(projectRoot, 'build/service/broadside.containerfile'), 'utf8');
const ANALYZE = '/usr/bin/systemd-analyze';
/** systemd's own scale from 0, nothing can be reached, to 100; an unbounded service has 96. */
const MOST_EXPOSURE = 15;

const values = (name: string): string[] =>
  [...UNIT.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value]) => value!);

/** Throws for an option that the daemon does not take. */
function readCommand(text: string): void {
  const [program, ...args] = text.trim().split(/\s+/);
  assert.equal(program, 'daemon');
  readArguments('daemon', COMMANDS['daemon']!, args);
}

describe('the service', () => {
  it('gives the daemon options that it takes, in the unit and what it offers, and in the container', () => {
    const starts = [...UNIT.matchAll(/^#?ExecStart=(\/usr\/bin\/node) (\S+) (.+)$/gm)];
    assert.equal(starts.length, 2);
    for (const [, , script, rest] of starts) {
      assert.ok(existsSync(join(projectRoot, script!.replace('/opt/broadside/', ''))));
      readCommand(rest!);
    }
    const command = JSON.parse(/^CMD (.+)$/m.exec(CONTAINER)![1]!) as string[];
    readCommand(command.join(' '));
    const entry = JSON.parse(/^ENTRYPOINT (.+)$/m.exec(CONTAINER)![1]!) as string[];
    assert.ok(existsSync(join(projectRoot, entry[1]!.replace('/opt/broadside/', ''))));
    for (const [, from] of CONTAINER.matchAll(/^COPY --from=build \S+ ([^\n]+) \S+$/gm)) {
      for (const path of from!.split(' '))
        if (!/\/(out|node_modules)$/.test(path))
          assert.ok(existsSync(join(projectRoot, path.replace('/opt/broadside/', ''))), path);
    }
  });

  it('keeps the token out of the journal and the directory for its owner', () => {
    assert.deepEqual(values('StandardOutput'), ['null']);
    assert.deepEqual([values('StateDirectoryMode'), values('UMask')], [['0700'], ['0077']]);
    assert.match(CONTAINER, /^USER node$/m);
  });

  it('waits longer than a stop takes', () => {
    assert.ok(Number.parseInt(values('TimeoutStopSec')[0]!, 10) * 1000 > 2 * STOP_TIMEOUT_MS);
  });

  it('is a unit that systemd takes, and that it calls well bounded', { skip: !existsSync(ANALYZE) }, () => {
    const work = mkdtempSync(join(tmpdir(), 'broadside-unit-'));
    try {
      const path = join(work, 'broadside.service');
      // It is installed elsewhere: systemd looks whether the program is there.
      const here = UNIT.replaceAll('/usr/bin/node', process.execPath).replaceAll('/opt/broadside', projectRoot);
      writeFileSync(path, here);
      const verified = spawnSync(ANALYZE, ['verify', path], { encoding: 'utf8' });
      assert.deepEqual([verified.status, verified.stderr.trim()], [0, '']);
      const judged = spawnSync(ANALYZE, ['security', '--offline=yes', `--threshold=${MOST_EXPOSURE}`, path], {
        encoding: 'utf8',
      });
      assert.equal(judged.status, 0, judged.stdout.split('\n').at(-2));
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  });
});
