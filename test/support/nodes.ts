/**
 * Nodes in the test's own process, on the real transport: honest ones, full ones, and ones that do not do what they should,
 * of which everything is the program's own but for what it does with the messages that it sends.
 */
import { createMemoryBlockStore } from '../../src-main/storage/memory/block-store.ts';
import type { BlockStore, Transport } from '../../src-main/core/ports.ts';
import { networkParameters } from '../../src-main/core/network-parameters.ts';
import { decodeRouteMessage, encodeRouteMessage } from '../../src-main/core/wire/messages.ts';
import { systemClock } from '../../src-main/services/jobs/clock.ts';
import { Locator } from '../../src-main/services/node/locator.ts';
import { NodeService } from '../../src-main/services/node/node-service.ts';
import { createHyperswarmTransport } from '../../src-main/transport/hyperswarm/transport.ts';
import { createPasswordHash } from '../../src-main/workers/sodium/password-hash.ts';
import { StampingPool } from '../../src-main/workers/stamps/stamper.ts';
import { createSystemRandom } from '../../src-main/workers/sodium/random.ts';
import { crypto } from './mesh.ts';

/** garbage: answers with a flipped bit; silent: answers nothing; late: answers after `LATE_MS`. */
export type Hostility = 'garbage' | 'silent' | 'late';

/** Longer than the wait for a hop that does not even accept. */
const LATE_MS = 4_000;

export interface HostileNode {
  readonly node: NodeService;
  /** Messages that it spoiled, swallowed or kept back. */
  misdeeds(): number;
  stop(): Promise<void>;
}

/** A node like any other, but in this process and with its blocks in memory. */
export async function startNode(
  network: string,
  bootstrap: string,
  store: BlockStore = createMemoryBlockStore({ quotaBytes: 1e9 }),
  wrap: (transport: Transport) => Transport = (transport) => transport,
): Promise<NodeService> {
  const random = createSystemRandom();
  const keyPair = crypto.keyPairFromSeed(random.bytes(32));
  const parameters = networkParameters(network);
  const transport = createHyperswarmTransport({
    keyPair,
    network,
    bootstrap: [bootstrap],
    host: '127.0.0.1',
    maxLinks: 32,
    floorLinks: 16,
    limits: { upBytesPerSecond: 0, downBytesPerSecond: 0 },
  });
  const node = new NodeService({
    transport: wrap(transport),
    store,
    crypto,
    random,
    clock: systemClock,
    locator: new Locator(createPasswordHash(), crypto, parameters),
    network: parameters,
    keyPair,
    targetLinks: 16,
    storeQuotaBytes: () => 1e9,
    stamper: new StampingPool({ threads: 1 }),
    onDefect: (defect) => {
      throw defect;
    },
  });
  await node.start();
  return node;
}

export async function startHostileNode(network: string, bootstrap: string, hostility: Hostility): Promise<HostileNode> {
  let misdeeds = 0;
  const pending = new Set<() => void>();
  const spoil = (transport: Transport, link: number, bytes: Uint8Array): boolean => {
    const decoded = decodeRouteMessage(bytes);
    if (!decoded.ok) return transport.send(link, 'route', bytes);
    const message = decoded.value;
    switch (hostility) {
      case 'garbage': {
        if (message.type !== 'found') return transport.send(link, 'route', bytes);
        misdeeds += 1;
        const record = message.record.slice();
        record[record.length - 1]! ^= 1;
        return transport.send(link, 'route', encodeRouteMessage({ ...message, record }));
      }
      case 'silent':
        misdeeds += 1;
        return true;
      case 'late': {
        misdeeds += 1;
        const cancel = systemClock.after(LATE_MS, () => {
          pending.delete(cancel);
          transport.send(link, 'route', bytes);
        });
        pending.add(cancel);
        return true;
      }
    }
  };
  const wrap = (transport: Transport): Transport => ({
    publicKey: transport.publicKey,
    start: (handlers) => transport.start(handlers),
    stop: () => transport.stop(),
    send: (link, channel, bytes) =>
      channel === 'route' ? spoil(transport, link, bytes) : transport.send(link, channel, bytes),
    pendingBytes: (link) => transport.pendingBytes(link),
    close: (link) => transport.close(link),
    dial: (known) => transport.dial(known),
    traffic: () => transport.traffic(),
    setLimits: (limits) => transport.setLimits(limits),
  });
  const node = await startNode(network, bootstrap, undefined, wrap);
  return {
    node,
    misdeeds: () => misdeeds,
    async stop() {
      for (const cancel of pending) cancel();
      await node.stop();
    },
  };
}
