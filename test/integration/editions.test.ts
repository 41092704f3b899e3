/**
 * Editions as interface.md says them, on a network of real processes: updated twice, by a machine that never saw it, read
 * by its first link from another; the password changed; deleted; and everybody else refused, with nothing sent.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { formatLink, parseLink } from '../../shared/base/links.ts';
import type { PublicationLink } from '../../shared/base/links.ts';
import { CACHED_SLOT_MS } from '../../src-main/core/limits.ts';
import { readSlot, slotPlaces } from '../../src-main/core/publish/slot.ts';
import type { SlotPlace } from '../../src-main/core/publish/slot.ts';
import type { NodeService } from '../../src-main/services/node/node-service.ts';
import { crypto } from '../support/mesh.ts';
import { startNode } from '../support/nodes.ts';
import { jobEnd, startPractice } from '../support/practice.ts';
import type { Daemon, Practice } from '../support/practice.ts';
import { runCommand } from '../support/spawn.ts';
import type { CommandOutcome } from '../support/spawn.ts';

interface Updated {
  link: string;
  slots: { wanted: number; replaced: number };
  version: number;
  blocks: { sent: number; kept: number };
}

let practice: Practice;
let alice: Daemon;
let bob: Daemon;
let witness: NodeService;

before(async () => {
  practice = await startPractice(5);
  [alice, bob] = await Promise.all([practice.startDaemon('alice'), practice.startDaemon('bob')]);
  witness = await startNode(practice.network, practice.bootstrap);
  assert.ok(await witness.waitForLinks(1, 30_000));
});
after(async () => {
  await witness?.stop();
  await practice?.stop();
});

const on = (daemon: Daemon, ...args: string[]): Promise<CommandOutcome> =>
  runCommand([...args, '--data', daemon.directory, '--json', '--quiet']);

async function done<Result>(outcome: Promise<CommandOutcome>): Promise<Result> {
  const { code, stderr, json } = await outcome;
  assert.equal(code, 0, stderr);
  return json<Result>();
}

async function fails(outcome: Promise<CommandOutcome>, exitCode: number, code: string, words: RegExp): Promise<void> {
  const { code: actual, stderr, json } = await outcome;
  assert.equal(actual, exitCode, stderr);
  const { error } = json<{ error: { code: string; message: string } }>();
  assert.equal(error.code, code);
  assert.match(error.message, words);
}

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(practice.directory, name), content);
  return join(practice.directory, name);
}

async function insertsOf({ client }: Daemon): Promise<number> {
  const { requests } = await client.call('network.get', null);
  return requests.recent.filter(({ kind }) => kind === 'insert').length;
}

/** Where a slot of a link leads, as the network shows it to a node that had nothing to do with it. */
async function leadsTo(link: PublicationLink, place: SlotPlace): Promise<string | undefined> {
  const outcome = await witness.request(place.address, { kind: 'slot', priority: 'interactive', skipOwn: true });
  if (!outcome.ok) return undefined;
  const slot = readSlot(crypto, link, place, outcome.record);
  assert.ok(slot.ok, `slot ${place.index} is sound`);
  const { body } = slot.value.payload;
  return body.kind === 'moved' ? formatLink(body.link) : body.kind;
}

/**
 * Every slot says so. A hop that is busy may answer with what it has in its cache, and on a busy machine hops are busy: what differs
 * is asked for again for as long as a cache keeps it.
 */
async function allLeadTo(text: string, expected: string, what: string): Promise<void> {
  const link = parseLink(text);
  assert.ok(link.ok);
  const endMs = performance.now() + CACHED_SLOT_MS;
  for (const place of slotPlaces(crypto, link.value)!) {
    let found = await leadsTo(link.value, place);
    while (found !== expected && performance.now() < endMs) found = await leadsTo(link.value, place);
    assert.equal(found, expected, `${what}, slot ${place.index}`);
  }
}

