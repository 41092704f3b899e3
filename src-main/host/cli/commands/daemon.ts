import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { composeNode } from '../../compose.ts';
import { tellOfContent } from '../../content/tell.ts';
import { findViewerAssets } from '../../content/viewer.ts';
import { removeDaemonFile, writeDaemonFile } from '../../daemon-file.ts';
import { startHeadlessServer } from '../../headless/server.ts';
import { PROJECT_ROOT } from '../../project-root.ts';
import { nodeChoice } from '../context.ts';
import type { CommandContext } from '../context.ts';
import { wholeNumber } from '../usage.ts';

/** Runs until it is interrupted; exit code 0, for that is how it ends. */
export async function daemon(context: CommandContext): Promise<number> {
  const { args, output, signal, directory, onDefect } = context;
  const port = wholeNumber(args, 'port', 0, 0, 65_535);
  const choice = nodeChoice(context);
  // The server's port is known only when it listens, and its origins only matter once somebody opens something.
  let served = 0;
  const node = await composeNode({
    ...choice,
    originUrl: (label) => `http://${label}.localhost:${served}/`,
    onDamaged: (movedTo) => output.say(`A damaged file was moved to ${movedTo}; a fresh one is in its place.`),
  });
  try {
    signal.throwIfAborted();
    const token = randomBytes(32).toString('base64url');
    const server = await startHeadlessServer({
      port,
      token,
      contract: node.contract,
      origin: (label) => node.origins.find(label),
      inert: node.inert,
      onTold: (label, told) => tellOfContent(node.app, `http://${label}.localhost:${served}/`, told),
      receive: (staging, path, body, options) => node.app.staging.receive(staging, path, body, options),
      rendererDirectory: join(PROJECT_ROOT, 'out', 'renderer'),
      viewerAssets: findViewerAssets(PROJECT_ROOT),
      onDefect,
    });
    served = server.port;
    try {
      writeDaemonFile(directory, { pid: process.pid, port: server.port, token });
      process.stdout.write(
        `${JSON.stringify({ ready: true, url: server.url, publicKey: node.publicKey, dht: node.dht() })}\n`,
      );
      await aborted(signal);
    } finally {
      removeDaemonFile(directory);
      await server.stop();
    }
  } finally {
    await node.stop();
  }
  return 0;
}

export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
