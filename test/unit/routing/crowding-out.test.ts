/** Somebody with many keys asks to be a neighbour under one after the other: who was there stays, and newcomers have their chance all the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAINTAIN_MS, NEWCOMER_MS } from '../../../src-main/core/limits.ts';
import type { Mesh, MeshNode } from '../../support/mesh.ts';
import { assertBounded, star } from '../../support/mesh-star.ts';

const TARGET = 12;
/** Beyond the target (NEWCOMER_SHARE). */
const MOST = TARGET + 3;

function comeFrom(mesh: Mesh, subject: MeshNode, index: number): MeshNode {
  const node = mesh.addNode(index);
  node.onRoute = () => undefined;
  mesh.connect(node, subject);
  return node;
}

function leave(mesh: Mesh, node: MeshNode): void {
  for (const link of [...node.ends.keys()]) mesh.cut(node, link);
}

test('a stream of new keys pushes out no more than half of those who were there', () => {
  const { mesh, subject, puppets } = star({ seed: 91, puppets: TARGET, targetLinks: TARGET });
  mesh.run(2 * NEWCOMER_MS);
  let index = 1_000;
  let wereThere = 0;
  for (let round = 0; round < 6; round += 1) {
    const crowd = Array.from({ length: 2 * TARGET }, () => comeFrom(mesh, subject, (index += 1)));
    mesh.run(NEWCOMER_MS - 5_000);
    wereThere = Math.max(wereThere, subject.core.readyLinks());
    for (const node of crowd) leave(mesh, node);
    mesh.run(1_000);
    assertBounded(subject);
  }
  assert.ok(wereThere > MOST, `they had their chance: ${wereThere} links`);
  const stayed = puppets.filter((puppet) => subject.linkTo(puppet) !== undefined).length;
  assert.ok(stayed >= TARGET / 2, `${stayed} stayed`);
});

test('a node that has more links than it wants comes back to what it wants, one after the other', () => {
  const { mesh, subject } = star({ seed: 92, puppets: 2 * TARGET, targetLinks: TARGET });
  mesh.run(NEWCOMER_MS / 2);
  assert.equal(subject.core.readyLinks(), 2 * TARGET, 'all are new');
  mesh.run(NEWCOMER_MS + 2 * MAINTAIN_MS * TARGET);
  assert.equal(subject.core.readyLinks(), MOST);
  assert.equal(subject.core.statistics.givenUp, 2 * TARGET - MOST);
});

test('a newcomer takes the place of one that is missed less, once it is none any more', () => {
  const { mesh, subject, puppets } = star({ seed: 93, puppets: MOST, targetLinks: TARGET });
  mesh.run(2 * NEWCOMER_MS);
  const newcomer = comeFrom(mesh, subject, 2_000);
  mesh.run(NEWCOMER_MS - 5_000);
  assert.notEqual(subject.linkTo(newcomer), undefined, 'a newcomer is not given up');
  mesh.run(NEWCOMER_MS + 2 * MAINTAIN_MS);
  assert.equal(subject.core.readyLinks(), MOST);
  assert.equal(puppets.length + 1 - MOST, subject.core.statistics.givenUp);
});
