/** The whole of the use cases behind the contract, as an interface meets it: over a pipe, with publishing and reading real. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { CheckJob, GetJob, Job, NetworkView, OpenJob, PublishJob, Status } from '../../../shared/ipc/model.ts';
import { connectContract, serveContract } from '../../../shared/ipc/rpc.ts';
import type { Handlers } from '../../../shared/ipc/rpc.ts';
import type { ContractClient, Pipe } from '../../../shared/ipc/rpc.ts';
import { EVENTS } from '../../../shared/ipc/contract.ts';
import type { EventName } from '../../../shared/ipc/contract.ts';
import { formatInvite } from '../../../shared/base/invites.ts';
import type { KnownNode } from '../../../src-main/core/ports.ts';
import { networkParameters } from '../../../src-main/core/network-parameters.ts';
import { findStamp } from '../../../src-main/core/routing/stamps.ts';
import { createApp } from '../../../src-main/services/app.ts';
import type { App } from '../../../src-main/services/app.ts';
import { startCheck } from '../../../src-main/services/read/check.ts';
import { startGet } from '../../../src-main/services/read/get.ts';
import { OpenRegistry } from '../../../src-main/services/read/open-registry.ts';
import { startOpen } from '../../../src-main/services/read/open.ts';
import { Settings } from '../../../src-main/services/settings/settings.ts';
import { MetadataPool } from '../../../src-main/workers/metadata/pool.ts';
import { HashingPool } from '../../../src-main/workers/hashing/pool.ts';
import { SealingPool } from '../../../src-main/workers/sealing/pool.ts';
import { createCombiner } from '../../../src-main/workers/coding/combiner.ts';
import { createMemoryBlockStore } from '../../../src-main/storage/memory/block-store.ts';
import { TransferNetwork } from '../../../src-main/services/node/transfer-network.ts';
import { createSodiumCrypto } from '../../../src-main/workers/sodium/crypto.ts';
import { createPasswordHash } from '../../../src-main/workers/sodium/password-hash.ts';
import { createSystemRandom } from '../../../src-main/workers/sodium/random.ts';
import { MemoryBlockNetwork } from '../../support/memory-block-network.ts';
import {
  MemoryLibraryStore,
  MemorySecretStore,
  MemorySettingsStore,
  MemoryShareStore,
} from '../../support/memory-stores.ts';
import { eagerClock, PRACTICE_BOUNDS, PRACTICE_COST } from '../../support/publishing.ts';

const STATUS: Status = {
  publicKey: 'ab'.repeat(32),
  name: 'abcd efgh',
  place: 0.5,
  network: 'test',
  links: 3,
  targetLinks: 16,
  store: { usedBytes: 0, quotaBytes: 1, blocks: 0 },
  opened: { usedBytes: 0, quotaBytes: 1, blocks: 0 },
  traffic: { inBytes: 0, outBytes: 0, inBytesPerSecond: 0, outBytesPerSecond: 0 },
  uploads: { active: 0, waiting: 0, bytes: 0 },
  requests: { started: 0, answered: 0, garbage: 0, refused: 0 },
  faults: {},
  role: 'leaf',
  uptimeSeconds: 1,
  startedMs: 1,
  version: '0',
  dataDirectory: '/',
};
const VIEW: NetworkView = {
  neighbours: [],
  requests: { recent: [], lately: { total: 0, outcomes: {} }, whole: { total: 0, outcomes: {} } },
  history: [],
};

/** Two ends of a pipe that deliver in order, never within the call. */
function pipePair(): [Pipe, Pipe] {
  const listeners: ((text: string) => void)[][] = [[], []];
  const end = (own: number): Pipe => ({
    post: (text) => setImmediate(() => listeners[1 - own]!.forEach((listener) => listener(text))),
    onMessage: (listener) => void listeners[own]!.push(listener),
  });
  return [end(0), end(1)];
}

const withCode = (code: string) => (thrown: unknown) => thrown instanceof BroadsideError && thrown.code === code;

