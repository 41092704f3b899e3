import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { BroadsideError } from '../../../../shared/base/errors.ts';
import { formatSize } from '../../../../shared/base/size.ts';
import type { SharedFolder } from '../../../../shared/ipc/search-model.ts';
import { withSession } from '../context.ts';
import type { CommandContext } from '../context.ts';
import { printable } from '../output.ts';
import { lineOf } from '../progress.ts';
import type { Session } from '../session.ts';

/** `share add DIR` waits until all of it is hashed; `remove DIR`, `stop [DIR]`, `start [DIR]`, `list`. */
export async function share(context: CommandContext): Promise<number> {
  const [action, path] = context.args.positionals;
  if (action === 'list' && path === undefined) return list(context);
  if (action === 'add' && path !== undefined) return add(context, path);
  if (action === 'remove' && path !== undefined) return remove(context, path);
  if (action === 'stop') return pause(context, path, 'shares.stop');
  if (action === 'start') return pause(context, path, 'shares.start');
  throw new BroadsideError(
    'usage',
    'Say share add DIR, share remove DIR, share list, share stop [DIR], or share start [DIR].',
  );
}

async function add(context: CommandContext, path: string): Promise<number> {
  const { args, output } = context;
  const folder = await withSession(context, async (session) => {
    const { client } = session;
    const added = await client.call('shares.add', {
      path: resolve(path),
      withHidden: args.flag('hidden'),
      evenSo: args.flag('even-so'),
    });
    if (added.state === 'stopped') await client.call('shares.start', { id: added.id });
    return hashed(session, added.id, context);
  });
  const left = folder.leftOut.map(({ reason, count }) => `${count} ${LEFT_OUT[reason]}`);
  output.result(
    {
      files: folder.offeredFiles,
      sizeBytes: folder.offeredBytes,
      path: folder.path,
      leftOut: Object.fromEntries(folder.leftOut.map(({ reason, count }) => [reason, count])),
    },
    [
      `Shared: ${sentence(folder)}`,
      ...(left.length === 0 ? [] : [`Left out: ${left.join(', ')}.`]),
      'Whoever searches or has a link can load these files from this node, and sees its address.',
      'Others may look through all of them, too; “config set browse-shares off” ends that.',
    ].join('\n'),
  );
  return 0;
}

/** The folder once all of it is offered. An interrupted wait leaves the hashing going on. */
async function hashed(
  session: Session,
  id: string,
  { output, signal, command }: CommandContext,
): Promise<SharedFolder> {
  const { client, daemon, lost } = session;
  let told = (): void => {};
  const stopListening = client.on('shares', () => told());
  const stop = (): void => told();
  signal.addEventListener('abort', stop, { once: true });
  let stage = '';
  try {
    for (;;) {
      const change = new Promise<void>((done) => (told = done));
      const folder = (await client.call('shares.list', null)).find((other) => other.id === id);
      if (signal.aborted) throw interrupted(daemon, command);
      if (folder === undefined) throw new BroadsideError('not-found', 'This folder is not shared any more.');
      if (folder.state === 'missing') {
        throw new BroadsideError('not-found', `${folder.path} is not there any more. It is shared when it is back.`);
      }
      if (folder.state === 'shared') return folder;
      const picture = pictureOf(folder);
      if (output.terminal) output.progress(lineOf(folder, picture, output.width()));
      else if (picture.stage !== stage) output.say(picture.stage);
      stage = picture.stage;
      await Promise.race([change, lost]);
    }
  } finally {
    output.progress('');
    stopListening();
    signal.removeEventListener('abort', stop);
  }
}

function interrupted(daemon: boolean, command: string): BroadsideError {
  const how = daemon
    ? 'It goes on in the node that runs on this data directory.'
    : 'It goes on when a node runs on this data directory again.';
  return new BroadsideError('cancelled', `${how} See broadside ${command} list; broadside ${command} remove ends it.`);
}

function pictureOf({
  state,
  files,
  offeredFiles,
  sizeBytes,
  offeredBytes,
}: SharedFolder): Parameters<typeof lineOf>[1] {
  if (state === 'looking') return { stage: 'Looking through the folder', detail: '', fraction: undefined };
  const detail = `${offeredFiles} of ${files} files`;
  return { stage: 'Hashing', detail, fraction: sizeBytes === 0 ? undefined : offeredBytes / sizeBytes };
}

