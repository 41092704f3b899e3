/**
 * What the daemon of soak kills does when it is killed, and what of it must be there afterwards: all that it told to be done.
 * Each kind begins some work, notes what was acknowledged before the kill came, and looks for it after the restart.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MIB } from '../../../shared/base/units.ts';
import type { DeleteJob, Job, PublishJob, UpdateJob } from '../../../shared/ipc/model.ts';
import type { DownloadJob } from '../../../shared/ipc/download-model.ts';
import type { ContractClient } from '../../../shared/ipc/rpc.ts';
import type { Random } from '../../../src-main/core/ports.ts';
import { chunkBytesOf } from '../../../src-main/core/transfer/tree.ts';
import { jobEnd, jobWhen } from '../../support/practice.ts';
import type { Daemon } from '../../support/practice.ts';
import type { Victim } from './kill-victim.ts';

export const PASSWORD = 'ribbon cactus orbit velvet thunder maple candle glacier';
/** Below and above what a journal is kept for (4 MiB). */
const SIZES = [20_000, 400_000, 5 * MIB] as const;

export interface Work {
  readonly name: string;
  /** The kill comes at a random moment within so long. */
  readonly withinMs: number;
  /** Begins, and returns; what it does goes on. */
  begin(victim: Victim): Promise<void>;
  /** Nothing runs on the data directory. */
  whileDead?(victim: Victim): Promise<void>;
  /** It runs again. */
  check(victim: Victim): Promise<void>;
}

export interface Stage {
  readonly random: Random;
  /** Where files of this run are. */
  readonly directory: string;
  /** Another node, which reads what was published, and publishes what the victim stores. */
  readonly other: Daemon;
  /** It shares `sharedLink`. */
  readonly source: Daemon;
  readonly sharedLink: string;
  readonly sharedBytes: Buffer;
}

/** What was published, as it must be read; undefined bytes: it was deleted. */
interface Published {
  /** Of its first edition. */
  readonly link: string;
  /** As the library lists it: that of the newest edition, once it was updated. */
  listed: string;
  bytes: Buffer | undefined;
}

type JobOf<Kind extends Job['kind']> = Extract<Job, { kind: Kind }>;

/** Told of the end of a job, as a window or a command is, for as long as the daemon lives. */
function onDone<Kind extends Job['kind']>(client: ContractClient, kind: Kind, told: (job: JobOf<Kind>) => void): void {
  client.on('job', (job) => {
    if (job.kind === kind && job.state === 'done') told(job as JobOf<Kind>);
  });
}

async function ended<Kind extends Job['kind']>(client: ContractClient, job: string, kind: Kind): Promise<JobOf<Kind>> {
  const end = await jobEnd(client, job, kind);
  assert.equal(end.state, 'done', `${kind} after the restart: ${end.error?.code} ${end.error?.message}`);
  return end;
}

async function interrupted<Kind extends Job['kind']>(client: ContractClient, kind: Kind): Promise<JobOf<Kind>[]> {
  const jobs = await client.call('jobs.list', null);
  return jobs.filter((job): job is JobOf<Kind> => job.kind === kind && job.state === 'interrupted');
}

/** Published, updated and deleted: one list of what the network is to have. */
export class Publications {
  readonly #stage: Stage;
  readonly all: Published[] = [];
  #count = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  bytes(sizeBytes: number): Buffer {
    return Buffer.from(this.#stage.random.bytes(sizeBytes));
  }

