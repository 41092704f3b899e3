/**
 * Files of every format (test/vectors/disk) cut off at every length, and with a bit of every byte flipped: each opens with what is left, or
 * is refused or put aside with a sentence, never with what nobody wrote, and nothing else in the data directory is touched.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { bytesEqual } from '../../../shared/base/bytes.ts';
import { dataDirectoryAt } from '../../../src-main/host/data-directory.ts';
import { readDaemonFile, readInterfaceAddress } from '../../../src-main/host/daemon-file.ts';
import { readPublishJournal } from '../../../src-main/services/publish/journal.ts';
import { readJournal } from '../../../src-main/services/read/partial-journal.ts';
import { Settings } from '../../../src-main/services/settings/settings.ts';
import { FolderState } from '../../../src-main/services/transfers/folder-state.ts';
import { readOrCreateSecret } from '../../../src-main/storage/files/secret-file.ts';
import { createSettingsFile } from '../../../src-main/storage/files/settings-file.ts';
import { KnownNodesFile } from '../../../src-main/transport/hyperswarm/known-nodes-file.ts';
import { KnownNodes, MAX_KNOWN_NODES } from '../../../src-main/transport/hyperswarm/known-nodes.ts';
import { createSodiumCrypto } from '../../../src-main/workers/sodium/crypto.ts';
import { FIXTURES } from '../../vectors/disk-contents.ts';
import { unlockedFixture } from '../../vectors/disk-host-files.ts';

const crypto = createSodiumCrypto();
const KEY = new Uint8Array(32).fill(7);
let base = '';
before(() => {
  base = mkdtempSync(join(tmpdir(), 'broadside-torn-'));
});
after(() => rmSync(base, { recursive: true, force: true }));

interface Format {
  /** Folder of its fixture, and the file in it. */
  readonly fixture: string;
  readonly file: string;
  /** Opens what is in the directory; `isSame`: the bytes are as they were written. */
  look(directory: string, isSame: boolean): Promise<void>;
  /** Beside the file: what it was moved to. */
  readonly mayLeave?: RegExp;
}

const DONE_FILES = 3;

const FORMATS: readonly Format[] = [
  {
    fixture: 'settings',
    file: 'settings.json',
    mayLeave: /^settings\.json\.damaged-1$/,
    async look(directory, isSame) {
      const path = join(directory, 'settings.json');
      const torn = readFileSync(path);
      const moved: string[] = [];
      const file = createSettingsFile({ path, onDamaged: (to) => moved.push(to) });
      const settings = await Settings.load(file);
      if (isSame) assert.deepEqual([settings.get('links'), moved.length], [11, 0]);
      // What the person had is beside, as it is, and the next write does not touch it.
      await settings.set('links', 12);
      for (const to of moved) assert.deepEqual(readFileSync(to), torn);
      assert.equal((await Settings.load(file)).get('links'), 12);
    },
  },
  {
    fixture: 'known-nodes',
    file: 'known-nodes.json',
    async look(directory, isSame) {
      const known = new KnownNodes({ ownKeyHex: '', network: 'practice-1', now: Date.now, random: () => 0 });
      known.load(await new KnownNodesFile(join(directory, 'known-nodes.json'), () => ({})).load());
      assert.ok(known.size <= MAX_KNOWN_NODES);
      if (isSame) assert.equal(known.size, 1);
    },
  },
  {
    fixture: 'daemon',
    file: 'daemon.json',
    async look(directory, isSame) {
      const daemon = readDaemonFile(dataDirectoryAt(directory));
      if (isSame) assert.equal(daemon?.pid, 77);
      if (daemon !== undefined) assert.ok(Number.isInteger(daemon.port) && typeof daemon.token === 'string');
    },
  },
  {
    fixture: 'interface',
    file: 'interface.json',
    async look(directory, isSame) {
      const address = readInterfaceAddress(dataDirectoryAt(directory));
      if (isSame) assert.equal(address?.port, 4_000);
      if (address !== undefined) assert.match(`${address.port} ${address.token}`, /^[1-9]\d{0,4} [\w-]{43}$/);
    },
  },
  {
    fixture: 'personal',
    file: 'personal.json',
    async look(directory, isSame) {
      const there = readFileSync(join(directory, 'personal.json'));
      try {
        const { key } = await unlockedFixture(directory);
        assert.deepEqual(key, new Uint8Array(32).fill(5));
      } catch (thrown) {
        // Said, and nothing is taken for new: the library may be opened with a copy of this file.
        assert.ok(!isSame && thrown instanceof BroadsideError, String(thrown));
      }
      assert.deepEqual(readFileSync(join(directory, 'personal.json')), there);
    },
  },
  {
    fixture: 'keys-2',
    file: 'identity.key',
    async look(directory, isSame) {
      const path = join(directory, 'identity.key');
      const there = readFileSync(path);
      const random = { bytes: () => assert.fail('a secret is made anew'), below: () => 0 };
      const reading = readOrCreateSecret({ path, length: 32, random });
      // Cut off behind the secret: as an earlier version wrote it.
      if (isSame || there.length === 32) return assert.deepEqual(Buffer.from(await reading), there.subarray(0, 32));
      await assert.rejects(reading, { code: 'damaged', message: /Put it back from a copy/ });
      // It may be restored from a copy, so it stays as it is.
      return assert.deepEqual(readFileSync(path), there);
    },
  },
  {
    fixture: 'publishing',
    file: '00aa.journal',
    async look(directory, isSame) {
      const read = await readPublishJournal({ crypto, key: KEY }, join(directory, '00aa.journal'));
      if (isSame) assert.equal(read?.manifest, '06'.repeat(32));
      // Sealed: what is read of it is what was written, up to where it broke.
      if (read === undefined) return;
      assert.equal(read.plan.contentKey, '05'.repeat(32));
      assert.ok([0, 32, 40].includes(read.arrived.get(0)?.count ?? 0));
    },
  },
  {
    fixture: 'retrieval',
    file: 'journal',
    async look(directory, isSame) {
      const read = await readJournal(join(directory, 'journal'));
      if (isSame) assert.equal(read?.entries.length, 2);
      // What it tells of is checked against its digests before it is used; here it must only be well formed.
      for (const [kind] of read?.entries ?? []) assert.ok(kind === 'file' || kind === 'segment');
    },
  },
  ...(['plan', 'done', 'left', 'order'] as const).map((name): Format => ({
    fixture: 'folder',
    file: `state/${name}`,
    async look(directory, isSame) {
      const state = await FolderState.open(join(directory, 'state'), undefined);
      if (isSame) assert.deepEqual([state.files?.length, [...state.done], [...state.left]], [3, [1], [2]]);
      for (const { path, root } of state.files ?? []) {
        assert.equal(root.length, 32);
        assert.ok(!path.split('/').some((part) => part === '' || part === '.' || part === '..'), path);
      }
      for (const index of [...state.done, ...state.left, ...state.priorities.keys()])
        assert.ok(index < DONE_FILES, `${index} of ${DONE_FILES} files`);
      // A number that is noted next is read back, whatever was left of the one before.
      if (state.files?.length === DONE_FILES) {
        await state.finished(0);
        await state.close();
        const again = await FolderState.open(join(directory, 'state'), undefined);
        assert.ok(again.done.has(0));
        await again.close();
      } else await state.close();
    },
  })),
];

