/** Fault scenarios of all that writes files without SQLite, but for what a person loads (fault-downloads.ts). */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readDaemonFile, writeDaemonFile } from '../../src-main/host/daemon-file.ts';
import { dataDirectoryAt } from '../../src-main/host/data-directory.ts';
import { PublishJournal, readPublishJournal } from '../../src-main/services/publish/journal.ts';
import type { Plan } from '../../src-main/services/publish/plan.ts';
import { Settings } from '../../src-main/services/settings/settings.ts';
import { Staging } from '../../src-main/services/staging/staging.ts';
import { lockDataDirectory } from '../../src-main/storage/files/data-lock.ts';
import { createSecretStore, readOrCreateSecret, secretFileBytes } from '../../src-main/storage/files/secret-file.ts';
import { createSettingsFile } from '../../src-main/storage/files/settings-file.ts';
import { KnownNodesFile } from '../../src-main/transport/hyperswarm/known-nodes-file.ts';
import { rememberNodes } from '../../src-main/transport/hyperswarm/remember-nodes.ts';
import { createSodiumCrypto } from '../../src-main/workers/sodium/crypto.ts';
import { nothing } from './fault-scenario.ts';
import type { FaultScenario } from './fault-scenario.ts';
import { seededRandom } from './seeded-random.ts';

const crypto = createSodiumCrypto();
const KEY = new Uint8Array(32).fill(7);

const settings: FaultScenario = {
  name: 'settings',
  isNative: false,
  async prepare(directory) {
    await (await Settings.load(createSettingsFile({ path: join(directory, 'settings.json') }))).set('links', 11);
  },
  async open(directory) {
    const file = createSettingsFile({
      path: join(directory, 'settings.json'),
      onDamaged: (movedTo) => assert.fail(`moved to ${movedTo}`),
    });
    const opened = await Settings.load(file);
    return {
      act: async () => void (await opened.set('up-bytes-per-second', 77_000)),
      async intact() {
        const kept = await file.read();
        assert.equal(kept['links'], 11);
        // What it says holds is on disk. A folder that could not be flushed may have what it says failed.
        if (opened.get('up-bytes-per-second') !== 0) assert.equal(kept['up-bytes-per-second'], 77_000);
      },
      done: async () => assert.equal((await file.read())['up-bytes-per-second'], 77_000),
      close: () => opened.close(),
    };
  },
};

/** Each run draws another. */
let secrets = 1;

const secretFile: FaultScenario = {
  name: 'secret file',
  isNative: false,
  prepare: nothing,
  async open(directory) {
    const path = join(directory, 'data', 'identity.key');
    const random = seededRandom(secrets++);
    let told: Uint8Array | undefined;
    const held = async (): Promise<Uint8Array> => new Uint8Array(await readFile(path));
    const holds = async (secret: Uint8Array): Promise<void> => assert.deepEqual(await held(), secretFileBytes(secret));
    return {
      async act() {
        told = await readOrCreateSecret({ path, length: 32, random });
      },
      intact: async () => {
        if (told !== undefined) await holds(told);
      },
      done: async () => holds((await held()).slice(0, 32)),
      close: nothing,
    };
  },
};

const OLD_SECRET = new Uint8Array(32).fill(1);
const NEW_SECRET = new Uint8Array(32).fill(2);

const penSecret: FaultScenario = {
  name: 'secret of a pen name',
  isNative: false,
  prepare: (directory) => createSecretStore(join(directory, 'pens'), seededRandom(1)).create('aa', OLD_SECRET),
  async open(directory) {
    const secrets = createSecretStore(join(directory, 'pens'), seededRandom(2));
    return {
      async act() {
        // Whoever was told of a failure tries again under another name, or finds that it is there.
        if ((await secrets.read('bb')) === undefined) await secrets.create('bb', NEW_SECRET);
      },
      async intact() {
        assert.deepEqual(await secrets.read('aa'), OLD_SECRET);
        const other = await secrets.read('bb');
        if (other !== undefined) assert.deepEqual(other, NEW_SECRET);
      },
      done: async () => assert.deepEqual(await secrets.read('bb'), NEW_SECRET),
      close: nothing,
    };
  },
};

const lock: FaultScenario = {
  name: 'lock of the data directory',
  isNative: false,
  prepare: nothing,
  async open(directory) {
    const path = join(directory, 'data');
    let held: { release(): void } | undefined;
    const release = (): void => {
      held?.release();
      held = undefined;
    };
    return {
      async act() {
        release();
        held = lockDataDirectory(path);
      },
      intact: nothing,
      async done() {
        if (held !== undefined) assert.throws(() => lockDataDirectory(path), { code: 'data-in-use' });
      },
      close: async () => release(),
    };
  },
};