test('published, updated twice, read by the first link, handed over, deleted', async () => {
  const password = file('password', 'ribbon cactus orbit velvet thunder maple candle glacier\n');
  const wrong = file('wrong', 'orange tunnel basket frozen walrus pepper violin harbor\n');
  const next = file('next', 'magnet drizzle copper lantern puzzle saddle tornado insect\n');
  const site = join(practice.directory, 'site');
  mkdirSync(site);
  const large = randomBytes(300_000);
  writeFileSync(join(site, 'index.html'), '<title>Tides</title><p>first');
  writeFileSync(join(site, 'large.bin'), large);

  const published = await done<{ link: string; blocks: number }>(
    on(alice, 'publish', site, '--password-file', password),
  );
  assert.ok(published.blocks >= 10);

  // Who has the link and not the password: refused, and not one record is sent.
  for (const args of [
    ['update', published.link, site],
    ['delete', published.link],
  ])
    await fails(on(bob, ...args, '--password-file', wrong), 9, 'refused', /not the password.*[Nn]othing was sent/);
  assert.equal(await insertsOf(bob), 0);

  writeFileSync(join(site, 'index.html'), '<title>Tides</title><p>second');
  const second = await done<Updated>(on(bob, 'update', published.link, site, '--password-file', password));
  assert.deepEqual(second.slots, { wanted: 10, replaced: 10 });
  assert.deepEqual([second.version, second.blocks.sent, second.blocks.kept], [2, 0, published.blocks]);
  writeFileSync(join(site, 'index.html'), '<title>Tides</title><p>third');
  const third = await done<Updated>(on(alice, 'update', published.link, site, '--password-file', password));
  assert.deepEqual([third.version, third.slots], [3, { wanted: 20, replaced: 20 }]);

  for (const link of [published.link, second.link]) await allLeadTo(link, third.link, 'one hop');
  const target = join(practice.directory, 'got');
  const got = await done<{ version: number }>(on(bob, 'get', published.link, '-o', target));
  assert.equal(got.version, 3);
  assert.match(readFileSync(join(target, 'index.html'), 'utf8'), /third/);
  assert.ok(readFileSync(join(target, 'large.bin')).equals(large));
  const checked = await done<{ version: number; retrievable: boolean }>(on(bob, 'check', published.link));
  assert.deepEqual([checked.version, checked.retrievable], [3, true]);

  const handed = await done<Updated>(
    on(bob, 'passwd', second.link, '--password-file', password, '--new-password-file', next),
  );
  assert.deepEqual([handed.version, handed.slots], [4, { wanted: 30, replaced: 30 }]);
  await fails(on(alice, 'update', published.link, site, '--password-file', password), 9, 'refused', /was changed/);

  const deleted = await done<Updated>(on(alice, 'delete', published.link, '--password-file', next));
  assert.deepEqual(deleted.slots, { wanted: 40, replaced: 40 });
  await allLeadTo(published.link, 'deleted', 'every slot');
  for (const link of [published.link, third.link, handed.link])
    await fails(on(bob, 'get', link, '-o', join(practice.directory, 'never')), 8, 'deleted', /publisher deleted/);
  await fails(on(bob, 'check', published.link), 8, 'deleted', /publisher deleted/);
  await fails(on(bob, 'update', handed.link, site, '--password-file', next), 8, 'deleted', /deleted/);
});

test('what may not be changed is refused: permanent to everybody, without updates to all but deletion', async () => {
  const path = file('note.txt', 'to stay');
  const password = file('password', 'ribbon cactus orbit velvet thunder maple candle glacier\n');
  const permanent = await done<{ link: string; password?: string }>(on(alice, 'publish', path, '--permanent'));
  assert.equal(permanent.password, undefined);
  const before = await insertsOf(alice);
  for (const args of [
    ['update', permanent.link, path],
    ['delete', permanent.link],
  ])
    await fails(on(alice, ...args, '--password-file', password), 9, 'refused', /permanent means permanent/);
  assert.equal(await insertsOf(alice), before);
  const fixed = await done<{ link: string }>(
    on(alice, 'publish', path, '--no-update', '--password-file', password, '-k', '1', '-n', '2'),
  );
  await fails(on(bob, 'update', fixed.link, path, '--password-file', password), 9, 'refused', /never changed/);
  const deleted = await done<Updated>(on(bob, 'delete', fixed.link, '--password-file', password));
  assert.deepEqual(deleted.slots, { wanted: 2, replaced: 2 });
  await fails(on(alice, 'get', fixed.link, '-o', join(practice.directory, 'gone')), 8, 'deleted', /publisher/);
  await fails(on(alice, 'delete', 'broadside:abc', '--password-file', password), 7, 'bad-link', /cut short/);
  await fails(on(alice, 'delete', fixed.link), 2, 'usage', /--password-file is needed/);
});

