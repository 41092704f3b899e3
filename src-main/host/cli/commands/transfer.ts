/** What is loaded from others, job by job and file by file: `transfer list`, and what can be asked of one of them. */
import { BroadsideError } from '../../../../shared/base/errors.ts';
import { formatSize } from '../../../../shared/base/size.ts';
import type { DownloadJob, FolderFile, FolderJob, Priority } from '../../../../shared/ipc/model.ts';
import { withSession } from '../context.ts';
import type { CommandContext } from '../context.ts';
import { oneLine, printable } from '../output.ts';
import type { Session } from '../session.ts';

type Loaded = DownloadJob | FolderJob;

/** Its user may have to be asked first what is in it. Guess. */
const LISTED_TIMEOUT_MS = 15_000;
const USAGE =
  'Say transfer list, files JOB, want|leave JOB FILE..., first JOB FILE, high|normal|low JOB [FILE...], or pause|resume|stop JOB.';
const PRIORITIES: readonly string[] = ['high', 'normal', 'low'] satisfies Priority[];

/** FILE: as `transfer files` says it, its number there, or a folder with '/' at its end for all in it. */
export async function transfer(context: CommandContext): Promise<number> {
  const [verb = '', name, ...files] = context.args.positionals;
  if (verb === 'list' && name === undefined) return list(context);
  const isOfFiles = verb === 'want' || verb === 'leave' || verb === 'first';
  const isKnown = isOfFiles || PRIORITIES.includes(verb) || ['files', 'pause', 'resume', 'stop'].includes(verb);
  const takesFiles = isOfFiles || PRIORITIES.includes(verb);
  const isMissing = name === undefined || (isOfFiles && files.length === 0) || (verb === 'first' && files.length > 1);
  if (!isKnown || isMissing || (!takesFiles && files.length > 0)) throw new BroadsideError('usage', USAGE);
  return withSession(context, async (session) => {
    const job = await jobOf(session, name);
    if (verb === 'files') return listFiles(context, session, folderOf(job));
    if (!takesFiles || files.length === 0) return ofJob(context, session, job, verb);
    return ofFiles(context, session, folderOf(job), verb, files);
  });
}

async function list(context: CommandContext): Promise<number> {
  const jobs = await withSession(context, async (session) => loadedOf(await session.client.call('jobs.list', null)));
  const { output } = context;
  for (const job of jobs) {
    const { id, kind, title, state, stage, bytesDone, path, priority = 'normal' } = job;
    const sizeBytes = job.sizeBytes ?? (job.kind === 'download' ? job.sizeHintBytes : undefined);
    output.result(
      { job: id, kind, title, state, stage, priority, bytesDone, sizeBytes, path },
      `${id}  ${kind}  ${printable(oneLine(title))}: ${job.isPaused === true ? 'paused' : state === 'running' ? stage : state}, ${formatSize(bytesDone)}${sizeBytes === undefined ? '' : ` of ${formatSize(sizeBytes)}`}`,
    );
  }
  if (output.json) output.result({ done: true, jobs: jobs.length }, '');
  if (jobs.length === 0) output.say('Nothing is loaded from others.');
  return 0;
}

async function listFiles({ output, signal }: CommandContext, session: Session, job: FolderJob): Promise<number> {
  const files = await filesOf(session, job, signal);
  for (const file of files) {
    const { index, sizeBytes, state, priority = 'normal', error } = file;
    const path = pathOf(file);
    output.result(
      { file: index, path, sizeBytes, state, priority, ...(error !== undefined && { error: error.message }) },
      `${index}  ${printable(oneLine(path))}: ${error?.message ?? state}${priority === 'normal' ? '' : `, ${priority}`}, ${formatSize(sizeBytes)}`,
    );
  }
  if (output.json) output.result({ done: true, files: files.length }, '');
  return 0;
}

async function ofJob(
  { args, output }: CommandContext,
  { client }: Session,
  job: Loaded,
  verb: string,
): Promise<number> {
  const { id, kind } = job;
  const withFiles = args.flag('with-files');
  let said: string;
  switch (verb) {
    case 'pause':
      await client.call(`${kind}.pause`, { job: id });
      said = 'It asks for nothing more; transfer resume goes on with it.';
      break;
    case 'resume': {
      const next = await client.call('jobs.resume', { job: id });
      output.result({ job: next.job }, `It goes on, as ${next.job}.`);
      return 0;
    }
    case 'stop':
      if (job.kind === 'download') await client.call('download.discard', { job: id });
      else await client.call('folder.discard', { job: id, files: withFiles });
      said = job.kind === 'folder' && !withFiles ? 'It ended. What is whole stays.' : 'It ended, and is off the disk.';
      break;
    default:
      await client.call('download.order', { job: id, priority: verb as Priority });
      said = `Its turn among downloads is ${verb} now.`;
  }
  output.result({ job: id }, said);
  return 0;
}