describe('files that are torn', () => {
  for (const { fixture, file, look, mayLeave } of FORMATS) {
    it(`${fixture}/${file}: cut off at every length, and a bit of every byte flipped`, async () => {
      const whole = readFileSync(join(FIXTURES, fixture, file));
      const cases = [
        { what: 'as it was', bytes: whole },
        ...Array.from(whole, (_, length) => ({ what: `cut off at ${length}`, bytes: whole.subarray(0, length) })),
        ...Array.from(whole, (_, at) => {
          const bytes = Buffer.from(whole);
          bytes[at]! ^= 1 << (at % 8);
          return { what: `bit ${at % 8} of byte ${at} flipped`, bytes };
        }),
      ];
      const directory = join(base, 'torn');
      const from = join(FIXTURES, fixture);
      const files = namesIn(from)
        .filter((name) => statSync(join(from, name)).isFile())
        .map((name) => [name, readFileSync(join(from, name))] as const);
      for (const { what, bytes } of cases) {
        rmSync(directory, { recursive: true, force: true });
        mkdirSync(join(directory, 'beside'), { recursive: true, mode: 0o700 });
        for (const [name, content] of files) put(join(directory, name), content);
        put(join(directory, 'beside', 'precious'), 'x');
        put(join(directory, file), bytes);
        const before = namesIn(directory);
        try {
          await look(directory, bytesEqual(bytes, whole));
        } catch (thrown) {
          if (thrown instanceof assert.AssertionError || !(thrown instanceof BroadsideError))
            throw new Error(`${fixture}/${file}, ${what}`, { cause: thrown });
          assert.ok(thrown.message.length > 20, `${what}: ${thrown.message}`);
        }
        const names = namesIn(directory);
        const fresh = names.filter((name) => !before.includes(name) && mayLeave?.test(name) !== true);
        assert.deepEqual(fresh, [], what);
        assert.equal(readFileSync(join(directory, 'beside', 'precious'), 'utf8'), 'x');
        for (const name of before) assert.ok(names.includes(name), `${what}: ${name} is gone`);
      }
    });
  }
});

function put(path: string, content: Uint8Array | string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, content, { mode: 0o600 });
}

function namesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true }).map((name) => String(name).replaceAll('\\', '/'));
}
