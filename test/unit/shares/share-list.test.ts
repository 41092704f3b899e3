/** The node's list: one entry a content, changes gathered, the same list recognised after a restart. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KnownFile } from '../../../src-main/services/shares/catalogue.ts';
import { ShareList } from '../../../src-main/services/shares/share-list.ts';
import type { ShareListChange } from '../../../src-main/services/shares/share-list.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { seededRandom } from '../../support/seeded-random.ts';

function fileOf(name: string, number: number): KnownFile {
  return {
    ...{ directory: '', name, sizeBytes: number, modifiedMs: 1, inode: BigInt(number), tries: 0 },
    ...{ root: new Uint8Array(32).fill(number), day: 20_000, isSeen: true, problem: undefined },
  };
}

function listOf(kept?: string) {
  const clock = new ManualClock();
  const told: ShareListChange[] = [];
  const keeping: string[] = [];
  const list = new ShareList({
    clock,
    random: seededRandom(kept === undefined ? 1 : 2),
    tell: (change) => told.push(change),
    keep: (value) => keeping.push(value),
  });
  list.load(kept);
  const add = (file: KnownFile, folder = 1): void => list.add({ folderPath: '/a', folder, file });
  const remove = (file: KnownFile, folder = 1): void => list.remove(folder, file, file.root!);
  return { clock, told, keeping, list, add, remove };
}

const names = ({ added }: ShareListChange): string[] => added.map(({ name }) => name);

describe('the list of shared files', () => {
  it('is told whole once all was looked at, then by its changes, some together', () => {
    const { clock, told, list, add, remove } = listOf();
    const [a, b, c] = [fileOf('a', 1), fileOf('b', 2), fileOf('c', 3)];
    add(a);
    add(b);
    clock.advance(10_000);
    assert.equal(told.length, 0);
    list.ready();
    assert.deepEqual(told.map(names), [['a', 'b']]);
    add(c);
    remove(a);
    assert.equal(told.length, 1);
    clock.advance(1_000);
    assert.equal(told.length, 2);
    assert.deepEqual([names(told[1]!), told[1]!.removed], [['c'], [a.root]]);
    assert.equal(told[1]!.generation, told[0]!.generation);
    assert.equal(told[1]!.sequence, told[0]!.sequence + 1);
    clock.advance(10_000);
    assert.equal(told.length, 2);
  });

  it('has one entry for a content that lies in several places, as long as it lies in one', () => {
    const { told, list, add, remove } = listOf();
    const [one, two] = [fileOf('one', 7), fileOf('two', 7)];
    list.ready();
    add(one);
    add(two, 2);
    list.flush();
    assert.deepEqual([names(told[1]!), list.size, list.find(one.root!).length], [['one'], 1, 2]);
    remove(one);
    list.flush();
    assert.deepEqual([names(told[2]!), told[2]!.removed], [['two'], []]);
    remove(two, 2);
    list.flush();
    assert.deepEqual([names(told[3]!), told[3]!.removed, list.size], [[], [one.root], 0]);
  });

  it('says nothing of what came and stayed as it was', () => {
    const { told, list, add, remove } = listOf();
    const one = fileOf('one', 7);
    add(one);
    list.ready();
    remove(one);
    add(one);
    list.flush();
    assert.deepEqual([told.length, told[1]?.removed], [2, []]);
  });

  it('keeps generation and sequence over a restart when nothing changed, in whatever order it is found', () => {
    const first = listOf();
    const [a, b] = [fileOf('a', 1), fileOf('b', 2)];
    first.add(a);
    first.list.ready();
    first.add(b);
    first.list.flush();
    const same = listOf(first.keeping.at(-1));
    same.add(b);
    same.add(a);
    same.list.ready();
    const { generation, sequence } = first.told.at(-1)!;
    assert.deepEqual([same.told[0]!.generation, same.told[0]!.sequence], [generation, sequence]);
    for (const changed of [[a], [a, fileOf('renamed', 2)], [a, b, fileOf('c', 3)]]) {
      const other = listOf(first.keeping.at(-1));
      for (const file of changed) other.add(file);
      other.list.ready();
      assert.notEqual(other.told[0]!.generation, generation);
    }
    const damaged = listOf('{"generation":"x"}');
    damaged.list.ready();
    assert.equal(damaged.told.length, 1);
  });

  it('keeps nothing for who never shared anything, and tells nothing after it was closed', () => {
    const { told, keeping, clock, list, add } = listOf();
    list.ready();
    assert.deepEqual([told.length, keeping], [1, []]);
    list.close();
    add(fileOf('late', 1));
    clock.advance(10_000);
    assert.equal(told.length, 1);
  });
});
