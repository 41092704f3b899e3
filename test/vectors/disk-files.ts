/** Fixtures of the files and folders that are not databases: each as the program writes it, and what it must be read as. */
import assert from 'node:assert/strict';
import { chmod, cp, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PublishJournal, readPublishJournal } from '../../src-main/services/publish/journal.ts';
import type { Plan } from '../../src-main/services/publish/plan.ts';
import { JournalWriter, readJournal } from '../../src-main/services/read/partial-journal.ts';
import { Settings } from '../../src-main/services/settings/settings.ts';
import { FilePart } from '../../src-main/services/transfers/file-part.ts';
import { FolderState } from '../../src-main/services/transfers/folder-state.ts';
import { lockDataDirectory } from '../../src-main/storage/files/data-lock.ts';
import { createSecretStore, readOrCreateSecret } from '../../src-main/storage/files/secret-file.ts';
import { createSettingsFile } from '../../src-main/storage/files/settings-file.ts';
import { KnownNodesFile } from '../../src-main/transport/hyperswarm/known-nodes-file.ts';
import { KnownNodes } from '../../src-main/transport/hyperswarm/known-nodes.ts';
import { rememberNodes } from '../../src-main/transport/hyperswarm/remember-nodes.ts';
import { createSodiumCrypto } from '../../src-main/workers/sodium/crypto.ts';
import { HASH_BYTES, MIN_CHUNK_BYTES } from '../../src-main/core/transfer/tree.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { meshFile } from '../support/transfer-mesh.ts';
import { filesIn } from './disk-folder.ts';
import type { FileFixture } from './disk-folder.ts';
import { HOST_FIXTURES } from './disk-host-files.ts';

const crypto = createSodiumCrypto();
const KEY = new Uint8Array(32).fill(7);

const settings: FileFixture = {
  name: 'settings',
  async write(directory) {
    const opened = await Settings.load(createSettingsFile({ path: join(directory, 'settings.json') }));
    await opened.set('links', 11);
    await opened.set('network', 'practice-1');
    await opened.set('remember-opened', false);
    return filesIn(directory);
  },
  async read(directory) {
    const store = createSettingsFile({ path: join(directory, 'settings.json'), onDamaged: () => assert.fail('damaged') });
    const opened = await Settings.load(store);
    assert.deepEqual(
      [opened.get('links'), opened.get('network'), opened.get('remember-opened')],
      [11, 'practice-1', false],
    );
  },
};

const NODE = { publicKey: new Uint8Array(32).fill(3), host: '127.0.0.1', port: 4_001 };

const knownNodes: FileFixture = {
  name: 'known-nodes',
  async write(directory) {
    await mkdir(directory, { recursive: true });
    await rememberNodes(join(directory, 'known-nodes.json'), 'practice-1', [NODE]);
    return filesIn(directory);
  },
  async read(directory) {
    const known = new KnownNodes({ ownKeyHex: '', network: 'practice-1', now: Date.now, random: () => 0 });
    known.load(await new KnownNodesFile(join(directory, 'known-nodes.json'), () => ({})).load());
    assert.equal(known.size, 1);
    assert.deepEqual(known.get('03'.repeat(32)), NODE);
  },
};

/** As drawn when the first fixture was written. */
const IDENTITY = seededRandom(4).bytes(32);

const readKeys = async (directory: string): Promise<void> => {
  const random = { bytes: () => assert.fail('a secret is made anew'), below: () => 0 };
  const path = join(directory, 'identity.key');
  assert.deepEqual(await readOrCreateSecret({ path, length: 32, random }), IDENTITY);
  assert.deepEqual(await createSecretStore(join(directory, 'pens'), random).read('aa'), KEY);
};

/** As version 1 wrote them: the secrets alone. */
const plainKeys: FileFixture = {
  name: 'keys',
  write: async () =>
    new Map([
      ['identity.key', IDENTITY],
      ['pens/aa.key', KEY],
    ]),
  read: readKeys,
};

const keys: FileFixture = {
  name: 'keys-2',
  async write(directory) {
    const random = seededRandom(4);
    await readOrCreateSecret({ path: join(directory, 'identity.key'), length: 32, random });
    await createSecretStore(join(directory, 'pens'), random).create('aa', KEY);
    return filesIn(directory);
  },
  read: readKeys,
};

const PLAN: Plan = {
  format: 1,
  startedMs: 1,
  title: 'A',
  sizeBytes: 5e6,
  blocksTotal: 200,
  request: { source: { kind: 'path', path: '/a' }, k: 3, n: 10, class: 'fixed' },
  needsPassword: false,
  contentKey: '05'.repeat(32),
  files: [{ path: 'a', sizeBytes: 5e6, stamp: 's' }],
};

