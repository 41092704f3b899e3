/**
 * The one place where a node is put together: adapters, services and their order. Whoever shows it (daemon, app, command
 * line) takes the contract from here and adds its own window on it.
 *
 * Start: lock and settings, keys, stores, pools of threads, transport and node, services. Stop, in the reverse order: services
 * (jobs are cancelled and clean up), node and transport (neighbours are told), stores (flushed), settings, lock. Each step
 * of a start that fails undoes the steps before it; a stop takes 3 s at most and goes on past a step that fails.
 */
import { availableParallelism, platform } from 'node:os';
import { toHex } from '../../shared/base/bytes.ts';
import { MAX_LINKS, MAX_PEER_LINKS } from '../core/limits.ts';
import { networkParameters } from '../core/network-parameters.ts';
import type { BlockStore } from '../core/ports.ts';
import type { HubWish } from '../core/search/effects.ts';
import { createApp } from '../services/app.ts';
import type { App, Readers } from '../services/app.ts';
import { lockAfterMs } from '../services/lock/idle.ts';
import { lockedError, PersonalLock } from '../services/lock/lock.ts';
import type { KeyStore, PersonalStores } from '../services/lock/ports.ts';
import { systemClock } from '../services/jobs/clock.ts';
import { Locator } from '../services/node/locator.ts';
import { NodeService } from '../services/node/node-service.ts';
import { NodeStatus } from '../services/node/node-status.ts';
import { startCheck } from '../services/read/check.ts';
import { Healer } from '../services/read/healer.ts';
import { startGet } from '../services/read/get.ts';
import { startOpen } from '../services/read/open.ts';
import { OpenRegistry } from '../services/read/open-registry.ts';
import type { Settings } from '../services/settings/settings.ts';
import { findSources } from '../services/transfers/find-sources.ts';
import { listingVerifier } from '../services/search/listings.ts';
import type { ShareListChange } from '../services/shares/share-list.ts';
import { lockDataDirectory } from '../storage/files/data-lock.ts';
import { readOrCreateSecret } from '../storage/files/secret-file.ts';
import { createMemoryBlockStore } from '../storage/memory/block-store.ts';
import { blockThread } from '../storage/sqlite/block-store.ts';
import type { SqliteBlockStoreOptions } from '../storage/sqlite/block-store.ts';
import { createLazyBlockStore } from '../storage/sqlite/lazy-block-store.ts';
import type { LazyBlockStore } from '../storage/sqlite/lazy-block-store.ts';
import { createLazySearchIndex } from '../storage/sqlite/lazy-search-index.ts';
import { createHyperswarmTransport } from '../transport/hyperswarm/transport.ts';
import { createCombiner } from '../workers/coding/combiner.ts';
import { openShared, stampedFile } from '../workers/hashing/open-shared.ts';
import { HashingPool } from '../workers/hashing/pool.ts';
import { InertPool } from '../workers/inert/pool.ts';
import type { InertRequest, InertResult } from '../workers/inert/messages.ts';
import { MetadataPool } from '../workers/metadata/pool.ts';
import { SealingPool } from '../workers/sealing/pool.ts';
import { createSodiumCrypto } from '../workers/sodium/crypto.ts';
import { createPasswordHash } from '../workers/sodium/password-hash.ts';
import { createSystemRandom } from '../workers/sodium/random.ts';
import { StampingPool } from '../workers/stamps/stamper.ts';
import { ensureDataDirectory } from './data-directory.ts';
import { freeBytesOf } from './free-bytes.ts';
import { letHeapsGrow } from './heap-growth.ts';
import { openPersonalDisk } from './personal-disk.ts';
import { tidyStaging } from './tidy.ts';
import { OpenOrigins } from './open-origins.ts';
import { openSettingsAlone } from './open-settings.ts';
import type { SettingsChoice } from './open-settings.ts';
import { lookThrough, servedFromDisk } from './content/preview.ts';
import { openHelp } from './help.ts';
import { stopAll } from './start-and-stop.ts';
import type { Stopping } from './start-and-stop.ts';
import { isLoopback, transportChanged, transportChoice } from './transport-choice.ts';
import { userName } from './user-name.ts';
import { VERSION } from './version.ts';

/**
 * Links that the transport keeps up by itself; the others are the core's to choose. Enough that a network of nodes that know
 * nobody hangs together, and few enough that those that the core chose are most.
 */
