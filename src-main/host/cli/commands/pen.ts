import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { BroadsideError } from '../../../../shared/base/errors.ts';
import { explainAddressProblem, formatAddress, parsePenAddress } from '../../../../shared/base/short-addresses.ts';
import type { Following, Pen } from '../../../../shared/ipc/address-model.ts';
import { withSession } from '../context.ts';
import type { CommandContext } from '../context.ts';
import { FIRST_NEIGHBOUR_TIMEOUT_MS, hasNeighbour, waitForNeighbour } from '../job.ts';
import { checkLink } from '../link.ts';
import { printable } from '../output.ts';
import type { Session } from '../session.ts';
import { readPassword } from '../password-file.ts';

/** Far above an export of the longest names. */
const MAX_FILE_BYTES = 65_536;

interface Action {
  readonly arguments: readonly string[];
  readonly run: (context: CommandContext, values: readonly string[]) => Promise<number>;
}

const ACTIONS: Readonly<Record<string, Action>> = {
  create: { arguments: ['NAME'], run: (context, [name]) => create(context, name!) },
  list: { arguments: [], run: (context) => list(context) },
  set: { arguments: ['PEN/NAME', 'LINK'], run: (context, [entry, link]) => set(context, entry!, link!) },
  get: { arguments: ['@KEY/NAME'], run: (context, [address]) => get(context, address!) },
  export: { arguments: ['NAME', 'FILE'], run: (context, [name, file]) => exportTo(context, name!, file!) },
  import: { arguments: ['FILE'], run: (context, [file]) => importFrom(context, file!) },
  follow: { arguments: ['@KEY/NAME'], run: (context, [address]) => follow(context, address!) },
  unfollow: { arguments: ['@KEY/NAME'], run: (context, [address]) => unfollow(context, address!) },
  following: { arguments: [], run: (context) => following(context) },
};

export async function pen(context: CommandContext): Promise<number> {
  const [name, ...values] = context.args.positionals;
  const action = Object.hasOwn(ACTIONS, name!) ? ACTIONS[name!] : undefined;
  if (action === undefined) {
    throw new BroadsideError('usage', `pen ${name} is not known. There are: ${Object.keys(ACTIONS).join(', ')}.`);
  }
  if (values.length !== action.arguments.length) {
    throw new BroadsideError('usage', `It is: broadside pen ${[name, ...action.arguments].join(' ')}`);
  }
  return action.run(context, values);
}

async function create(context: CommandContext, name: string): Promise<number> {
  const made = await withSession(context, ({ client }) => client.call('pens.create', { name }));
  context.output.result(
    { link: `broadside:${made.key}`, edition: 0, pen: made.name, key: made.key },
    [
      `Created: ${printable(made.name)}`,
      `Key:     ${made.key}`,
      '',
      'Its secret is on this machine only. Keep a copy: broadside pen export NAME FILE --password-file F',
    ].join('\n'),
  );
  return 0;
}

async function list(context: CommandContext): Promise<number> {
  const pens = await withSession(context, ({ client }) => client.call('pens.list', null));
  const lines = pens.flatMap((made) => [
    `${printable(made.name)}  ${made.key}`,
    ...made.entries.map((entry) => `  ${entry.name}  edition ${entry.edition}  ${entry.link ?? '(set elsewhere)'}`),
  ]);
  context.output.result({ pens }, pens.length === 0 ? 'There are no pen names here.' : lines.join('\n'));
  return 0;
}

async function set(context: CommandContext, text: string, link: string): Promise<number> {
  const { output, signal } = context;
  const slash = text.indexOf('/');
  if (slash <= 0)
    throw new BroadsideError('usage', `${JSON.stringify(text)} is not PEN/NAME. Write the pen name, “/” and a name.`);
  checkLink(link);
  const made = await withSession(context, async (session) => {
    const name = await nameOf(session, text.slice(0, slash));
    await waitForNeighbour(session, output, signal);
    signal.throwIfAborted();
    return Promise.race([
      session.client.call('pens.set', { pen: name, name: text.slice(slash + 1), link }),
      session.lost,
    ]);
  });
  output.result(
    { link: made.link, edition: made.edition, address: made.address, slots: made.slots },
    `Edition ${made.edition} of ${made.address}: ${made.slots.placed} of ${made.slots.wanted} slots placed.`,
  );
  return 0;
}

async function get(context: CommandContext, text: string): Promise<number> {
  const { output, signal } = context;
  const resolved = await withSession(context, async (session) => {
    const address = await addressOf(session, text);
    await waitForNeighbour(session, output, signal);
    return Promise.race([session.client.call('address.resolve', { address }), session.lost]);
  });
  if (resolved.kind !== 'pen') throw new Error(`a pen name led to a ${resolved.kind}`);
  const { link, edition, address } = resolved;
  output.result({ link, edition, address }, `Edition ${edition}: ${link}`);
  return 0;
}