const publishing: FileFixture = {
  name: 'publishing',
  async write(directory) {
    const deps = { crypto, random: seededRandom(3), key: KEY };
    const journal = await PublishJournal.create(deps, join(directory, '00aa.journal'), PLAN);
    for (let block = 0; block < 40; block += 1) journal.arrived(0, block);
    await journal.manifest(new Uint8Array(32).fill(6));
    await journal.close();
    return filesIn(directory);
  },
  async read(directory) {
    const read = await readPublishJournal({ crypto, key: KEY }, join(directory, '00aa.journal'));
    assert.deepEqual(read?.plan, PLAN);
    assert.equal(read.arrived.get(0)?.count, 40);
    assert.equal(read.manifest, '06'.repeat(32));
  },
};

const HEADER = { edition: '0a'.repeat(32), sizeBytes: 9_000_000 };
const ENTRIES = [
  ['file', 0, 'a'],
  ['segment', 0, 0, '0b'.repeat(32)],
] as const;

const retrieval: FileFixture = {
  name: 'retrieval',
  async write(directory) {
    await mkdir(directory, { recursive: true });
    const journal = await JournalWriter.create(join(directory, 'journal'), HEADER);
    await journal.write(ENTRIES.map((entry) => [...entry] as never));
    await journal.close();
    return filesIn(directory);
  },
  async read(directory) {
    assert.deepEqual(await readJournal(join(directory, 'journal')), { header: HEADER, entries: ENTRIES });
  },
};

const shared = meshFile(crypto, 2 * MIN_CHUNK_BYTES + 100, 1);

function openPart(directory: string): Promise<FilePart> {
  return FilePart.open({
    ...{ crypto, random: seededRandom(1), clock: new ManualClock(), root: shared.root, ownName: 'film.mkv' },
    ...{ directory, path: undefined, platform: 'linux', lock: lockDataDirectory },
  });
}

/** Without the bytes of the file, which are no format; they are put where they were. */
const download: FileFixture = {
  name: 'download',
  async write(directory) {
    await mkdir(directory, { recursive: true });
    const part = await openPart(directory);
    part.proved(shared.bytes.length);
    part.page({ level: 0, index: 0 }, shared.hashes);
    const chunk = shared.bytes.slice(MIN_CHUNK_BYTES, 2 * MIN_CHUNK_BYTES);
    assert.equal(await part.store(1, chunk, shared.hashes.slice(HASH_BYTES, 2 * HASH_BYTES)), 'stored');
    await part.leave();
    return filesIn(directory, /(?:data|lock)$/);
  },
  async read(directory) {
    const [name] = await readdir(directory);
    await writeFile(join(directory, name!, 'data'), shared.bytes);
    const part = await openPart(directory);
    const held = await part.held();
    assert.deepEqual([held?.sizeBytes, held?.bitmap], [shared.bytes.length, Uint8Array.of(0x40)]);
    assert.deepEqual(held?.pages[0]?.hashes, shared.hashes);
    assert.deepEqual(await part.readChunk(1), shared.bytes.slice(MIN_CHUNK_BYTES, 2 * MIN_CHUNK_BYTES));
    await part.leave();
  },
};

const PLANNED = ['a', 'b', 'c'].map((name, index) => ({
  root: new Uint8Array(32).fill(index),
  sizeBytes: 10,
  folder: 'Charts',
  name,
  path: `${name}.txt`,
}));

const folder: FileFixture = {
  name: 'folder',
  async write(directory) {
    const state = await FolderState.open(join(directory, 'state'), lockDataDirectory);
    await state.plan(PLANNED);
    await state.finished(1);
    await state.choose([2], false);
    await state.order([0], 'high');
    await state.close();
    return filesIn(directory, /lock$/);
  },
  async read(directory) {
    const state = await FolderState.open(join(directory, 'state'), lockDataDirectory);
    assert.deepEqual(state.files, PLANNED);
    assert.deepEqual([...state.done, ...state.left], [1, 2]);
    assert.deepEqual([...state.priorities], [[0, 'high']]);
    await state.close();
  },
};

export const FILE_FIXTURES: readonly FileFixture[] = [
  ...[settings, knownNodes, plainKeys, keys, publishing, retrieval, download, folder],
  ...HOST_FIXTURES,
];

/** Where a test may write: what is in a fixture, with the rights that secrets need, which version control does not keep. */
export async function copyFixture(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true });
  await chmod(to, 0o700);
  for (const name of await readdir(to, { recursive: true })) {
    const path = join(to, name);
    await chmod(path, (await stat(path)).isDirectory() ? 0o700 : 0o600);
  }
}
