import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { composeNode } from '../../compose.ts';
import type { ComposedNode } from '../../compose.ts';
import { tellOfContent } from '../../content/tell.ts';
import { findViewerAssets } from '../../content/viewer.ts';
import { readInterfaceAddress, removeDaemonFile, writeDaemonFile, writeInterfaceAddress } from '../../daemon-file.ts';
import { startHeadlessServer } from '../../headless/server.ts';
import type { HeadlessOptions, HeadlessServer } from '../../headless/server.ts';
import { openSettingsAlone } from '../../open-settings.ts';
import type { LockedSettings } from '../../open-settings.ts';
import { PROJECT_ROOT } from '../../project-root.ts';
import { nodeChoice } from '../context.ts';
import type { CommandContext } from '../context.ts';
import { PracticeNetwork } from '../practice-network.ts';
import type { Place } from '../practice-network.ts';
import { wholeNumber } from '../usage.ts';

/** What a person set the interface to goes with them to the practice network. */
const INTERFACE_SETTINGS = ['appearance', 'text-percent', 'language'] as const;

/** Runs until it is interrupted; exit code 0, for that is how it ends. */
export async function daemon(context: CommandContext): Promise<number> {
  const { args, output, signal, directory, onDefect } = context;
  const { passphrase: given, ...choice } = nodeChoice(context);
  // Used once, and not kept: what is locked later is not to be opened from memory.
  let passphrase = given;
  const last = readInterfaceAddress(directory);
  const token = (args.flag('new-token') ? undefined : last?.token) ?? randomBytes(32).toString('base64url');
  const practice = new PracticeNetwork(choice, onDefect);
  // The same through all changes of the node behind it, so that windows find it again.
  const asked = wholeNumber(args, 'port', 0, 0, 65_535);
  let port = asked === 0 ? (last?.port ?? 0) : asked;
  let told = false;

  /** Runs one node until another is wanted, which is answered, or nothing is. */
  const run = async (place: Place): Promise<Place | undefined> => {
    const node = await composeNode({
      ...choice,
      ...place,
      ...(passphrase !== undefined && { passphrase }),
      originUrl: (label) => `http://${label}.localhost:${port}/`,
      onDamaged: (movedTo) => output.say(`A damaged file was moved to ${movedTo}; a fresh one is in its place.`),
    });
    passphrase = undefined;
    let server: HeadlessServer | undefined;
    try {
      signal.throwIfAborted();
      if (away !== undefined) await takeAlong(away, node);
      practice.arrived(place);
      const serving: Omit<HeadlessOptions, 'port'> = {
        token,
        contract: {
          handlers: { ...node.contract.handlers, ...practice.handlers },
          on: (name, listener) =>
            name === 'practice' ? practice.on(listener as never) : node.contract.on(name, listener),
        },
        origin: (label) => node.origins.find(label),
        inert: node.inert,
        onTold: (label, page) => tellOfContent(node.contract, `http://${label}.localhost:${port}/`, page),
        receive: (staging, path, body, options) => node.app.staging.receive(staging, path, body, options),
        rendererDirectory: join(PROJECT_ROOT, 'out', 'renderer'),
        viewerAssets: findViewerAssets(PROJECT_ROOT),
        onDefect,
      };
      // The port of last time is only preferred, unless it was asked for.
      server = await startHeadlessServer({ ...serving, port }).catch((thrown: unknown) => {
        if (told || asked !== 0 || port === 0) throw thrown;
        return startHeadlessServer({ ...serving, port: 0 });
      });
      ({ port } = server);
      if (place === choice) writeInterfaceAddress(directory, { port, token });
      // Commands find whatever node runs by the directory that they know.
      writeDaemonFile(directory, { pid: process.pid, port, token });
      if (!told) {
        process.stdout.write(
          `${JSON.stringify({
            ...{ ready: true, url: server.url, publicKey: node.publicKey, dht: node.dht() },
            ...(node.isLocked && { locked: true }),
          })}\n`,
        );
        told = true;
      }
      return await Promise.race([practice.wanted, aborted(signal)]);
    } finally {
      removeDaemonFile(directory);
      await server?.stop();
      await node.stop();
    }
  };

  /** The lock of the data directory while its own node does not run. */
  let away: LockedSettings | undefined;
  try {
    for (let place: Place | undefined = choice; place !== undefined;) {
      if (place === choice) await away?.close();
      away = place === choice ? undefined : await openSettingsAlone({ ...choice, what: 'the daemon' });
      try {
        place = await run(place);
      } catch (thrown) {
        if (place === choice) throw thrown;
        await practice.failed(thrown);
        place = choice;
      }
    }
  } finally {
    await practice.close();
    await away?.close();
  }
  return 0;
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
