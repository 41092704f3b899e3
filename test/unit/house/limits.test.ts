/** docs/LIMITS.md and the core's limits say the same. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as limits from '../../../src-main/core/limits.ts';
import { projectRoot } from '../../support/project-root.ts';

const page = readFileSync(join(projectRoot, 'docs', 'LIMITS.md'), 'utf8');

for (const [name, value] of Object.entries(limits)) {
  test(`${name} stands in docs/LIMITS.md with its value`, () => {
    const row = new RegExp(`^\\| \`${name}\` \\| ([\\d,.]+) \\|`, 'm').exec(page);
    assert.ok(row !== null, `${name} is missing`);
    assert.equal(Number(row[1]!.replaceAll(',', '')), value);
  });
}