async function exportTo(context: CommandContext, name: string, path: string): Promise<number> {
  const password = passwordOf(context);
  const { requireStrongPassword } = await import('../../../services/publish/password.ts');
  await requireStrongPassword(password, [name]);
  const { file, key } = await withSession(context, async (session) => {
    const made = await penOf(session, name);
    const { file: base64 } = await session.client.call('pens.export', { pen: made.name, password });
    return { file: Buffer.from(base64, 'base64'), key: made.key };
  });
  try {
    writeFileSync(path, file, { mode: 0o600, flag: 'wx', flush: true });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const exists = code === 'EEXIST';
    // Half of a secret is none.
    if (!exists) rmSync(path, { force: true });
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw new BroadsideError('no-space', `There is no room on the disk for ${path}. Free some, and export again.`, {
        cause,
      });
    throw new BroadsideError(
      'usage',
      `${path} ${exists ? 'exists already, and is not written over' : 'cannot be written'}. Name another file.`,
      { cause },
    );
  }
  context.output.result(
    { path, key, sizeBytes: file.length },
    `Exported to ${path}. Whoever has the file and the password can set what this pen name leads to.`,
  );
  return 0;
}

async function importFrom(context: CommandContext, path: string): Promise<number> {
  const password = passwordOf(context);
  const file = readExport(path).toString('base64');
  const name = context.args.text('name');
  const made = await withSession(context, ({ client }) =>
    client.call('pens.import', { file, password, ...(name !== undefined && { name }) }),
  );
  context.output.result(
    { link: `broadside:${made.key}`, edition: newestEdition(made), pen: made.name, key: made.key },
    `Imported: ${printable(made.name)}  ${made.key}`,
  );
  return 0;
}

async function follow(context: CommandContext, text: string): Promise<number> {
  const { output, signal } = context;
  const found = await withSession(context, async (session) => {
    const address = await addressOf(session, text);
    const followed = await session.client.call('pens.follow', { address });
    const connected = await hasNeighbour(session, FIRST_NEIGHBOUR_TIMEOUT_MS, signal, () =>
      output.say('Waiting for a first neighbour'),
    );
    signal.throwIfAborted();
    if (!connected) return followed;
    const all = await Promise.race([session.client.call('pens.look', { address }), session.lost]);
    return all.find((other) => other.address === followed.address) ?? followed;
  });
  output.result(shown(found), lineOf(found));
  return 0;
}

async function unfollow(context: CommandContext, text: string): Promise<number> {
  const address = await withSession(context, async (session) => {
    const whole = await addressOf(session, text);
    await session.client.call('pens.unfollow', { address: whole });
    return whole;
  });
  context.output.result({ address }, `No longer followed: ${address}`);
  return 0;
}

async function following(context: CommandContext): Promise<number> {
  const { args, output, signal } = context;
  const followed = await withSession(context, async (session) => {
    if (!args.flag('look')) return session.client.call('pens.following', null);
    await waitForNeighbour(session, output, signal);
    return Promise.race([session.client.call('pens.look', {}), session.lost]);
  });
  output.result(
    { following: followed.map(shown) },
    followed.length === 0 ? 'Nothing is followed.' : followed.map(lineOf).join('\n'),
  );
  return 0;
}

function shown({ address, link, edition, seenEdition, checkedMs, foundMs }: Following): object {
  return { address, link: link ?? null, edition, new: edition > seenEdition, checkedMs, foundMs };
}

function lineOf({ address, link, edition, seenEdition }: Following): string {
  if (link === undefined) return `${address}  nothing found there yet`;
  return `${address}  edition ${edition}${edition > seenEdition ? ' (new)' : ''}  ${link}`;
}

function newestEdition({ entries }: Pen): number {
  return Math.max(0, ...entries.map(({ edition }) => edition));
}

/** A pen that is here, by its name or its key. Throws `not-found`. */
async function penOf(session: Session, text: string): Promise<Pen> {
  const pens = await session.client.call('pens.list', null);
  const made = pens.find(({ name, key }) => name === text.normalize('NFC') || key === text);
  if (made !== undefined) return made;
  throw new BroadsideError(
    'not-found',
    `There is no pen name ${JSON.stringify(text)} on this machine. Create it (pen create), or import it (pen import).`,
  );
}

const nameOf = async (session: Session, text: string): Promise<string> => (await penOf(session, text)).name;

/** `@KEY/NAME`, its whole address, or PEN/NAME of a pen that is here. Throws `bad-link`, `not-found`. */
async function addressOf(session: Session, text: string): Promise<string> {
  const parsed = parsePenAddress(text);
  if (parsed.ok) return formatAddress(parsed.value);
  const slash = text.indexOf('/');
  if (parsed.code === 'not-a-link' && slash > 0) {
    const { key } = await penOf(session, text.slice(0, slash));
    const own = parsePenAddress(`${key}${text.slice(slash)}`);
    if (own.ok) return formatAddress(own.value);
    throw new BroadsideError('bad-link', explainAddressProblem(own.code, text));
  }
  throw new BroadsideError(
    parsed.code === 'not-in-version' || parsed.code === 'newer-pen-key' ? 'not-in-version' : 'bad-link',
    explainAddressProblem(parsed.code, text),
  );
}

function passwordOf({ args }: CommandContext): string {
  const path = args.text('password-file');
  if (path !== undefined) return readPassword(path);
  throw new BroadsideError('usage', 'A password is needed: --password-file F, a file whose first line it is.');
}

function readExport(path: string): Buffer {
  try {
    if (statSync(path).size <= MAX_FILE_BYTES) return readFileSync(path);
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new BroadsideError(
      'usage',
      `${path} ${missing ? 'does not exist' : 'cannot be read'}. Name the exported file.`,
      {
        cause,
      },
    );
  }
  throw new BroadsideError(
    'damaged',
    `${path} is not a file that a pen name was exported to. Choose the one that pen export wrote.`,
  );
}
