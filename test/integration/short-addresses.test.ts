/** Short addresses among processes: claims by two machines, a pen name on two machines, and what a third one sees. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { formatLink } from '../../shared/base/links.ts';
import type { Following } from '../../shared/ipc/address-model.ts';
import { startPractice } from '../support/practice.ts';
import type { Daemon, Practice } from '../support/practice.ts';
import { runCommand } from '../support/spawn.ts';

/** As few as copies of a record need. */
const NODES = 4;
const TEXT = 'High water 06:12 and 18:40\n';
const PASSWORD = 'granite walnut ferry opaque lunar thistle';

const linkTo = (fill: number): string =>
  formatLink({
    class: 1,
    k: 3,
    n: 10,
    documentKey: new Uint8Array(32).fill(fill),
    readSecret: new Uint8Array(16).fill(fill),
    namesDigest: new Uint8Array(16).fill(fill),
    path: '',
  });

interface Claimed {
  readonly link: string;
  readonly edition: number;
  readonly claims: { readonly link: string; readonly bits: number; readonly own: boolean; readonly note?: string }[];
}

describe('short addresses', () => {
  let practice: Practice;
  let daemons: Daemon[];
  let passwordFile = '';
  let key = '';
  /** Something that is published; the others lead nowhere. */
  let first = '';
  const [second, third] = [linkTo(2), linkTo(3)];

  before(async () => {
    practice = await startPractice(NODES);
    daemons = await Promise.all(['a', 'b', 'c'].map((name) => practice.startDaemon(name)));
    passwordFile = join(practice.directory, 'password');
    writeFileSync(passwordFile, `${PASSWORD}\n`);
    const page = join(practice.directory, 'tides.txt');
    writeFileSync(page, TEXT);
    ({ link: first } = await run<{ link: string }>('a', 'publish', page, '-k', '1', '-n', '2', '--permanent'));
  });
  after(() => practice?.stop());

  /** A command on one of the daemons, with its result. */
  async function run<Value>(name: 'a' | 'b' | 'c', ...args: string[]): Promise<Value> {
    const outcome = await runCommand([...args, '--data', join(practice.directory, name), '--json', '--quiet']);
    assert.equal(outcome.code, 0, `${args.join(' ')}: ${outcome.stdout} ${outcome.stderr}`);
    return outcome.json<Value & Record<string, unknown>>();
  }

  async function fails(name: 'a' | 'b' | 'c', code: number, ...args: string[]): Promise<string> {
    const outcome = await runCommand([...args, '--data', join(practice.directory, name), '--json', '--quiet']);
    assert.equal(outcome.code, code, `${args.join(' ')}: ${outcome.stdout} ${outcome.stderr}`);
    return outcome.json<{ error: { message: string } }>().error.message;
  }

  it('words that two machines claim lead a third to both, the stronger first', async () => {
    const claimed = await run<{ link: string; bits: number }>('a', 'word', 'claim', 'Tide TABLES', first);
    assert.equal(claimed.link, first);
    const only = await run<Claimed>('c', 'word', 'get', 'tables tide');
    assert.deepEqual([only.link, only.claims.length, only.claims[0]!.own], [first, 1, false]);
    const path = join(practice.directory, 'by-words.txt');
    await run('c', 'get', 'broadside:word/tide+tables', '-o', path);
    assert.equal(readFileSync(path, 'utf8'), TEXT);
    await run('b', 'word', 'claim', 'tables', 'tíde', second, '--bits', '16', '--note', 'the other one');
    const both = await run<Claimed>('c', 'word', 'get', 'broadside:word/tide+tables');
    assert.deepEqual(
      both.claims.map(({ link, note }) => [link, note]),
      [
        [second, 'the other one'],
        [first, undefined],
      ],
    );
    assert.ok(both.claims[0]!.bits >= 16);
    assert.equal(both.link, second);
    const several = await fails('c', 2, 'get', 'broadside:word/tables+tide', '-o', join(practice.directory, 'x'));
    assert.ok(several.includes(first) && several.includes(second), several);
  });

  it('a pen name that is set twice is read elsewhere in its second edition, and who follows it is told', async () => {
    ({ key } = await run<{ key: string }>('a', 'pen', 'create', 'Harbour'));
    const one = await run<{ edition: number; slots: object }>('a', 'pen', 'set', 'Harbour/Tide Tables', first);
    assert.deepEqual([one.edition, one.slots], [1, { wanted: 4, placed: 4 }]);
    const health = await run<{ retrievable: boolean }>('c', 'check', `broadside:${key}/tide-tables`);
    assert.equal(health.retrievable, true);
    const followed = await run<{ edition: number; new: boolean }>('b', 'pen', 'follow', `${key}/tide-tables`);
    assert.deepEqual([followed.edition, followed.new], [1, false]);
    const two = await run<{ edition: number }>('a', 'pen', 'set', `${key}/tide-tables`, second);
    assert.equal(two.edition, 2);
    const read = await run<{ link: string; edition: number }>('c', 'pen', 'get', `${key}/tide-tables`);
    assert.deepEqual([read.link, read.edition], [second, 2]);
    const told = new Promise<Following>((resolve) => daemons[1]!.client.on('edition', resolve));
    await daemons[1]!.client.call('pens.look', {});
    assert.deepEqual([(await told).link, (await told).edition], [second, 2]);
  });

  it('an exported pen name sets the next edition on another machine', async () => {
    const file = join(practice.directory, 'harbour.pen');
    const password = ['--password-file', passwordFile];
    await run('a', 'pen', 'export', 'Harbour', file, ...password);
    writeFileSync(join(practice.directory, 'wrong'), 'another granite walnut ferry opaque\n');
    await fails('c', 9, 'pen', 'import', file, '--password-file', join(practice.directory, 'wrong'));
    await run('c', 'pen', 'import', file, ...password, '--name', 'Harbour here');
    const set = await run<{ edition: number }>('c', 'pen', 'set', 'Harbour here/tide-tables', third);
    assert.equal(set.edition, 3);
    const read = await run<{ link: string; edition: number }>('a', 'pen', 'get', 'Harbour/tide-tables');
    assert.deepEqual([read.link, read.edition], [third, 3]);
  });

  it('what is followed and claimed outlives a restart', async () => {
    await daemons[1]!.stop();
    const { following } = await run<{ following: { edition: number; new: boolean }[] }>('b', 'pen', 'following');
    assert.deepEqual(
      following.map(({ edition, new: isNew }) => [edition, isNew]),
      [[2, true]],
    );
    const { following: looked } = await run<{ following: { link: string; edition: number }[] }>(
      'b',
      ...['pen', 'following', '--look'],
    );
    assert.deepEqual([looked[0]!.link, looked[0]!.edition], [third, 3]);
  });

  it('a claim that is interrupted leaves nothing to go on with', async () => {
    const args = ['word', 'claim', 'harbour', first, '--bits', '32', '--data', join(practice.directory, 'a'), '--json'];
    const outcome = await runCommand(args, {
      onStderr: (text, kill) => {
        if (text.includes('Doing the work')) kill('SIGINT');
      },
    });
    assert.equal(outcome.code, 130, outcome.stderr);
    const mine = await daemons[0]!.client.call('words.mine', null);
    assert.deepEqual(
      mine.map(({ address, state }) => [address, state]),
      [['broadside:word/tables+tide', 'placed']],
    );
  });

  it('exit codes say what is wrong with an address', async () => {
    await fails('a', 7, 'get', `broadside:${key.slice(0, 20)}/x`);
    await fails('a', 7, 'pen', 'get', key);
    await fails('a', 2, 'word', 'claim', '...', first);
    await fails('a', 7, 'word', 'claim', 'harbour', 'broadside:aaaa');
    assert.match(await fails('a', 3, 'word', 'get', 'nobody'), /Nobody claims the words “nobody”/);
    await fails('a', 3, 'pen', 'get', `${key}/nothing-here`);
    await fails('a', 2, 'pen', 'paint', 'x');
  });
});
