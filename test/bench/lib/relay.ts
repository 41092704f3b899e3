/**
 * What relaying costs: one daemon between a node that asks and one that has, with no other way between them, and the
 * processor time of the daemon for the blocks that pass. A stem that is passed on leaves nothing on its disk; where it
 * ends, and on the greedy way, blocks are kept.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesEqual, fromHex } from '../../../shared/base/bytes.ts';
import { MIB } from '../../../shared/base/units.ts';
import type { BlockStore, LinkId, Transport } from '../../../src-main/core/ports.ts';
import { encodeRecord, KIND_CONTENT, PAYLOAD_BYTES } from '../../../src-main/core/wire/record.ts';
import { inParallel } from '../../../src-main/services/flow/in-parallel.ts';
import type { NodeService } from '../../../src-main/services/node/node-service.ts';
import { createMemoryBlockStore } from '../../../src-main/storage/memory/block-store.ts';
import { startBootstrapper } from '../../../src-main/transport/hyperswarm/bootstrapper.ts';
import { crypto } from '../../support/mesh.ts';
import { startNode } from '../../support/nodes.ts';
import { connectDaemon } from '../../support/practice.ts';
import { startDaemon } from '../../support/spawn.ts';
import { secondsOf } from './processor-time.ts';

/** 16 MiB, after as many that warm it up. */
const BLOCKS = 512;
const UNDER_WAY = 32;
/** Nodes that ask, one after the other: whether the daemon ends the stems of one is drawn by lot, half and half. */
const MAX_ASKERS = 8;
/** Of a block, on a machine on which the relay may be too busy with other things to answer. */
const MAX_TRIES = 5;
const CONNECT_TIMEOUT_MS = 30_000;

export interface RelayCosts {
  /** MiB of blocks that one core passes on in a second, on the stem; undefined when every stem ended at the daemon. */
  readonly stem: number | undefined;
  /** The same where it keeps a copy of each. */
  readonly keeping: number | undefined;
}

export async function measureRelay(): Promise<RelayCosts> {
  const directory = mkdtempSync(join(tmpdir(), 'broadside-relay-'));
  const bootstrapper = await startBootstrapper();
  const bootstrap = bootstrapper.bootstrap[0]!;
  const network = 'practice-relay';
  const daemon = await startDaemon(directory, ['--quiet', '--network', network, '--bootstrap', bootstrap]);
  const client = await connectDaemon(new URL(daemon.ready.url));
  const relay = fromHex(daemon.ready.publicKey)!;
  const held = createMemoryBlockStore({ quotaBytes: 1e9 });
  const start = (store?: BlockStore): Promise<NodeService> =>
    startNode(network, bootstrap, store, (transport) => onlyTo(relay, transport));
  const holder = await start(held);
  const costs: { stem?: number; keeping?: number } = {};
  try {
    for (let asker = 0; asker < MAX_ASKERS && (costs.stem === undefined || costs.keeping === undefined); asker += 1) {
      const node = await start();
      try {
        for (const end of [holder, node])
          if (!(await end.waitForLinks(1, CONNECT_TIMEOUT_MS))) throw new Error('no link to the relay');
        await pass(node, held);
        const before = (await client.call('status.get', null)).store.blocks;
        const startedSeconds = secondsOf(daemon.pid);
        await pass(node, held);
        const seconds = secondsOf(daemon.pid) - startedSeconds;
        const kept = (await client.call('status.get', null)).store.blocks - before;
        costs[kept > BLOCKS / 2 ? 'keeping' : 'stem'] ??= (BLOCKS * PAYLOAD_BYTES) / MIB / seconds;
      } finally {
        await node.stop();
      }
    }
    return { stem: costs.stem, keeping: costs.keeping };
  } finally {
    client.close();
    await holder.stop();
    await daemon.stop();
    await bootstrapper.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** So many fresh blocks are asked for, and come. */
async function pass(node: NodeService, held: BlockStore): Promise<void> {
  const addresses: Uint8Array[] = [];
  for (let block = 0; block < BLOCKS; block += 1) {
    const payload = new Uint8Array(randomBytes(PAYLOAD_BYTES));
    const address = crypto.hash('content', payload);
    await held.put({ address, record: encodeRecord({ kind: KIND_CONTENT, payload }), kind: 'content', place: 'store' });
    addresses.push(address);
  }
  await inParallel(addresses, UNDER_WAY, async (address) => {
    for (let tries = 1; ; tries += 1) {
      const outcome = await node.request(address, { kind: 'content', priority: 'interactive' });
      if (outcome.ok) return;
      if (tries === MAX_TRIES) throw new Error(`a block did not come through the relay: ${outcome.code}`);
    }
  });
  for (const address of addresses) await held.remove(address);
}

/** A transport whose links to all nodes but one are given up as they come. */
function onlyTo(publicKey: Uint8Array, transport: Transport): Transport {
  const refused = new Set<LinkId>();
  return {
    publicKey: transport.publicKey,
    start: (handlers) =>
      transport.start({
        linkUp: (info) => {
          if (bytesEqual(info.publicKey, publicKey)) return handlers.linkUp(info);
          refused.add(info.link);
          return transport.close(info.link);
        },
        linkDown: (link) => void (refused.delete(link) || handlers.linkDown(link)),
        message: (link, channel, bytes) => void (refused.has(link) || handlers.message(link, channel, bytes)),
        writable: (link) => void (refused.has(link) || handlers.writable(link)),
      }),
    stop: () => transport.stop(),
    send: (link, channel, bytes) => transport.send(link, channel, bytes),
    pendingBytes: (link) => transport.pendingBytes(link),
    close: (link) => transport.close(link),
    dial: (known) => (bytesEqual(known.publicKey, publicKey) ? transport.dial(known) : undefined),
    traffic: () => transport.traffic(),
    setLimits: (limits) => transport.setLimits(limits),
  };
}
