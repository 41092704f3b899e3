/** Search from the command line and over the contract, on a practice network of real processes: shared here, found there. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { SearchNews, SearchState, Wish } from '../../shared/ipc/search-model.ts';
import { startPractice } from '../support/practice.ts';
import type { Daemon, Practice } from '../support/practice.ts';
import { runCommand } from '../support/spawn.ts';
import type { CommandOutcome } from '../support/spawn.ts';

interface Hit {
  name: string;
  kind: string;
  link: string;
  sizeBytes: number;
  type: string;
  sources?: number;
}
interface Done {
  done: true;
  hits: number;
  messages: number;
}

let practice: Practice;
let asker: Daemon;
const sharers: Daemon[] = [];

/** Both have the minutes, the second under another name; the rest is the first one's alone. */
const FILES: readonly Record<string, string>[] = [
  {
    'Port records/Harbour board minutes 1908.pdf': 'minutes',
    'Port records/harbour_viewer.pdf.exe': 'program',
    'Dredging costs.csv': 'costs',
    '東京都庁の会議録.txt': 'kaigiroku',
  },
  { 'old/HARBOUR minutes (copy).pdf': 'minutes' },
];

async function searched(query: string): Promise<SearchState> {
  let ended = (_state: SearchState): void => {};
  const end = new Promise<SearchState>((resolve) => (ended = resolve));
  const stop = asker.client.on('search', ({ state }: SearchNews) => {
    if (state.query === query && state.state !== 'searching') ended(state);
  });
  await asker.client.call('search.start', { query });
  const state = await end;
  stop();
  return state;
}

async function search(...args: string[]): Promise<{ outcome: CommandOutcome; hits: Hit[]; done: Done }> {
  const outcome = await runCommand(['search', ...args, '--json', '--data', asker.directory]);
  assert.equal(outcome.code, 0, outcome.stderr);
  const lines = outcome.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Hit | Done);
  return { outcome, hits: lines.slice(0, -1) as Hit[], done: lines.at(-1) as Done };
}

before(async () => {
  practice = await startPractice(4);
  for (const [number, files] of FILES.entries()) {
    const folder = join(practice.directory, `shared ${number}`);
    for (const [path, contents] of Object.entries(files)) {
      mkdirSync(join(folder, path, '..'), { recursive: true });
      writeFileSync(join(folder, path), contents);
    }
    const daemon = await practice.startDaemon(`sharer ${number}`);
    sharers.push(daemon);
    const offered = new Promise<void>((resolve) =>
      daemon.client.on('shares', ([shared]) => {
        if (shared?.offeredFiles === Object.keys(files).length) resolve();
      }),
    );
    await daemon.client.call('shares.add', { path: folder });
    await offered;
  }
  asker = await practice.startDaemon('asker');
  const linked = new Promise<void>((resolve) => asker.client.on('status', ({ links }) => links > 0 && resolve()));
  await linked;
  // Hubs rise and lists travel; asking again is how anybody learns that they have.
  for (;;) {
    await searched('harbour minutes');
    const [{ id }] = (await asker.client.call('search.list', null)) as [SearchState];
    const { results } = await asker.client.call('search.results', { search: id });
    if (results[0]?.sources === 2 && (await searched('東京')).results === 1) return;
  }
});

after(() => practice?.stop());

