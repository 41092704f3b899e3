import { BroadsideError } from '../../../../shared/base/errors.ts';
import type { Wish } from '../../../../shared/ipc/search-model.ts';
import { explainQueryProblem, parseQuery } from '../../../core/search/query-text.ts';
import { withSession } from '../context.ts';
import type { CommandContext } from '../context.ts';
import { printable } from '../output.ts';

/** `wish add WORDS...` keeps looking while a node runs on the data directory; `wish list`; `wish remove ID`. */
export async function wish(context: CommandContext): Promise<number> {
  const [action, ...rest] = context.args.positionals;
  if (action === 'add' && rest.length > 0) return add(context, rest.join(' '));
  if (action === 'list' && rest.length === 0) return list(context);
  if (action === 'remove' && rest.length === 1) return remove(context, rest[0]!);
  throw new BroadsideError('usage', 'Say wish add WORDS..., wish list, or wish remove ID.');
}

async function add(context: CommandContext, query: string): Promise<number> {
  const parsed = parseQuery(query);
  if (!parsed.ok) throw new BroadsideError('usage', explainQueryProblem(parsed.problem, query));
  const made = await withSession(context, (session) => session.client.call('wishes.add', { query }));
  context.output.result(
    made,
    [`Wished for: ${lineOf(made)}`, 'A node that runs here looks about once an hour.'].join('\n'),
  );
  return 0;
}

async function list(context: CommandContext): Promise<number> {
  const wishes = await withSession(context, (session) => session.client.call('wishes.list', null));
  context.output.result({ wishes }, wishes.length === 0 ? 'There are no wishes.' : wishes.map(lineOf).join('\n'));
  return 0;
}

async function remove(context: CommandContext, id: string): Promise<number> {
  await withSession(context, async ({ client }) => {
    const wishes = await client.call('wishes.list', null);
    if (!wishes.some((other) => other.id === id))
      throw new BroadsideError('not-found', 'There is no wish with this id. See broadside wish list.');
    await client.call('wishes.remove', { wish: id });
  });
  context.output.result({ id, removed: true }, 'It is looked for no more.');
  return 0;
}

function lineOf({ id, query, found = 0, fresh, lastMs }: Wish): string {
  const looked = lastMs === undefined ? 'not looked for yet' : `looked for ${new Date(lastMs).toISOString()}`;
  return `${id}  ${printable(query)}: ${found} found, ${fresh} new, ${looked}`;
}