  async file(bytes: Buffer): Promise<string> {
    this.#count += 1;
    const path = join(this.#stage.directory, `out-${this.#count}.bin`);
    await writeFile(path, bytes);
    return path;
  }

  /** One that is not deleted; publishes one where there is none. */
  async living(client: ContractClient): Promise<Published> {
    const living = this.all.filter(({ bytes }) => bytes !== undefined);
    const chosen = living[this.#stage.random.below(Math.max(1, living.length))];
    if (chosen !== undefined) return chosen;
    const bytes = this.bytes(SIZES[0]);
    const { job } = await client.call('publish.start', publishRequest(await this.file(bytes)));
    const made = { ...linked((await ended(client, job, 'publish')).link!), bytes };
    this.all.push(made);
    return made;
  }

  /** As somebody else reads it, now. */
  async assertRead({ link, bytes }: Published): Promise<void> {
    const { client } = this.#stage.other;
    const path = join(this.#stage.directory, 'read.bin');
    await rm(path, { force: true });
    const { job } = await client.call('get.start', { link, directory: this.#stage.directory, path });
    const end = await jobEnd(client, job, 'get');
    if (bytes === undefined) {
      assert.equal(end.error?.code, 'deleted', `a publication that was deleted is read: ${end.state}`);
      return;
    }
    assert.equal(end.state, 'done', `a publication is lost: ${end.error?.code} ${end.error?.message}`);
    assert.ok(bytes.equals(await readFile(path)), 'a publication is read as it was not published last');
    await rm(path);
  }

  /** All that were told to be published are listed by who published them. */
  async assertListed(client: ContractClient): Promise<void> {
    const listed = new Set((await client.call('library.list', null)).map(({ link }) => link));
    for (const each of this.all) assert.ok(listed.has(each.listed), `${each.listed} is not in the library any more`);
  }
}

function linked(link: string): { readonly link: string; readonly listed: string } {
  return { link, listed: link };
}

function publishRequest(path: string) {
  return { source: { kind: 'path', path }, k: 2, n: 5, class: 'updatable', password: PASSWORD } as const;
}

export function publishing(stage: Stage, publications: Publications): Work {
  let bytes: Buffer = Buffer.alloc(0);
  let path = '';
  let told: PublishJob | undefined;
  return {
    name: 'publishing',
    withinMs: 4_000,
    async begin({ daemon: { client } }) {
      bytes = publications.bytes(SIZES[stage.random.below(SIZES.length)]!);
      path = await publications.file(bytes);
      told = undefined;
      onDone(client, 'publish', (job) => (told = job));
      await client.call('publish.start', publishRequest(path));
    },
    async check({ daemon: { client } }) {
      const [left] = await interrupted(client, 'publish');
      if (told === undefined && left?.canResume === true) {
        const { job } = await client.call('jobs.resume', { job: left.id, password: PASSWORD });
        told = await ended(client, job, 'publish');
        assert.equal(told.blocksResumed, left.blocksSent, 'blocks that were noted are sent again');
      } else if (told === undefined) {
        // Nothing was told, so nothing need be there: it is published again, as a person would.
        const { job } = await client.call('publish.start', publishRequest(path));
        told = await ended(client, job, 'publish');
      }
      const made = { ...linked(told.link!), bytes };
      publications.all.push(made);
      await publications.assertListed(client);
      await publications.assertRead(made);
      await rm(path);
    },
  };
}

export function updating(stage: Stage, publications: Publications): Work {
  let target: Published | undefined;
  let told: UpdateJob | undefined;
  let bytes: Buffer = Buffer.alloc(0);
  let path = '';
  const start = (client: ContractClient): Promise<{ job: string }> =>
    client.call('update.start', { link: target!.link, password: PASSWORD, source: { kind: 'path', path } });
  return {
    name: 'updating',
    withinMs: 4_000,
    async begin({ daemon: { client } }) {
      target = await publications.living(client);
      told = undefined;
      bytes = publications.bytes(SIZES[stage.random.below(SIZES.length)]!);
      path = await publications.file(bytes);
      onDone(client, 'update', (job) => (told = job));
      await start(client);
    },
    async check({ daemon: { client } }) {
      if (told === undefined) {
        const [left] = await interrupted(client, 'update');
        const { job } =
          left?.canResume === true
            ? await client.call('jobs.resume', { job: left.id, password: PASSWORD })
            : await start(client);
        told = await ended(client, job, 'update');
      }
      target!.bytes = bytes;
      if (told.newLink !== undefined) target!.listed = told.newLink;
      await publications.assertRead(target!);
      await rm(path);
    },
  };
}

export function deleting(publications: Publications): Work {
  let target: Published | undefined;
  let told: DeleteJob | undefined;
  const start = (client: ContractClient): Promise<{ job: string }> =>
    client.call('delete.start', { link: target!.link, password: PASSWORD });
  return {
    name: 'deleting',
    withinMs: 1_500,
    async begin({ daemon: { client } }) {
      target = await publications.living(client);
      told = undefined;
      onDone(client, 'delete', (job) => (told = job));
      await start(client);
    },
    async check({ daemon: { client } }) {
      if (told === undefined) await ended(client, (await start(client)).job, 'delete');
      target!.bytes = undefined;
      await publications.assertRead(target!);
    },
  };
}

/** Others publish, and it holds their blocks; it keeps a publication alive, with all its blocks. */
export function storing(stage: Stage, publications: Publications): Work {
  let toldBlocks = 0;
  let toldKept = 0;
  return {
    name: 'storing',
    withinMs: 3_000,
    async begin({ daemon: { client } }) {
      const target = await publications.living(client);
      toldKept = 0;
      toldBlocks = (await client.call('status.get', null)).store.blocks;
      client.on('status', ({ store }) => (toldBlocks = store.blocks));
      onDone(client, 'keep', ({ blocksHeld, sharesHeld }) => (toldKept = blocksHeld + sharesHeld));
      await client.call('keep.start', { link: target.link });
      const path = await publications.file(publications.bytes(1_000_000));
      await stage.other.client.call('publish.start', publishRequest(path));
    },
    async whileDead(victim) {
      const blocks = victim.blocksOnDisk('blocks.db');
      assert.ok(blocks >= toldBlocks, `${blocks} blocks are on the disk, ${toldBlocks} were told to be`);
      const kept = victim.blocksOnDisk('kept.db');
      assert.ok(kept >= toldKept, `${kept} blocks and slots are kept, ${toldKept} were told to be`);
    },
    async check({ daemon: { client } }) {
      assert.ok((await client.call('status.get', null)).store.blocks >= toldBlocks);
    },
  };
}

export function downloading({ directory, source, sharedLink, sharedBytes }: Stage): Work {
  const target = join(directory, 'loaded');
  const path = join(target, 'film.bin');
  const chunkBytes = chunkBytesOf(sharedBytes.length);
  let noted = 0;
  let round = 0;
  return {
    name: 'downloading',
    withinMs: 2_500,
    async begin({ daemon: { client } }) {
      await mkdir(target, { recursive: true });
      const running = (await client.call('jobs.list', null)).find(
        ({ kind, state }) => kind === 'download' && state !== 'done',
      );
      const sources = [source.ready.publicKey];
      if (running === undefined) await client.call('download.start', { link: sharedLink, directory: target, sources });
    },
    /** Chunks that are noted as held are there, as they were shared. */
    async whileDead() {
      noted = 0;
      const [part] = (await readdir(target)).filter((name) => name.endsWith('.part'));
      if (part === undefined || !existsSync(join(target, part, 'size'))) return;
      const [held, data] = await Promise.all(['held', 'data'].map((name) => readFile(join(target, part, name))));
      for (let chunk = 0; chunk * chunkBytes < sharedBytes.length; chunk += 1) {
        if (((held![chunk >> 3] ?? 0) & (0x80 >> (chunk & 7))) === 0) continue;
        const [from, to] = [chunk * chunkBytes, (chunk + 1) * chunkBytes];
        assert.ok(
          sharedBytes.subarray(from, to).equals(data!.subarray(from, to)),
          `chunk ${chunk} is noted and not there`,
        );
        noted += Math.min(to, sharedBytes.length) - from;
      }
    },
    async check({ daemon: { client } }) {
      if (existsSync(path)) assert.ok(sharedBytes.equals(await readFile(path)));
      else {
        const again = await downloadWhen(client, (job) => noted === 0 || job.bytesKept !== undefined);
        assert.ok((again.bytesKept ?? 0) >= noted, `${again.bytesKept} bytes were kept of ${noted} that were noted`);
        round += 1;
        // Killed a few times on its way, and then let go to its end.
        if (round % 3 !== 0) return;
        const end: DownloadJob = await ended(client, again.id, 'download');
        assert.ok(sharedBytes.equals(await readFile(path)), end.id);
      }
      assert.deepEqual(await readdir(target), ['film.bin'], 'what is left beside a file that is here');
      await rm(path);
      for (const job of await client.call('jobs.list', null))
        if (job.kind === 'download') await client.call('jobs.dismiss', { job: job.id });
    },
  };
}

/** The download, as soon as it is as wanted: it may be so already. */
function downloadWhen(client: ContractClient, isWanted: (job: DownloadJob) => boolean): Promise<DownloadJob> {
  const coming = jobWhen(client, 'download', isWanted);
  const there = client.call('jobs.list', null).then((jobs) => {
    const job = jobs.find((each): each is DownloadJob => each.kind === 'download');
    return job !== undefined && isWanted(job) ? job : coming;
  });
  return Promise.race([coming, there]);
}

export function hashing({ directory, random }: Stage): Work {
  let folder = '';
  let count = 0;
  let toldId: string | undefined;
  const added = new Map<string, string>();
  const removed = new Set<string>();
  return {
    name: 'hashing',
    withinMs: 600,
    async begin({ daemon: { client } }) {
      count += 1;
      folder = join(directory, `shared-${count}`);
      toldId = undefined;
      await mkdir(folder);
      for (let file = 0; file < 30; file += 1)
        await writeFile(join(folder, `${file}.bin`), random.bytes(1_000 + random.below(300_000)));
      // Answered while it is hashed; what the kill cuts off was not told.
      void client.call('shares.add', { path: folder }).then(
        ({ id }) => (toldId = id),
        () => undefined,
      );
    },
    async check({ daemon: { client } }) {
      const listed = await client.call('shares.list', null);
      const paths = listed.map(({ path }) => path);
      for (const path of added.keys()) assert.ok(paths.includes(path), `${path} is not shared any more`);
      for (const path of removed) assert.ok(!paths.includes(path), `${path} is shared again`);
      if (toldId !== undefined) assert.ok(paths.includes(folder), `${folder} was told to be shared`);
      const id =
        listed.find(({ path }) => path === folder)?.id ?? (await client.call('shares.add', { path: folder })).id;
      await untilHashed(client, id, 30);
      added.set(folder, id);
      if (added.size < 3) return;
      const [oldest, oldestId] = added.entries().next().value!;
      await client.call('shares.remove', { id: oldestId });
      added.delete(oldest);
      removed.add(oldest);
      await rm(oldest, { recursive: true });
    },
  };
}

function untilHashed(client: ContractClient, id: string, count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = async (): Promise<void> => {
      const { files } = await client.call('shares.files', { id, from: 0 });
      if (files.filter(({ link }) => link !== undefined).length < count) return;
      stop();
      resolve();
    };
    const stop = client.on('shares', () => void look().catch(reject));
    look().catch(reject);
  });
}