async function list(context: CommandContext): Promise<number> {
  const folders = await withSession(context, (session) => looked(session, context.signal));
  const sum = (of: (folder: SharedFolder) => number): number => folders.reduce((all, folder) => all + of(folder), 0);
  const [files, sizeBytes] = [sum(({ files: count }) => count), sum(({ sizeBytes: size }) => size)];
  context.output.result(
    {
      ...{ files, sizeBytes },
      folders: folders.map(({ path, state, files: count, sizeBytes: size, offeredFiles, leftOut }) => ({
        ...{ path, state, files: count, sizeBytes: size, offeredFiles },
        leftOut: Object.fromEntries(leftOut.map(({ reason, count: number }) => [reason, number])),
      })),
    },
    folders.length === 0
      ? 'Nothing is shared from here.'
      : [
          ...folders.map((folder) => `${STATES[folder.state]}  ${sentence(folder)}`),
          `${files} files, ${formatSize(sizeBytes)} in all.`,
        ].join('\n'),
  );
  return 0;
}

/** All folders once each was looked through: a node that has just started does not know yet what is in them. */
async function looked({ client, lost }: Session, signal: AbortSignal): Promise<SharedFolder[]> {
  let told = (): void => {};
  const stopListening = client.on('shares', () => told());
  signal.addEventListener('abort', () => told(), { once: true });
  try {
    for (;;) {
      const change = new Promise<void>((done) => (told = done));
      const folders = await client.call('shares.list', null);
      signal.throwIfAborted();
      if (folders.every(({ state }) => state !== 'looking')) return folders;
      await Promise.race([change, lost]);
    }
  } finally {
    stopListening();
  }
}

async function remove(context: CommandContext, path: string): Promise<number> {
  const folder = await withSession(context, async (session) => {
    const { client } = session;
    const found = folderAt(await looked(session, context.signal), path);
    await client.call('shares.remove', { id: found.id });
    return found;
  });
  context.output.result(
    { files: folder.files, sizeBytes: folder.sizeBytes, path: folder.path },
    `Not shared any more: ${sentence(folder)}\nThe files themselves stay as they are. Who has loaded one has it.`,
  );
  return 0;
}

async function pause(
  context: CommandContext,
  path: string | undefined,
  call: 'shares.stop' | 'shares.start',
): Promise<number> {
  const folders = await withSession(context, async ({ client }) => {
    const found = path === undefined ? undefined : folderAt(await client.call('shares.list', null), path);
    await client.call(call, found === undefined ? {} : { id: found.id });
    const all = await client.call('shares.list', null);
    return found === undefined ? all : all.filter(({ id }) => id === found.id);
  });
  context.output.result(
    {
      files: folders.reduce((all, { files }) => all + files, 0),
      sizeBytes: folders.reduce((all, { sizeBytes }) => all + sizeBytes, 0),
    },
    folders.map((folder) => `${STATES[folder.state]}  ${sentence(folder)}`).join('\n') ||
      'Nothing is shared from here.',
  );
  return 0;
}

/** Throws `not-found`. One that is not on the disk any more is known by its path. */
function folderAt(folders: readonly SharedFolder[], path: string): SharedFolder {
  const plain = resolve(path);
  let real = plain;
  try {
    real = realpathSync(plain);
  } catch {
    // Gone, or it cannot be read: the path as it was typed.
  }
  const found = folders.find((folder) => folder.path === real || folder.path === plain);
  if (found !== undefined) return found;
  throw new BroadsideError('not-found', `${plain} is not shared. See broadside share list.`);
}

function sentence({ path, files, sizeBytes }: SharedFolder): string {
  return `${printable(path)}: ${files} ${files === 1 ? 'file' : 'files'}, ${formatSize(sizeBytes)}`;
}

const STATES = {
  looking: 'being looked through',
  hashing: 'being hashed',
  shared: 'shared',
  missing: 'not there now',
  stopped: 'stopped',
} as const satisfies Record<SharedFolder['state'], string>;

const LEFT_OUT = {
  hidden: 'hidden',
  system: 'of the system or unfinished',
  link: 'symbolic links',
  unreadable: 'unreadable',
  special: 'pipes or devices',
  name: 'with names that cannot be sent',
  changing: 'being written to',
  'too-much': 'beyond what one node shares',
} as const satisfies Record<SharedFolder['leftOut'][number]['reason'], string>;