test('three sites that link to each other in a circle, one updated twice, opened from old links on another machine', async () => {
  const password = file('password', 'ribbon cactus orbit velvet thunder maple candle glacier\n');
  const names = ['tides', 'moons', 'harbours'] as const;
  type Name = (typeof names)[number];
  const folder = (name: Name): string => join(practice.directory, name);
  const write = (name: Name, words: string, to?: string): void => {
    mkdirSync(folder(name), { recursive: true });
    const way = to === undefined ? '' : `<p><a href="${to}">go on</a>`;
    writeFileSync(
      join(folder(name), 'index.html'),
      `<title>${name}</title><p>${words}${way}<p><a href="more.html">more</a>`,
    );
    writeFileSync(join(folder(name), 'more.html'), `<p>more of ${name}`);
  };
  const publish = async (name: Name): Promise<string> =>
    (await done<{ link: string }>(on(alice, 'publish', folder(name), '--password-file', password))).link;
  // The first can only lead on when the others are there: it is updated to, and so the circle closes.
  write('tides', 'first');
  const tides = await publish('tides');
  write('moons', 'as ever', tides);
  const moons = await publish('moons');
  write('harbours', 'as ever', moons);
  const harbours = await publish('harbours');
  write('tides', 'second', harbours);
  const second = await done<Updated>(on(alice, 'update', tides, folder('tides'), '--password-file', password));
  assert.equal(second.version, 2);
  // By whoever has link and password, on a machine that never saw it.
  write('tides', 'third', harbours);
  const update = ['update', second.link, folder('tides'), '--password-file', password];
  const third = await done<Updated>(runCommand([...update, ...practice.on('dora'), '--json', '--quiet']));
  assert.deepEqual([third.version, third.slots], [3, { wanted: 20, replaced: 20 }]);

  // Twice round from the first link of all, by what the pages say.
  let at = tides;
  const seen: string[] = [];
  for (let step = 0; step < 6; step += 1) {
    const target = join(practice.directory, `circle-${step}`);
    const { version } = await done<{ version: number }>(on(bob, 'get', at, '-o', target));
    const page = readFileSync(join(target, 'index.html'), 'utf8');
    seen.push(`${/<title>(\w+)/.exec(page)![1]!} ${version} ${/<p>([\w ]+)/.exec(page)![1]!}`);
    assert.match(readFileSync(join(target, 'more.html'), 'utf8'), /more of/);
    at = /href="(broadside:[^"]+)"/.exec(page)![1]!;
  }
  const round = ['tides 3 third', 'harbours 1 as ever', 'moons 1 as ever'];
  assert.deepEqual(seen, [...round, ...round]);
  // In the viewer the same links lead through the app, by whichever edition's link it was opened.
  for (const link of [tides, second.link, third.link]) {
    const { job } = await bob.client.call('open.start', { link });
    const opened = await jobEnd(bob.client, job, 'open');
    assert.equal(opened.publication?.edition, 3, opened.error?.message);
  }
});

test('an update whose machine is killed is finished from another, and old links are whole at every moment', async () => {
  const password = file('password', 'ribbon cactus orbit velvet thunder maple candle glacier\n');
  const first = file('essay.txt', 'as it was');
  const { link } = await done<{ link: string }>(on(alice, 'publish', first, '--password-file', password));
  const carol = await practice.startDaemon('carol');
  const path = file('essay.txt', 'as it is');
  const underWay = new Promise<string>((resolve) => {
    carol.client.on('job', (job) => {
      if (job.kind === 'update' && (job.stage === 'shares' || job.stage === 'replacing')) resolve(job.stage);
    });
  });
  await carol.client.call('update.start', {
    link,
    password: readFileSync(password, 'utf8').trim(),
    source: { kind: 'path', path },
  });
  await underWay;
  await carol.kill();
  const target = join(practice.directory, 'essay-got.txt');
  await done(on(bob, 'get', link, '-o', target));
  assert.match(readFileSync(target, 'utf8'), /^as it (was|is)$/);
  const finished = await done<Updated>(on(bob, 'update', link, path, '--password-file', password));
  assert.deepEqual([finished.version, finished.slots.replaced], [2, finished.slots.wanted]);
  await allLeadTo(link, finished.link!, 'every slot');
});