async function ofFiles(
  { output, signal }: CommandContext,
  session: Session,
  job: FolderJob,
  verb: string,
  named: readonly string[],
): Promise<number> {
  const { client } = session;
  const all = await filesOf(session, job, signal);
  const files = [...new Set(named.flatMap((name) => indexesOf(all, name)))];
  if (verb === 'first') await client.call('folder.next', { job: job.id, file: files[0]! });
  else if (verb === 'want' || verb === 'leave')
    await client.call('folder.choose', { job: job.id, files, wanted: verb === 'want' });
  else await client.call('folder.order', { job: job.id, files, priority: verb as Priority });
  const said: Readonly<Record<string, string>> = {
    first: 'It comes next.',
    want: `Wanted: ${files.length} files.`,
    leave: `Left out: ${files.length} files. What is whole stays.`,
  };
  output.result(
    { job: job.id, files: files.length },
    said[verb] ?? `Their turn is ${verb} now: ${files.length} files.`,
  );
  return 0;
}

function loadedOf(jobs: readonly { readonly kind: string }[]): Loaded[] {
  return jobs.filter((job): job is Loaded => job.kind === 'download' || job.kind === 'folder');
}

/** By its id, or as much of it as no other has at its beginning. */
async function jobOf({ client }: Session, name: string): Promise<Loaded> {
  const found = loadedOf(await client.call('jobs.list', null)).filter(({ id }) => id.startsWith(name));
  const job = found.find(({ id }) => id === name) ?? found[0];
  if (job === undefined)
    throw new BroadsideError('not-found', `Nothing that is loaded is ${name}. See broadside transfer list.`);
  if (job.id !== name && found.length > 1)
    throw new BroadsideError('usage', `${found.length} jobs begin with ${name}. Write more of it.`);
  return job;
}

function folderOf(job: Loaded): FolderJob {
  if (job.kind === 'folder') return job;
  throw new BroadsideError('usage', 'This is one file, not a folder. Leave the files out, or name a folder’s job.');
}

function pathOf({ folder, name }: FolderFile): string {
  return folder === '' ? name : `${folder}/${name}`;
}

function indexesOf(files: readonly FolderFile[], name: string): number[] {
  const found = files.filter((file) => (name.endsWith('/') ? pathOf(file).startsWith(name) : pathOf(file) === name));
  const byNumber = found.length === 0 && /^\d{1,5}$/.test(name) ? files[Number(name)] : undefined;
  if (byNumber !== undefined) return [byNumber.index];
  if (found.length > 0) return found.map(({ index }) => index);
  throw new BroadsideError(
    'not-found',
    `The folder has no file ${JSON.stringify(name)}. See broadside transfer files JOB.`,
  );
}

/** When it is known what is in it. */
async function filesOf(session: Session, job: FolderJob, signal: AbortSignal): Promise<FolderFile[]> {
  if (job.state === 'running') await Promise.race([untilListed(session, job.id, signal), session.lost]);
  const files: FolderFile[] = [];
  for (;;) {
    signal.throwIfAborted();
    const page = await session.client.call('folder.files', { job: job.id, from: files.length });
    files.push(...page.files);
    if (page.files.length === 0 || files.length >= page.total) return files;
  }
}

async function untilListed({ client }: Session, id: string, signal: AbortSignal): Promise<void> {
  let stopListening = (): void => {};
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LISTED_TIMEOUT_MS)]);
  try {
    await new Promise<void>((resolve, reject) => {
      const see = (job: {
        readonly id: string;
        readonly kind: string;
        readonly state: string;
        readonly stage?: string;
      }): void => {
        if (job.id === id && (job.state !== 'running' || job.stage !== 'listing')) resolve();
      };
      stopListening = client.on('job', (job) => see(job as FolderJob));
      limit.addEventListener('abort', () => reject(limit.reason as Error), { once: true });
      client.call('jobs.get', { job: id }).then((job) => see(job as FolderJob), reject);
    });
  } catch (thrown) {
    signal.throwIfAborted();
    if (!limit.aborted) throw thrown;
    throw new BroadsideError('busy', 'It is not known yet what is in this folder. Wait until its user has answered.');
  } finally {
    stopListening();
  }
}