const TRANSPORT_FLOOR_LINKS = 4;

export interface ComposeOptions extends SettingsChoice {
  /** Told of defects that nobody waits for. */
  readonly onDefect: (thrown: unknown) => void;
  /** Addresses of the origins of an open publication, ending in '/'; absent where nothing shows content. */
  readonly originUrl?: (label: string) => string;
  /** Keeps what is opened in memory: for nodes that only store for others. */
  readonly storageOnly?: boolean;
  /** Of the library. Without it, one that has a passphrase stays locked until somebody gives it. */
  readonly passphrase?: string;
  /** See HyperswarmTransportOptions. */
  readonly cannotMeet?: (publicKey: Uint8Array) => boolean;
  /** False: throws `locked` in that case. */
  readonly mayBeLocked?: boolean;
  /** Of the system, where this host has one. */
  readonly keyStore?: KeyStore;
  /** Locks when nobody does anything for as long as the settings say; not where the node ends with what it is asked for. */
  readonly locksWhenIdle?: boolean;
}

export interface ComposedNode {
  /** Throws `locked`. */
  readonly app: App;
  readonly isLocked: boolean;
  /** What an interface is served from: calls and events. */
  readonly contract: Pick<PersonalLock, 'handlers' | 'on' | 'tell'>;
  readonly origins: OpenOrigins;
  /** Makes a document of content inert. Rejects with InertRefusal. */
  readonly inert: (request: InertRequest) => Promise<InertResult>;
  readonly settings: Settings;
  readonly node: NodeService;
  /** Lower-case hexadecimal. */
  readonly publicKey: string;
  /** HOST:PORT in the DHT. */
  dht(): string | undefined;
  /** In the order above; idempotent; never rejects. */
  stop(): Promise<void>;
  /** The same, and resolves only when nothing of it is open any more, however long that takes. */
  stopWhole(): Promise<void>;
}

