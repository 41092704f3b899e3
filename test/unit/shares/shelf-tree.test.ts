/** What is shared as a tree for those who look through it: in pages that follow each other, whatever changes meanwhile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAX_SHELF_BYTES, MAX_SHELF_ENTRIES } from '../../../src-main/core/limits.ts';
import { answers, compareShelf, cursorOf } from '../../../src-main/core/transfer/shelves.ts';
import type { ShelfCursor, ShelfEntry, ShelfPage } from '../../../src-main/core/transfer/shelves.ts';
import { encodeTransferMessage } from '../../../src-main/core/wire/transfer-messages.ts';
import type { KnownFile } from '../../../src-main/services/shares/catalogue.ts';
import { ShelfTree } from '../../../src-main/services/shares/shelf-tree.ts';
import { seededRandom } from '../../support/seeded-random.ts';

let count = 0;
function file(path: string, sizeBytes = 1): KnownFile {
  const slash = path.lastIndexOf('/');
  count += 1;
  return {
    directory: path.slice(0, Math.max(0, slash)),
    name: path.slice(slash + 1),
    root: seededRandom(count).bytes(32),
    ...{ day: 1, isSeen: true, problem: undefined, tries: 0, sizeBytes, modifiedMs: 0, inode: 0n },
  };
}

/** All pages, each checked as whoever asked would. */
function all(tree: ShelfTree, folder: string, deep: boolean): ShelfEntry[] {
  const entries: ShelfEntry[] = [];
  let after: ShelfCursor | undefined;
  for (;;) {
    const question = { folder, deep, after };
    const page = tree.page(question)!;
    assert.ok(answers(question, page));
    assert.ok(page.entries.length <= MAX_SHELF_ENTRIES);
    assert.ok(encodeTransferMessage({ type: 'shelf', id: 1, shelf: page }).length <= MAX_SHELF_BYTES + 64);
    entries.push(...page.entries);
    if (!page.more) return entries;
    after = cursorOf(page.entries.at(-1)!);
  }
}

const pathOf = (entry: ShelfEntry): string =>
  entry.kind === 'folder' ? `${entry.name}/` : entry.folder === '' ? entry.name : `${entry.folder}/${entry.name}`;

test('folders come before files, with what lies below them; two shared folders are one', () => {
  const tree = new ShelfTree();
  for (const [path, size] of [
    ['b.txt', 5],
    ['music/a.mp3', 7],
    ['music/old/x.mp3', 11],
    ['a.txt', 3],
    ['b.txt', 9],
  ] as const)
    tree.add(file(path, size));
  const page = tree.page({ folder: '', deep: false, after: undefined })!;
  assert.deepEqual([page.files, page.sizeBytes, page.more], [5, 35, false]);
  assert.deepEqual(page.entries[0], { kind: 'folder', name: 'music', files: 2, sizeBytes: 18 });
  assert.deepEqual(page.entries.map(pathOf), ['music/', 'a.txt', 'b.txt', 'b.txt']);
  assert.deepEqual(all(tree, 'music', true).map(pathOf), ['a.mp3', 'old/x.mp3']);
  assert.equal(tree.page({ folder: 'nowhere', deep: false, after: undefined }), undefined);
});

test('what is shared no more is not in it at once, nor are folders that are left empty', () => {
  const tree = new ShelfTree();
  const [one, two] = [file('a/b/one'), file('a/two')];
  for (const each of [one, two]) tree.add(each);
  tree.remove(one);
  tree.remove(one);
  assert.deepEqual(all(tree, 'a', false).map(pathOf), ['two']);
  assert.equal(tree.page({ folder: 'a/b', deep: true, after: undefined }), undefined);
  tree.remove(two);
  assert.deepEqual(tree.page({ folder: '', deep: false, after: undefined }), {
    ...{ files: 0, sizeBytes: 0, entries: [], more: false },
  });
});

test('pages together are everything once, in order, in one folder and below', () => {
  const segment = fc.constantFrom('a', 'b', 'ab', 'é', '𝄞', 'z'.repeat(200));
  const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('/'));
  fc.assert(
    fc.property(fc.array(path, { maxLength: 400 }), (paths) => {
      const tree = new ShelfTree();
      for (const each of paths) tree.add(file(`${each}/f`));
      const deep = all(tree, '', true);
      assert.equal(deep.length, paths.length);
      assert.deepEqual(deep.map(pathOf).sort(), paths.map((each) => `${each}/f`).sort());
      const shallow = all(tree, '', false);
      assert.equal(shallow.length, new Set(paths.map((each) => each.split('/')[0])).size);
    }),
    { numRuns: 60 },
  );
});

test('what comes and goes while it is looked through leaves it as it would be made anew', () => {
  const names = fc.constantFrom('a/x', 'a/y', 'b/x', 'b/c/x', 'x', 'y');
  const step = fc.record({ path: names, isRemoval: fc.boolean(), which: fc.nat({ max: 9 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const tree = new ShelfTree();
      const there: KnownFile[] = [];
      for (const { path, isRemoval, which } of steps) {
        if (isRemoval && there.length > 0) tree.remove(there.splice(which % there.length, 1)[0]!);
        else tree.add(there[there.push(file(path)) - 1]!);
        for (const deep of [true, false]) all(tree, '', deep);
      }
      const fresh = new ShelfTree();
      for (const each of there) fresh.add(each);
      for (const deep of [true, false]) assert.deepEqual(all(tree, '', deep), all(fresh, '', deep));
    }),
    { numRuns: 60 },
  );
});

test('a page goes on after what is not there any more, and begins nothing again', () => {
  const tree = new ShelfTree();
  const files = Array.from({ length: 2_000 }, (_, index) => file(`d${index % 7}/f${String(index).padStart(5, '0')}`));
  for (const each of files) tree.add(each);
  const first = tree.page({ folder: '', deep: true, after: undefined })!;
  assert.ok(first.more);
  const last = first.entries.at(-1)!;
  const seen = new Set(first.entries.map(pathOf));
  // The file and the folder that the page ended in are gone.
  for (const each of files) if (last.kind === 'file' && each.directory === last.folder) tree.remove(each);
  const second = tree.page({ folder: '', deep: true, after: cursorOf(last) })!;
  for (const entry of second.entries) assert.ok(!seen.has(pathOf(entry)));
  assert.ok(compareShelf(cursorOf(last), cursorOf(second.entries[0]!)) < 0);
});

test('answers that no honest user gives are told apart', () => {
  const entry = (name: string, folder = ''): ShelfEntry => {
    const { root, sizeBytes, day } = file(name);
    return { kind: 'file', root: root!, folder, name, sizeBytes, day: day! };
  };
  const page = (entries: readonly ShelfEntry[], more = false): ShelfPage => ({ files: 9, sizeBytes: 9, entries, more });
  const top = { folder: '', deep: false, after: undefined };
  const [a, b] = [entry('a'), entry('b')];
  assert.ok(answers(top, page([{ kind: 'folder', name: 'z', files: 1, sizeBytes: 1 }, a, b])));
  assert.ok(!answers(top, page([b, a])), 'out of order');
  assert.ok(!answers(top, page([a, a])), 'twice');
  assert.ok(!answers(top, page([], true)), 'more, and nothing');
  assert.ok(!answers(top, page([entry('a', 'below')])), 'of another folder');
  assert.ok(!answers({ ...top, after: cursorOf(b) }, page([a])), 'what was told before');
  assert.ok(
    !answers({ ...top, deep: true }, page([{ kind: 'folder', name: 'z', files: 1, sizeBytes: 1 }])),
    'not asked for',
  );
});
