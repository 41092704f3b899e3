import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { composeNode } from '../../compose.ts';
import type { ComposedNode } from '../../compose.ts';
import { tellOfContent } from '../../content/tell.ts';
import { findViewerAssets } from '../../content/viewer.ts';
import { readInterfaceAddress, removeDaemonFile, writeDaemonFile, writeInterfaceAddress } from '../../daemon-file.ts';
import { startHeadlessServer } from '../../headless/server.ts';
import type { HeadlessOptions, HeadlessServer } from '../../headless/server.ts';
import type { ContractSource } from '../../headless/rpc-socket.ts';
import { hostWords } from '../../words/words.ts';
import { DataMove } from '../../data-move.ts';
import { dataDirectoryAt } from '../../data-directory.ts';
import { openSettingsAlone } from '../../open-settings.ts';
import type { LockedSettings } from '../../open-settings.ts';
import { PROJECT_ROOT } from '../../project-root.ts';
import { nodeChoice } from '../context.ts';
import type { CommandContext } from '../context.ts';
import { PracticeNetwork } from '../practice-network.ts';
import type { Place } from '../practice-network.ts';
import { BroadsideError } from '../../../../shared/base/errors.ts';
import { systemClock } from '../../../services/jobs/clock.ts';
import { lockedError } from '../../../services/lock/lock.ts';
import { wholeNumber } from '../usage.ts';

/** What a person set the interface to goes with them to the practice network. */
const INTERFACE_SETTINGS = ['appearance', 'text-percent', 'language'] as const;

/** What is to run next: a node at a place, or nothing while the data directory is moved. */
type Next = { readonly place: Place } | { readonly moveTo: string };

