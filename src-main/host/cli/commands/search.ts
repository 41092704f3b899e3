import { BroadsideError } from '../../../../shared/base/errors.ts';
import type { SearchNews, SearchState, Result } from '../../../../shared/ipc/search-model.ts';
import { explainQueryProblem, parseQuery } from '../../../core/search/query-text.ts';
import { withSession } from '../context.ts';
import type { CommandContext } from '../context.ts';
import { waitForNeighbour } from '../job.ts';
import { resultTable, summary } from '../search-lines.ts';
import type { Session } from '../session.ts';
import { wholeNumber } from '../usage.ts';
import type { Arguments } from '../usage.ts';

/** As the contract. */
const MAX_WANTED = 1_000;
const MAX_TIMEOUT_SECONDS = 120;
/** A node that was just started may know no hub yet: so long it is asked again, and so often. Guesses. */
const FIRST_HUB_MS = 10_000;
const RETRY_MS = 300;

interface Asked {
  readonly query: string;
  readonly wanted: number;
  readonly timeoutMs: number;
}

/** Exit code 0 whatever was found, nothing too: it was looked for. 4 where there was nobody to ask. */
export async function search(context: CommandContext): Promise<number> {
  const { args, output, signal } = context;
  const asked: Asked = {
    query: queryOf(args),
    wanted: wholeNumber(args, 'limit', 250, 1, MAX_WANTED),
    timeoutMs: 1_000 * wholeNumber(args, 'timeout', 30, 1, MAX_TIMEOUT_SECONDS),
  };
  const { state, found } = await withSession(context, async (session) => {
    await waitForNeighbour(session, output, signal);
    return untilAsked(session, asked, context);
  });
  if (output.json) output.result({ done: true, hits: found.length, messages: state.messages, end: state.end }, '');
  else if (found.length > 0) output.result(undefined, resultTable(found, undefined, args.flag('users')));
  output.say(summary(state, found.length));
  signal.throwIfAborted();
  if (state.end === 'no-hubs' && found.length === 0) {
    throw new BroadsideError(
      'offline',
      'There is no hub to ask, and no neighbour that could be asked instead. Try again in a minute.',
    );
  }
  return 0;
}

/** The words as one query, with what the options say as its filters. Throws `usage` with what is wrong and where. */
function queryOf(args: Arguments): string {
  const words = args.positionals.join(' ');
  const filter = (option: string, prefix: string): string[] => {
    const value = args.text(option);
    if (value === undefined) return [];
    const parsed = /\s/.test(value) ? undefined : parseQuery(`a ${prefix}${value}`);
    if (parsed?.ok === true) return [`${prefix}${value}`];
    const says =
      parsed === undefined ? 'Leave blanks out.' : explainQueryProblem(parsed.problem, `a ${prefix}${value}`);
    throw new BroadsideError('usage', `--${option} ${value} cannot be. ${says}`);
  };
  const filters = [
    ...filter('kind', 'kind:'),
    ...filter('type', 'type:'),
    ...filter('min-size', 'size:>'),
    ...filter('max-size', 'size:<'),
  ];
  const query = [words, ...filters].join(' ');
  const parsed = parseQuery(query);
  if (!parsed.ok) throw new BroadsideError('usage', explainQueryProblem(parsed.problem, query));
  return query;
}

/** Asks once there is somebody to ask, or says at last that there is nobody. */
async function untilAsked(session: Session, asked: Asked, context: CommandContext): Promise<Outcome> {
  const endMs = performance.now() + Math.min(FIRST_HUB_MS, asked.timeoutMs);
  for (;;) {
    const outcome = await ask(session, asked, context);
    if (outcome.state.end !== 'no-hubs' || outcome.found.length > 0 || performance.now() > endMs) return outcome;
    context.output.progress('Waiting for a first hub');
    await pause(RETRY_MS, context.signal);
    if (context.signal.aborted) return outcome;
  }
}

interface Outcome {
  readonly state: SearchState;
  /** Best first. */
  readonly found: readonly Result[];
}

/** One search, seen through; SIGINT stops it, and what was found until then counts. With JSON each content is told as it comes. */
async function ask(session: Session, asked: Asked, { args, output, signal }: CommandContext): Promise<Outcome> {
  const { client, lost } = session;
  const found = new Map<string, Result>();
  const early: SearchNews[] = [];
  let id: string | undefined;
  let ended = (_state: SearchState): void => {};
  const end = new Promise<SearchState>((resolve) => (ended = resolve));
  const see = ({ state, results }: SearchNews): void => {
    for (const result of results) {
      const isNew = !found.has(result.id);
      if (isNew && found.size >= asked.wanted) continue;
      found.set(result.id, result);
      if (isNew && output.json) output.result(hitOf(result, args.flag('users')), '');
    }
    if (state.state === 'searching') output.progress(progressOf(state, found.size));
    else ended(state);
  };
  const stopListening = client.on('search', (news) => {
    if (id === undefined) early.push(news);
    else if (news.state.id === id) see(news);
  });
  const stop = (): void => {
    if (id !== undefined) client.call('search.stop', { search: id }).catch(() => undefined);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    ({ id } = await Promise.race([client.call('search.start', asked), lost]));
    for (const news of early) if (news.state.id === id) see(news);
    if (signal.aborted) stop();
    const state = await Promise.race([end, lost]);
    await client.call('search.dismiss', { search: id });
    return { state, found: [...found.values()].sort((a, b) => (b.score ?? 0) - (a.score ?? 0)) };
  } finally {
    output.progress('');
    stopListening();
    signal.removeEventListener('abort', stop);
  }
}

function hitOf(result: Result, withUsers: boolean): Record<string, unknown> {
  const { name, kind, link, sizeBytes, fileKind, sources, sourceNames, folder } = result;
  const users = { ...(folder !== undefined && { folder }), users: sourceNames?.map(({ publicKey }) => publicKey) };
  return {
    ...{ name, kind, link, sizeBytes, type: fileKind },
    ...(sources !== undefined && { sources }),
    ...(withUsers && sourceNames !== undefined && users),
  };
}

function progressOf({ hubsAsked, hubsKnown }: SearchState, found: number): string {
  const hubs = hubsKnown === 0 ? '' : `, ${hubsAsked} of ${Math.max(hubsAsked, hubsKnown)} hubs asked`;
  return `Searching: ${found} found${hubs}`;
}

/** Resolves early when aborted. */
function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, delayMs);
    function end(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    }
    signal.addEventListener('abort', end, { once: true });
  });
}
