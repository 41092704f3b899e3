/** How a node finds its neighbours when there is no bootstrap: by what it remembers, and by an invite. All are processes. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startProcessNetwork } from '../support/process-network.ts';
import type { ProcessNetwork, ProcessNode } from '../support/process-network.ts';
import { runCommand } from '../support/spawn.ts';

/** From the start of listening; a few tries of dialling on a machine that is busy. */
const SECONDS = 15;
const NODES = 8;

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

describe('joining without a bootstrap', () => {
  let practice: ProcessNetwork;
  /** In the network by name, and knows nobody: that there are links is nobody else's doing. */
  let lost: ProcessNode;
  let inviteText = '';

  before(async () => {
    practice = await startProcessNetwork(NODES, 4);
  });
  after(() => practice?.stop());

  const memoryOf = (node: ProcessNode): { nodes: { publicKey: string }[] } =>
    JSON.parse(readFileSync(join(node.directory, 'known-nodes.json'), 'utf8'));

  /**
   * A node that nobody knows, with the memory of another, and not at its port either: there the others look for that one, and
   * would find this.
   */
  async function startWithMemoryOf(node: ProcessNode, name: string): Promise<ProcessNode> {
    const stranger = practice.add(name);
    mkdirSync(stranger.directory, { mode: 0o700 });
    cpSync(join(node.directory, 'settings.json'), join(stranger.directory, 'settings.json'));
    const memory = { ...memoryOf(node), port: await freePort() };
    writeFileSync(join(stranger.directory, 'known-nodes.json'), JSON.stringify(memory));
    await stranger.start();
    return stranger;
  }

  it('an invite is made while there is somebody to name', async () => {
    const made = await runCommand(['invite', '--data', practice.nodes[1]!.directory, '--json']);
    assert.equal(made.code, 0, made.stderr);
    inviteText = made.json<{ invite: string }>().invite;
    assert.match(inviteText, /^broadside:join\/[a-z2-7]+$/);
    const plain = await runCommand(['invite', '--data', practice.nodes[1]!.directory]);
    assert.match(plain.stdout, /^broadside:join\/[a-z2-7]+\n$/);
  });

  it('a node that comes back has links from what it remembers, in seconds', async (context) => {
    const [node] = practice.nodes;
    await practice.stopBootstrap();
    // While all others run, so that it cannot take the port of one that they dial.
    lost = practice.add('lost');
    await lost.start(practice.joining);
    await node!.stop();
    assert.ok(memoryOf(node!).nodes.length >= 4);
    await node!.start();
    const firstMs = await node!.untilLinks(1, SECONDS * 1_000);
    const threeMs = await node!.untilLinks(3, SECONDS * 1_000);
    context.diagnostic(`first link after ${firstMs.toFixed(0)} ms, three after ${(firstMs + threeMs).toFixed(0)} ms`);
    // The others know it, too. Nobody knows this one, so its links are of its memory alone.
    await node!.stop();
    const stranger = await startWithMemoryOf(node!, 'stranger');
    const strangerMs = await stranger.untilLinks(3, SECONDS * 1_000);
    context.diagnostic(`unknown to all, three links after ${strangerMs.toFixed(0)} ms`);
    await stranger.stop();
  });

  it('a fresh directory joins by an invite alone, with no daemon running', async (context) => {
    const fresh = practice.add('fresh');
    const joined = await runCommand(['join', inviteText, '--data', fresh.directory, '--json']);
    assert.equal(joined.code, 0, joined.stderr);
    assert.deepEqual(joined.json(), { nodes: 5, network: practice.network });
    assert.equal(existsSync(join(fresh.directory, 'identity.key')), false, 'no node was run for it');
    await fresh.start();
    const ms = await fresh.untilLinks(1, SECONDS * 1_000);
    context.diagnostic(`first link after ${ms.toFixed(0)} ms`);
    assert.equal((await fresh.status()).network, practice.network);
    // It is one of them: what it is told, others get.
    const settings = await fresh.client.call('config.get', null);
    assert.equal(settings['bootstrap'], practice.joining.at(-1));
    await fresh.stop();
  });

  it('a node that runs and knows nobody joins by an invite, and its settings stay as they were', async () => {
    const before = await lost.client.call('config.get', null);
    assert.equal((await lost.status()).links, 0);
    const joined = await runCommand(['join', inviteText, '--data', lost.directory]);
    assert.equal(joined.code, 0, joined.stderr);
    assert.match(joined.stdout, /^5 nodes of the network practice-\w+ are being dialled\n$/);
    await lost.untilLinks(1, SECONDS * 1_000);
    assert.deepEqual(await lost.client.call('config.get', null), before);
  });

  it('an invite to another network is refused, with what to do, and changes nothing', async () => {
    const used = practice.nodes[0]!;
    const settings = readFileSync(join(used.directory, 'settings.json'), 'utf8');
    const foreign = { network: 'practice-elsewhere', bootstrap: [], nodes: [] };
    const { formatInvite } = await import('../../shared/base/invites.ts');
    const node = { publicKey: new Uint8Array(32).fill(1), host: '127.0.0.1', port: 4_000 };
    const text = formatInvite({ ...foreign, nodes: [node] });
    for (const directory of [used.directory, lost.directory]) {
      const refused = await runCommand(['join', text, '--data', directory, '--json']);
      assert.equal(refused.code, 2, refused.stderr);
      const { error } = refused.json<{ error: { code: string; message: string } }>();
      assert.equal(error.code, 'usage');
      assert.match(error.message, /practice-elsewhere.*--data/);
    }
    assert.equal(readFileSync(join(used.directory, 'settings.json'), 'utf8'), settings);
    for (const wrong of ['broadside:join/', 'nonsense', `${inviteText}a`]) {
      const refused = await runCommand(['join', wrong, '--data', used.directory, '--json']);
      assert.equal(refused.code, 7, refused.stderr);
    }
    const asLink = await runCommand(['get', inviteText, '--data', used.directory, '--json']);
    assert.equal(asLink.code, 7);
    assert.match(asLink.stderr, /invite/);
  });

  it('half of what is remembered may be gone', async (context) => {
    const killed = practice.nodes.slice(4).map(({ publicKey }) => publicKey);
    await Promise.all(practice.nodes.slice(4).map((node) => node.kill()));
    const known = memoryOf(practice.nodes[0]!).nodes.map(({ publicKey }) => publicKey);
    assert.ok(killed.filter((key) => known.includes(key)).length >= 2, 'some of the killed are among the remembered');
    const stranger = await startWithMemoryOf(practice.nodes[0]!, 'late stranger');
    const ms = await stranger.untilLinks(3, SECONDS * 1_000);
    context.diagnostic(`three links after ${ms.toFixed(0)} ms`);
  });
});