/** Throws BroadsideError: `data-in-use`, `usage`, `no-space`, `damaged`, `locked`, `refused` for a wrong passphrase. */
export async function composeNode(options: ComposeOptions): Promise<ComposedNode> {
  const { directory, onDefect } = options;
  const undo: (() => Promise<void> | void)[] = [];
  let stopping: Stopping | undefined;
  const stop = (): Promise<void> => (stopping ??= stopAll(undo, onDefect)).inTime;
  try {
    letHeapsGrow();
    ensureDataDirectory(directory);
    const { settings, close } = await openSettingsAlone(options);
    undo.push(close);

    const crypto = createSodiumCrypto();
    const random = createSystemRandom();
    const clock = systemClock;
    const secret = (path: string): Promise<Uint8Array> => readOrCreateSecret({ path, length: 32, random });
    const told = (movedTo: string): void => options.onDamaged?.(movedTo);
    const disk = await openPersonalDisk({ directory, crypto, random, onDamaged: told });
    tidyStaging(directory, disk.head?.key !== undefined);
    if (options.mayBeLocked === false && options.passphrase === undefined && disk.head?.key !== undefined)
      throw lockedError();
    const [identity, originSecret, addressKey] = await Promise.all([
      secret(directory.identityKey),
      secret(directory.originKey),
      disk.addressKey(),
    ]);

    const readerThread = blockThread('store reader');
    const openStore = (path: string, quotaBytes: number, more: Partial<SqliteBlockStoreOptions>): LazyBlockStore => {
      const lazy = createLazyBlockStore({ path, quotaBytes, crypto, random, onDamaged: told, ...more });
      undo.push(() => lazy.close());
      return lazy;
    };
    // Alone on its writer: whoever hands over a copy waits for it to be on disk.
    const storeThreads = { writer: blockThread('store writer'), reader: readerThread };
    const store = openStore(directory.blocks, settings.get('quota-bytes'), { addressKey, threads: storeThreads });
    const ownThreads = { writer: blockThread('own blocks'), reader: readerThread };
    const openOwn = (path: string, quotaBytes: number): BlockStore =>
      options.storageOnly === true
        ? createMemoryBlockStore({ quotaBytes })
        : openStore(path, quotaBytes, { threads: ownThreads });
    const opened = openOwn(directory.opened, settings.get('opened-quota-bytes'));
    const kept = openOwn(directory.kept, settings.get('keep-quota-bytes'));
    await store.openIfThere();

    const threads = Math.max(1, availableParallelism() - 1);
    const sealing = new SealingPool({ threads });
    undo.push(() => sealing.close());
    const stamper = new StampingPool({ threads });
    undo.push(() => stamper.close());
    const inertPool = new InertPool({ threads: Math.min(2, threads) });
    undo.push(() => inertPool.close());
    const inert = (request: InertRequest): Promise<InertResult> => inertPool.make(request);

    const index = createLazySearchIndex({
      path: directory.searchIndex,
      random,
      wallMs: () => clock.now(),
      onDamaged: told,
    });
    undo.push(() => index.close());
    const hashing = new HashingPool({ threads });
    undo.push(() => hashing.close());

    const metadataTools = new MetadataPool();
    undo.push(() => metadataTools.close());

    const combiner = createCombiner();

    const network = settings.get('network');
    const bootstrap = settings
      .get('bootstrap')
      .split(',')
      .filter((address) => address !== '');
    const keyPair = crypto.keyPairFromSeed(identity);
    const parameters = networkParameters(network);
    const transport = createHyperswarmTransport({
      keyPair,
      network,
      ...(bootstrap.length > 0 && { bootstrap }),
      ...(bootstrap.length > 0 && bootstrap.every(isLoopback) && { host: '127.0.0.1' }),
      knownNodesPath: directory.knownNodes,
      // Those of routing are bounded by the core, which knows what a link is for.
      maxLinks: Math.min(MAX_LINKS, settings.get('links') * 2) + MAX_PEER_LINKS,
      floorLinks: Math.min(TRANSPORT_FLOOR_LINKS, settings.get('links')),
      ...transportChoice(settings),
      ...(options.cannotMeet !== undefined && { cannotMeet: options.cannotMeet }),
      onHandlerError: onDefect,
    });
    const passwordHash = createPasswordHash();
    const node = new NodeService({
      transport,
      store,
      crypto,
      random,
      clock,
      locator: new Locator(passwordHash, crypto, parameters),
      network: parameters,
      keyPair,
      targetLinks: settings.get('links'),
      storeQuotaBytes: () => settings.get('quota-bytes'),
      stamper,
      transfers: { address: () => transport.address() },
      search: { index, hubWish: () => settings.get('hub') as HubWish, address: () => transport.address() },
      onDefect,
    });
    undo.push(() => node.stop());

    const dht = (): string | undefined => {
      const address = transport.address();
      return address === undefined ? undefined : `${address.host}:${address.port}`;
    };
    const status = new NodeStatus({
      node,
      transport,
      store,
      opened,
      clock,
      network,
      targetLinks: () => settings.get('links'),
      version: VERSION,
      dataDirectory: directory.path,
      dht,
      diskFreeBytes: () => freeBytesOf(directory.path).catch(() => undefined),
      closings: () => transport.closings(),
      relay: () => transport.relaying.figures,
    });
    const registry = new OpenRegistry(crypto, originSecret);
    const origins = new OpenOrigins(registry, crypto, originSecret);
    const healer = new Healer({ network: node, clock, random });
    undo.push(() => healer.close());
    const readDeps = {
      ...{ network: node, crypto, combiner, random, clock, opened },
      heal: healer.heal,
      neighbours: () => node.readyLinks(),
    };
    node.search?.verifyWith(listingVerifier(readDeps));
    const originUrl = options.originUrl ?? (() => '');
    const forgetOpenedBlocks = async (): Promise<void> => {
      registry.clear();
      await empty(opened, settings.get('opened-quota-bytes'));
    };
    /** What is told of shared files before the node runs, which comes last. */
    let early: ShareListChange[] | undefined = [];
    const createPersonal = (stores: PersonalStores): Promise<App> =>
      createApp({
        clock,
        crypto,
        combiner,
        random,
        passwordHash,
        network: node,
        node: status,
        meeting: {
          network,
          bootstrap,
          publicKey: transport.publicKey,
          ownAddress: () => transport.address(),
          provedNodes: () => transport.provedNodes(),
          meet: (known) => transport.meet(known),
        },
        sealing,
        libraryStore: stores.library,
        kept,
        settings,
        stamper,
        parameters,
        claimSecret: stores.claimSecret,
        penSecrets: stores.penSecrets,
        stagingDirectory: directory.staging,
        keepsStaged: disk.head?.key === undefined,
        shares: {
          store: stores.shares,
          reader: hashing,
          lanes: threads,
          dataDirectory: directory.path,
          tell: (change) => (early === undefined ? node.shareList(change) : void early.push(change)),
        },
        transfers: {
          network: node.transfers,
          ...{ openShared, finished: stampedFile, players: origins.players(options.originUrl) },
          findSources: (root, signal) => findSources(node.search, root, signal),
          wayTo: (publicKey) => transport.relaying.wayTo(publicKey),
          part: { crypto, random, clock, platform: platform(), lock: lockDataDirectory, storeChunk: hashing.store },
        },
        queries: node.search!,
        isLinked: (publicKey) => node.neighbours().some((neighbour) => toHex(neighbour.publicKey) === publicKey),
        metadataTools,
        userName: userName(),
        unfinished: stores.publishing,
        readers: ({ jobs, library }): Readers => ({
          startOpen: ({ link }) =>
            startOpen(
              {
                ...readDeps,
                registry,
                contentUrl: originUrl,
                viewerUrl: (label) => originUrl(origins.viewerLabel(label)),
                recordOpened: (entry) => (settings.get('remember-opened') ? library.put(entry) : undefined),
                recordDeleted: (canonical) => library.setDeleted(canonical, clock.now()),
              },
              jobs,
              link,
            ),
          startGet: (request) => startGet({ ...readDeps, lockDirectory: lockDataDirectory }, jobs, request),
          startCheck: ({ link }) =>
            startCheck(
              readDeps,
              jobs,
              link,
              (canonical, health, edition) => library.setHealth(canonical, health, edition),
              (canonical) => library.setDeleted(canonical, clock.now()),
            ),
        }),
        preview: async (found) => {
          const publication = servedFromDisk(found);
          const looked = await lookThrough(publication, inert);
          if (options.originUrl === undefined) return looked;
          const label = origins.addPreview(publication, random.bytes(32));
          return {
            ...looked,
            contentUrl: originUrl(label),
            viewerUrl: originUrl(origins.viewerLabel(label)),
          };
        },
        help: (language) => openHelp(origins, language, options.originUrl),
        forgetOpenedBlocks,
        onDefect,
      });
    const lock = new PersonalLock({
      ...{ disk, crypto, random, passwordHash, clock, keyStore: options.keyStore, onDefect },
      createApp: createPersonal,
      always: { 'status.get': () => status.status(), 'config.get': () => settings.all() },
      forget: () => {
        origins.clear();
        // A list of its own, so that hubs drop what they were told.
        node.shareList({ generation: random.below(2 ** 32), sequence: 1, added: [], removed: [] });
      },
      wipe: forgetOpenedBlocks,
      wipesByChoice: () => settings.get('panic-wipes'),
      idleAfterMs: () => (options.locksWhenIdle === true ? lockAfterMs(settings.get('lock-after')) : undefined),
    });
    undo.push(() => lock.close());
    await lock.load(options.passphrase);
    undo.push(
      settings.onChange((_, changed) => {
        if (changed.includes('lock-after')) lock.idle.changed();
        transportChanged(transport, settings, changed);
        if (changed.includes('quota-bytes')) store.setQuota(settings.get('quota-bytes')).catch(onDefect);
        if (changed.includes('keep-quota-bytes')) kept.setQuota(settings.get('keep-quota-bytes')).catch(onDefect);
        if (changed.includes('opened-quota-bytes')) opened.setQuota(settings.get('opened-quota-bytes')).catch(onDefect);
      }),
    );
    await node.start();
    for (const change of early) node.shareList(change);
    early = undefined;
    lock.begin();
    return {
      get app() {
        return lock.app;
      },
      get isLocked() {
        return lock.state === 'locked';
      },
      contract: lock,
      origins,
      inert,
      settings,
      node,
      publicKey: Buffer.from(transport.publicKey).toString('hex'),
      dht,
      stop,
      stopWhole: () => (stopping ??= stopAll(undo, onDefect)).whole,
    };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

/** What was opened leaves the disk: everything is over a quota of nothing. */
async function empty(store: BlockStore, quotaBytes: number): Promise<void> {
  await store.setQuota(0);
  await store.setQuota(quotaBytes);
}