const daemonFile: FaultScenario = {
  name: 'daemon file',
  isNative: false,
  prepare: nothing,
  async open(path) {
    const directory = dataDirectoryAt(path);
    const file = { pid: process.pid, port: 4_000, token: 'x'.repeat(43) };
    return {
      act: async () => writeDaemonFile(directory, file),
      intact: async () => assert.ok([undefined, file.token].includes(readDaemonFile(directory)?.token)),
      done: async () => assert.deepEqual(readDaemonFile(directory), file),
      close: nothing,
    };
  },
};

const ONE = { publicKey: new Uint8Array(32).fill(3), host: '127.0.0.1', port: 4_001 };
const TWO = { publicKey: new Uint8Array(32).fill(4), host: '127.0.0.1', port: 4_002 };

/** As `join` writes it, which says when it could not. */
const invited: FaultScenario = {
  name: 'known nodes, of an invite',
  isNative: false,
  prepare: (directory) => rememberNodes(join(directory, 'known-nodes.json'), 'practice', [ONE]),
  async open(directory) {
    const path = join(directory, 'known-nodes.json');
    return {
      act: () => rememberNodes(path, 'practice', [TWO]),
      intact: async () => assert.match(await readFile(path, 'utf8'), /0303[^]*\}$/),
      done: async () => assert.match(await readFile(path, 'utf8'), /0303[^]*0404[^]*\}$/),
      close: nothing,
    };
  },
};

/** As the node writes it while it runs. */
const knownNodes: FaultScenario = {
  name: 'known nodes',
  isNative: false,
  isQuiet: true,
  prepare: (directory) => new KnownNodesFile(join(directory, 'known-nodes.json'), () => ({ at: 1 })).write(),
  async open(directory) {
    const path = join(directory, 'known-nodes.json');
    const file = new KnownNodesFile(path, () => ({ at: 2 }));
    return {
      act: () => file.flush(),
      intact: async () => assert.match(await readFile(path, 'utf8'), /^\{"at":[12]\}$/),
      done: async () => assert.deepEqual(await file.load(), { at: 2 }),
      close: nothing,
    };
  },
};

async function* parts(): AsyncGenerator<Uint8Array> {
  for (let part = 0; part < 3; part += 1) yield new Uint8Array(1_000).fill(part);
}

const staging: FaultScenario = {
  name: 'upload from a browser',
  isNative: false,
  prepare: nothing,
  async open(directory) {
    const opened = await Staging.open({
      directory: join(directory, 'staging'),
      random: seededRandom(1),
      freeBytes: async () => undefined,
    });
    let area: string | undefined;
    return {
      async act() {
        area ??= await opened.create();
        await opened.receive(area, 'sub/a.bin', parts(), { sizeBytes: 3_000 });
      },
      intact: nothing,
      async done() {
        // A node that starts anew has nothing of it.
        if (area === undefined) return;
        const { path } = opened.root(area);
        assert.equal((await readFile(join(path, 'a.bin'))).length, 3_000);
      },
      close: () => opened.close(),
    };
  },
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

/** Of what it notes only the manifest must be noted: two of them under one key would give both away. */
const journal: FaultScenario = {
  name: 'journal of a publication',
  isNative: false,
  prepare: nothing,
  async open(directory) {
    const path = join(directory, 'publishing', 'a.journal');
    const deps = { crypto, random: seededRandom(3), key: KEY };
    const open: PublishJournal[] = [];
    let sent = false;
    return {
      async act() {
        const before = await readPublishJournal(deps, path);
        const made = await PublishJournal.create(deps, path, before?.plan ?? PLAN, before);
        open.push(made);
        for (let block = 0; block < 100; block += 1) made.arrived(0, block);
        assert.equal(await made.manifest(new Uint8Array(32).fill(6)), true);
        sent = true;
        await open.pop()!.close();
      },
      async intact() {
        const read = await readPublishJournal(deps, path);
        if (read !== undefined) assert.deepEqual(read.plan, PLAN);
        if (sent) assert.equal(read?.manifest, '06'.repeat(32));
      },
      done: async () => assert.equal((await readPublishJournal(deps, path))?.manifest, '06'.repeat(32)),
      close: async () => {
        for (const each of open.splice(0)) await each.close();
      },
    };
  },
};

export const FILE_SCENARIOS: readonly FaultScenario[] = [
  ...[settings, secretFile, penSecret, lock, daemonFile, invited, knownNodes, staging, journal],
];
