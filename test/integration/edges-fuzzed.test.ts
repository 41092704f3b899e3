/** A little of `npm run soak -- fuzz-edges` each time: the server's edges asked what nobody asks. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { exchange } from '../fuzz/edge-checks.ts';
import { startEdgeHouse } from '../fuzz/edge-house.ts';
import type { EdgeHouse } from '../fuzz/edge-house.ts';
import { EDGE_RUNS, rpcRun } from '../fuzz/edge-runs.ts';
import { startLoneNode } from '../fuzz/lone-node.ts';
import type { LoneNode } from '../fuzz/lone-node.ts';

const SEED = 20_261_122;
const INPUTS = Number(process.env['EDGE_INPUTS'] ?? 400);

describe('requests, bytes and frames of every kind', () => {
  let house: EdgeHouse;
  before(async () => {
    house = await startEdgeHouse();
  });
  after(() => house?.stop());

  for (const { name, run } of EDGE_RUNS) {
    it(`${name}: no crash, no defect, nothing of another publication`, async () => {
      assert.equal(await run(house, SEED, INPUTS), undefined);
    });
  }
});

describe('what was found', () => {
  it('two Hosts are none: nothing of either is told', async () => {
    const house = await startEdgeHouse();
    try {
      const [one, other] = house.origins.filter(({ kind }) => kind === 'content');
      const text = `GET /d.css HTTP/1.1\r\nHost: ${one!.label}.localhost:${house.port}\r\nHost: ${other!.label}.localhost:${house.port}\r\n\r\n`;
      const came = await exchange(house, new TextEncoder().encode(text));
      assert.match(came, /^HTTP\/1\.1 40[03] /);
      for (const mark of house.marks) assert.ok(!came.includes(mark));
    } finally {
      await house.stop();
    }
  });
});

describe('calls of every kind', () => {
  let node: LoneNode;
  let house: EdgeHouse;
  let directory: string;
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'broadside-calls-'));
    process.chdir(directory);
    node = await startLoneNode(join(directory, 'data'));
    house = await startEdgeHouse(node.contract);
  });
  after(async () => {
    await house?.stop();
    await node?.stop();
    process.chdir(tmpdir());
    rmSync(directory, { recursive: true, force: true });
  });

  it('each answers by its schema, or says by a code and a sentence why not', async () => {
    assert.equal(await rpcRun(directory).run(house, SEED, INPUTS), undefined);
  });
});