describe('search', () => {
  it('tells each hit in one line as interface.md says it, then that it is done', async () => {
    const { hits, done } = await search('harbour', 'minutes');
    assert.equal(hits.length, 1);
    const { name, link, sources, ...rest } = hits[0]!;
    assert.match(name, /harbour/i);
    assert.match(link, /^broadside:file\/[a-z2-7]{52}\?name=[^&]+&size=7$/);
    assert.ok(sources === 1 || sources === 2, String(sources));
    assert.deepEqual(rest, { kind: 'direct', sizeBytes: 7, type: 'document' });
    assert.deepEqual([done.done, done.hits], [true, 1]);
    assert.ok(done.messages > 0);
  });

  it('takes phrases, prefixes, what is excluded, any script, filters and bounds', async () => {
    const names = async (...args: string[]): Promise<string[]> =>
      (await search(...args)).hits.map(({ name }) => name).sort();
    assert.equal((await names('harb*')).length, 2);
    assert.deepEqual(await names('harbour', '-minutes'), ['harbour_viewer.pdf.exe']);
    assert.deepEqual(await names('"board minutes"', 'port'), ['Harbour board minutes 1908.pdf']);
    assert.deepEqual(await names('"minutes board"'), []);
    assert.deepEqual(await names('会議'), ['東京都庁の会議録.txt']);
    assert.deepEqual(await names('HÁRBOUR', '--type', 'program'), ['harbour_viewer.pdf.exe']);
    assert.deepEqual(await names('costs', '--min-size', '6'), []);
    assert.deepEqual(await names('costs', '--max-size', '5B', '--kind', 'direct'), ['Dredging costs.csv']);
    assert.deepEqual(await names('costs', '--kind', 'anonymous'), []);
    assert.equal((await names('harbour', '--limit', '1')).length, 1);
  });

  it('ends by itself where nothing fits, which is no error', async () => {
    const begunMs = performance.now();
    const { hits, done } = await search('nothing', 'like', 'this', '--timeout', '20');
    assert.deepEqual([hits, done.hits], [[], 0]);
    assert.ok(performance.now() - begunMs < 15_000);
  });

  it('reads well on a terminal, and warns of programs and names that mislead', async () => {
    const { code, stdout, stderr } = await runCommand(['search', 'harbour', '--data', asker.directory]);
    assert.equal(code, 0, stderr);
    const lines = stdout.trimEnd().split('\n');
    assert.match(lines[0]!, /^name +travels +type +size +from$/);
    assert.equal(lines.length, 5);
    assert.match(
      lines.find((line) => line.includes('.exe'))!,
      /misleading name.*direct +program \(!\) +7 bytes +1 source/,
    );
    assert.match(lines[2]!, /^ {2}broadside:file\//);
    assert.match(stderr, /^2 found; .*hubs.*\.$/m);
  });

  it('finds the same with a node of its own, that knew no hub before', async () => {
    const { code, stdout, stderr } = await runCommand(['search', 'costs', '--json', ...practice.on('alone')]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^\{"name":"Dredging costs.csv"/);
  });
});

describe('a listing of a publication', () => {
  it('is found by others, made anew by an update, taken out and listed again from another machine, and gone after it was deleted', async () => {
    const [publisher, other] = [sharers[0]!, sharers[1]!];
    const folder = join(practice.directory, 'to publish');
    mkdirSync(folder);
    const file = (name: string, contents: string): string => {
      writeFileSync(join(folder, name), contents);
      return join(folder, name);
    };
    const password = file('password', 'ribbon cactus orbit velvet thunder maple candle glacier\n');
    const on = async (daemon: Daemon, ...args: string[]): Promise<CommandOutcome> => {
      const outcome = await runCommand([...args, '--data', daemon.directory, '--json', '--quiet']);
      assert.equal(outcome.code, 0, outcome.stderr);
      return outcome;
    };
    /** Asked again until it is so: listings are checked by hubs before they are found, and passed on among them. */
    const untilFound = async (titles: readonly string[]): Promise<Hit[]> => {
      for (;;) {
        const { hits } = await search('lighthouse', 'keeping', '--kind', 'anonymous');
        if (hits.map(({ name }) => name).join() === titles.join()) return hits;
      }
    };
    const published = await on(
      publisher,
      ...['publish', file('first.html', 'first'), '--title', 'Lamp logs', '--password-file', password],
      ...['--list', '--keywords', 'lighthouse,keeping a light'],
    );
    const { link, listed } = published.json<{ link: string; listed: boolean }>();
    assert.equal(listed, true);
    const [hit] = await untilFound(['Lamp logs']);
    assert.deepEqual([hit!.kind, hit!.link], ['anonymous', link]);

    const updated = await on(
      publisher,
      ...['update', link, file('second.html', 'second edition'), '--title', 'Lamp logs, mended'],
      ...['--password-file', password],
    );
    const [newer] = await untilFound(['Lamp logs, mended']);
    assert.equal(newer!.link, updated.json<{ link: string }>().link);

    // Another machine with the password takes it out of search, lists it again, and deletes it.
    const gone = await on(other, 'unlist', link, '--password-file', password);
    assert.equal(gone.json<{ unlisted: boolean }>().unlisted, true);
    await untilFound([]);
    const back = await on(other, 'list', link, '--password-file', password, '--keywords', 'lighthouse,keeping');
    assert.deepEqual(
      [back.json<{ listed: boolean }>().listed, back.json<{ link: string }>().link],
      [true, newer!.link],
    );
    await untilFound(['Lamp logs, mended']);

    await on(other, 'delete', link, '--password-file', password);
    await untilFound([]);
  });
});

describe('wish', () => {
  it('is added, looks, is listed with what it found, and is removed', async () => {
    const wish = (...args: string[]): Promise<CommandOutcome> =>
      runCommand(['wish', ...args, '--json', '--data', asker.directory]);
    const added = (await wish('add', 'dredging', '-nothing')).json<Wish>();
    const told = new Promise<Wish>((resolve) => asker.client.on('wish', resolve));
    await asker.client.call('wishes.look', { wish: added.id });
    assert.equal((await told).fresh, 1);
    const { wishes } = (await wish('list')).json<{ wishes: Wish[] }>();
    assert.deepEqual(
      wishes.map(({ id, query, fresh }) => [id, query, fresh]),
      [[added.id, 'dredging -nothing', 1]],
    );
    assert.equal((await wish('remove', added.id)).code, 0);
    assert.equal((await wish('remove', added.id)).code, 3);
    assert.equal((await wish('add', '-dredging')).code, 2);
  });
});