/** Runs until it is interrupted; exit code 0, for that is how it ends. */
export async function daemon(context: CommandContext): Promise<number> {
  const { args, output, signal, directory, onDefect } = context;
  const { passphrase: given, ...choice } = nodeChoice(context);
  // Used once, and not kept: what is locked later is not to be opened from memory.
  let passphrase = given;
  const last = readInterfaceAddress(directory);
  let token = (args.flag('new-token') ? undefined : last?.token) ?? newToken();
  /** Its directory changes when it is moved. */
  let home = choice;
  const practice = new PracticeNetwork(home, onDefect);
  let running: ComposedNode | undefined;
  const move = new DataMove({
    directory: directory.path,
    clock: systemClock,
    obstacle: () => {
      if (running?.isLocked === true) return lockedError();
      return practice.isOff
        ? undefined
        : new BroadsideError('busy', 'A practice network is on or on its way. Leave it, then move the data directory.');
    },
  });
  // The same through all changes of the node behind it, so that windows find it again.
  const asked = wholeNumber(args, 'port', 0, 0, 65_535);
  let port = asked === 0 ? (last?.port ?? 0) : asked;
  let told = false;

  /** Serves on the port of last time, and says so where commands look, until `until` resolves. */
  const serve = async <T>(
    serving: Omit<HeadlessOptions, 'port' | 'token' | 'rendererDirectory' | 'viewerAssets' | 'onDefect'>,
    until: (server: HeadlessServer) => Promise<T>,
  ): Promise<T> => {
    const options = {
      ...{ ...serving, onDefect },
      rendererDirectory: join(PROJECT_ROOT, 'out', 'renderer'),
      viewerAssets: findViewerAssets(PROJECT_ROOT),
    };
    // The port of last time is only preferred, unless it was asked for.
    const server = await startHeadlessServer({ ...options, token, port }).catch((thrown: unknown) => {
      if (told || asked !== 0 || port === 0) throw thrown;
      // Whoever has that port now may have been told the token, by windows that look for this node there.
      token = newToken();
      return startHeadlessServer({ ...options, token, port: 0 });
    });
    ({ port } = server);
    const at = home.directory;
    try {
      // Commands find whatever node runs by the directory that they know.
      writeDaemonFile(at, { pid: process.pid, port, token });
      return await until(server);
    } finally {
      removeDaemonFile(at);
      await server.stop();
    }
  };

  /** Runs one node until something else is wanted, which is answered, or nothing is. */
  const run = async (place: Place): Promise<Next | undefined> => {
    const node = await composeNode({
      ...home,
      ...place,
      ...(passphrase !== undefined && { passphrase }),
      originUrl: (label) => `http://${label}.localhost:${port}/`,
      locksWhenIdle: true,
      onDamaged: (movedTo) => output.say(`A damaged file was moved to ${movedTo}; a fresh one is in its place.`),
    });
    passphrase = undefined;
    running = node;
    try {
      signal.throwIfAborted();
      if (away !== undefined) await takeAlong(away, node);
      practice.arrived(place);
      const contract: ContractSource = {
        handlers: { ...node.contract.handlers, ...practice.handlers, ...move.handlers },
        on: (name, listener) =>
          name === 'practice'
            ? practice.on(listener as never)
            : name === 'move'
              ? move.on(listener as never)
              : node.contract.on(name, listener),
      };
      return await serve(
        {
          contract,
          origin: (label) => node.origins.find(label),
          inert: node.inert,
          words: (accepted) => hostWords(node.settings.get('language'), accepted),
          onTold: (label, page) => tellOfContent(node.contract, `http://${label}.localhost:${port}/`, page),
          receive: (staging, path, body, options) => node.app.staging.receive(staging, path, body, options),
        },
        async (server) => {
          if (place === home) writeInterfaceAddress(home.directory, { port, token });
          move.arrived();
          if (!told) {
            process.stdout.write(
              `${JSON.stringify({
                ...{ ready: true, url: server.url, publicKey: node.publicKey, dht: node.dht() },
                ...(node.isLocked && { locked: true }),
              })}\n`,
            );
            told = true;
          }
          return Promise.race([
            practice.wanted.then((wanted) => ({ place: wanted })),
            move.wanted.then((moveTo) => ({ moveTo })),
            aborted(signal),
          ]);
        },
      );
    } finally {
      running = undefined;
      await node.stop();
      // What is moved must not be written to any more.
      if (move.isUnderWay) await node.stopWhole();
    }
  };

  /** The node has stopped. Windows are shown how the move goes; answers where the node is to start. */
  const moveHome = async ({ settings }: LockedSettings): Promise<Place> => {
    const contract = move.contract(settings);
    const to = await serve(
      {
        ...{ contract, origin: () => undefined, inert: refuse, receive: refuse },
        words: (accepted) => hostWords(settings.get('language'), accepted),
      },
      () => move.run(signal),
    ).catch((thrown: unknown) => {
      move.giveUp(thrown);
      return home.directory.path;
    });
    if (to !== home.directory.path) {
      home = { ...home, directory: dataDirectoryAt(to) };
      practice.moveHome(home);
    }
    return home;
  };

  /** The lock of the data directory while its own node does not run. */
  let away: LockedSettings | undefined;
  try {
    for (let place: Place | undefined = home; place !== undefined;) {
      if (place === home) await away?.close();
      away = place === home ? undefined : await openSettingsAlone({ ...home, what: 'the daemon' });
      let next: Next | undefined;
      try {
        next = await run(place);
      } catch (thrown) {
        if (place === home) throw thrown;
        await practice.failed(thrown);
        next = { place: home };
      }
      if (next !== undefined && 'moveTo' in next) {
        away = await openSettingsAlone({ ...home, what: 'the daemon' });
        place = await moveHome(away);
        if (signal.aborted) break;
      } else place = next?.place;
    }
  } finally {
    await practice.close();
    await away?.close();
  }
  return 0;
}

const refuse = (): Promise<never> =>
  Promise.reject(new BroadsideError('busy', 'The data directory is being moved. Try again when it is there.'));

function newToken(): string {
  return randomBytes(32).toString('base64url');
}

async function takeAlong({ settings }: LockedSettings, node: ComposedNode): Promise<void> {
  for (const name of INTERFACE_SETTINGS) await node.settings.set(name, settings.get(name));
  await node.settings.set('welcomed', true);
}

export function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