describe('app', () => {
  let directory = '';
  let app: App;
  let client: ContractClient;
  let sealing: SealingPool;
  let hashing: HashingPool;
  const metadataTools = new MetadataPool();
  let forgotten = 0;
  const libraryStore = new MemoryLibraryStore();
  const settingsStore = new MemorySettingsStore();
  // Time passes by itself here, and rounds would go on and on.
  settingsStore.values = { 'keep-published': false };
  const defects: unknown[] = [];
  const met: KnownNode[] = [];

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'broadside-app-'));
    const crypto = createSodiumCrypto();
    const random = createSystemRandom();
    const clock = eagerClock;
    const network = new MemoryBlockNetwork({ crypto });
    const registry = new OpenRegistry(crypto, random.bytes(32));
    sealing = new SealingPool({ threads: 1 });
    hashing = new HashingPool({ threads: 1 });
    const combiner = createCombiner();
    const reading = { network, crypto, combiner, random, clock };
    app = await createApp({
      clock,
      crypto,
      combiner,
      random,
      network,
      sealing,
      libraryStore,
      kept: createMemoryBlockStore({ quotaBytes: 100_000_000 }),
      passwordHash: createPasswordHash(),
      stamper: { stamp: async (address, bits) => findStamp(crypto, address, bits) },
      parameters: networkParameters('practice-app'),
      claimSecret: random.bytes(32),
      penSecrets: new MemorySecretStore(),
      node: {
        status: () => STATUS,
        networkView: () => VIEW,
        strain: () => ({ memory: { residentBytes: 0, heapBytes: 0, outsideBytes: 0 }, tables: {} }),
        readyLinks: () => 3,
        onNeighbours: () => () => {},
      },
      meeting: {
        network: 'practice-app',
        bootstrap: [],
        publicKey: new Uint8Array(32).fill(1),
        ownAddress: () => ({ host: '127.0.0.1', port: 4000 }),
        provedNodes: () => [],
        meet: (node) => met.push(node),
      },
      settings: await Settings.load(settingsStore),
      help: () => assert.fail('nobody asks for help here'),
      preview: () => Promise.reject(new Error('nothing is previewed here')),
      stagingDirectory: join(directory, 'staging'),
      keepsStaged: false,
      unfinished: { directory: join(directory, 'publishing'), key: new Uint8Array(32) },
      transfers: {
        network: new TransferNetwork({
          handle: () => {},
          view: () => undefined,
          transfers: () => undefined,
          hasRoom: () => false,
          onDefect: (defect) => defects.push(defect),
        }),
        openShared: () => Promise.resolve(undefined),
        finished: () => Promise.resolve(undefined),
        players: { open: () => undefined, close: () => {} },
        findSources: async function* () {},
        part: { crypto, random, clock, platform: 'linux', lock: undefined },
      },
      shares: {
        store: new MemoryShareStore(),
        reader: hashing,
        lanes: 1,
        dataDirectory: directory,
        tell: () => {},
      },
      queries: {
        list: () => Promise.resolve('no-hubs' as const),
        search: (_query, _options, { onDone }) => {
          onDone('no-hubs', { hubsAsked: 0, hubsKnown: 0, messages: 0 });
          return { counted: () => {}, stop: () => {} };
        },
      },
      isLinked: () => false,
      metadataTools,
      readers: ({ jobs, library }) => ({
        startOpen: ({ link }) =>
          startOpen(
            {
              ...reading,
              registry,
              contentUrl: (label) => `http://${label}.localhost/`,
              recordOpened: (entry) => library.put(entry),
            },
            jobs,
            link,
          ),
        startGet: (request) => startGet(reading, jobs, request),
        startCheck: ({ link }) =>
          startCheck(reading, jobs, link, (canonical, health) => library.setHealth(canonical, health)),
      }),
      forgetOpenedBlocks: async () => {
        forgotten += 1;
      },
      kdfCost: PRACTICE_COST,
      kdfBounds: PRACTICE_BOUNDS,
      onDefect: (thrown) => defects.push(thrown),
    });
    const [here, there] = pipePair();
    const server = serveContract(there, app.handlers as Handlers);
    for (const name of Object.keys(EVENTS) as EventName[]) app.on(name, (value) => server.emit(name, value as never));
    client = connectContract(here);
  });
  after(async () => {
    client.close();
    await app.close();
    await app.close();
    await sealing.close();
    await hashing.close();
    await metadataTools.close();
    assert.deepEqual(defects, []);
    assert.deepEqual(await readdir(join(directory, 'staging')), [], 'staging is emptied');
    await rm(directory, { recursive: true, force: true });
  });

  /** The job as its last event told it; listening began before the call that starts it. */
  const ended = async <J extends Job>(start: () => Promise<{ job: string }>): Promise<J> => {
    const seen = new Map<string, Job>();
    let wake: () => void = () => undefined;
    const stop = client.on('job', (job) => {
      if (job.state !== 'running') seen.set(job.id, job);
      wake();
    });
    const { job: id } = await start();
    while (!seen.has(id)) await new Promise<void>((resolve) => (wake = resolve));
    stop();
    assert.deepEqual(await client.call('jobs.get', { job: id }), seen.get(id));
    return seen.get(id) as J;
  };

  let link = '';
  it('publishes a directory, opens it, gets it, checks it, and lists it', async () => {
    const path = join(directory, 'site');
    await mkdir(path);
    await writeFile(join(path, 'index.md'), '# A heading\n');
    await writeFile(join(path, 'big.bin'), new Uint8Array(100_000).fill(7));
    const source = { kind: 'path', path } as const;
    const survey = await client.call('publish.survey', { source });
    assert.deepEqual(
      [survey.title, survey.shape, survey.fileCount, survey.sizeBytes],
      ['A heading', 'site', 2, 100_012],
    );
    assert.ok(survey.networkBytes > 100_012);
    const published = await ended<PublishJob>(() =>
      client.call('publish.start', { source, k: 2, n: 4, class: 'updatable' }),
    );
    assert.equal(published.state, 'done', JSON.stringify(published.error));
    link = published.link!;
    assert.ok(published.password);
    await client.call('publish.forgetPassword', { job: published.id });
    assert.equal(((await client.call('jobs.get', { job: published.id })) as PublishJob).password, undefined);

    const opened = await ended<OpenJob>(() => client.call('open.start', { link }));
    assert.equal(opened.state, 'done', JSON.stringify(opened.error));
    assert.equal(opened.publication?.title, 'A heading');
    assert.ok(opened.contentUrl);
    const got = await ended<GetJob>(() => client.call('get.start', { link, directory, path: 'copy' }));
    assert.equal(got.state, 'done', JSON.stringify(got.error));
    assert.deepEqual(
      new Uint8Array(await readFile(join(directory, 'copy', 'big.bin'))),
      new Uint8Array(100_000).fill(7),
    );
    const checked = await ended<CheckJob>(() => client.call('check.start', { link }));
    assert.equal(checked.retrievable, true);
    const entries = await client.call('library.list', null);
    assert.deepEqual(
      new Set(entries.map((entry) => `${entry.origin} ${entry.link}`)),
      new Set([`opened ${link}`, `published ${link}`]),
    );
    assert.ok(entries.every((entry) => entry.health?.retrievable === true));
  });

  it('takes jobs off the list and says so', async () => {
    const gone = new Promise<string>((resolve) => void client.on('jobGone', ({ job }) => resolve(job)));
    const [first] = await client.call('jobs.list', null);
    await client.call('jobs.dismiss', { job: first!.id });
    assert.equal(await gone, first!.id);
    await assert.rejects(client.call('jobs.get', { job: first!.id }), withCode('not-found'));
  });

  it('publishes an upload, and discards another', async () => {
    const { staging } = await client.call('publish.stage', null);
    await app.staging.receive(
      staging,
      'hello.txt',
      (async function* () {
        yield new TextEncoder().encode('hello');
      })(),
    );
    const source = { kind: 'staged', staging } as const;
    assert.equal((await client.call('publish.survey', { source })).title, 'hello');
    const published = await ended<PublishJob>(() =>
      client.call('publish.start', { source, k: 1, n: 2, class: 'fixed' }),
    );
    assert.equal(published.state, 'done', JSON.stringify(published.error));
    const other = await client.call('publish.stage', null);
    await client.call('publish.discard', { staging: other.staging });
    await assert.rejects(
      client.call('publish.survey', { source: { kind: 'staged', staging: other.staging } }),
      withCode('not-found'),
    );
  });

  it('makes an invite, and takes one in that is to its network', async () => {
    const { invite } = await client.call('network.invite', null);
    assert.match(invite, /^broadside:join\/[a-z2-7]+$/);
    assert.deepEqual(await client.call('network.join', { invite }), { nodes: 0 }, 'it is its own only node');
    const node = { publicKey: new Uint8Array(32).fill(2), host: '127.0.0.1', port: 4001 };
    const other = { network: 'practice-app', bootstrap: [], nodes: [node] };
    assert.deepEqual(await client.call('network.join', { invite: formatInvite(other) }), { nodes: 1 });
    assert.deepEqual(met, [node]);
    await assert.rejects(
      client.call('network.join', { invite: formatInvite({ ...other, network: 'practice-other' }) }),
      withCode('usage'),
    );
    await assert.rejects(client.call('network.join', { invite: `${invite}a` }), withCode('bad-link'));
    assert.equal(met.length, 1);
  });

  it('keeps settings, tells of them, and refuses wrong ones with their code', async () => {
    const told = new Promise<unknown>((resolve) => void client.on('settings', (values) => resolve(values['links'])));
    assert.deepEqual(await client.call('config.set', { name: 'links', value: '12' }), { value: 12 });
    assert.equal(await told, 12);
    assert.equal((await client.call('config.get', null))['links'], 12);
    await assert.rejects(client.call('config.set', { name: 'links', value: 'many' }), withCode('usage'));
    await assert.rejects(
      client.call('publish.start', { source: { kind: 'path', path: '/' }, k: 3, n: 2, class: 'updatable' }),
      withCode('usage'),
    );
    await assert.rejects(
      client.call('publish.start', {
        source: { kind: 'path', path: '/' },
        k: 2,
        n: 3,
        class: 'updatable',
        password: 'weak',
      }),
      withCode('weak-password'),
    );
  });

  it('forgets what was opened, in the library and in the store', async () => {
    const told = new Promise<void>((resolve) => void client.on('library', () => resolve()));
    await client.call('library.forgetOpened', null);
    await told;
    assert.equal(forgotten, 1);
    assert.ok((await client.call('library.list', null)).every((entry) => entry.origin === 'published'));
    await client.call('library.remove', { link, origin: 'published' });
    assert.equal([...libraryStore.rows.values()].filter((row) => row.link === link).length, 0);
  });

  it('tells the status while somebody listens', async () => {
    assert.deepEqual(await client.call('status.get', null), STATUS);
    assert.deepEqual(await client.call('network.get', null), VIEW);
    assert.deepEqual(await new Promise((resolve) => void client.on('status', resolve)), STATUS);
  });
});
