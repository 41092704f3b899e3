/** From a link to the tab that shows it. */
import { explainFileLinkProblem, formatFileLink, parseFileLink } from '../../shared/base/file-links.ts';
import { explainAddressProblem, parseAddress } from '../../shared/base/short-addresses.ts';
import { node } from './connection/node.svelte.ts';
import { directDownload } from './direct-download.svelte.ts';
import { lookUp } from './look-up.svelte.ts';
import { notices } from './notices.svelte.ts';
import { router } from './route.svelte.ts';

/** What is wrong with a link or short address, in words; undefined when it can be opened. */
export function linkProblem(text: string): string | undefined {
  const parsed = parseAddress(text);
  if (parsed.ok) return undefined;
  if (parsed.code !== 'file-link') return explainAddressProblem(parsed.code, text);
  const file = parseFileLink(text);
  return file.ok ? undefined : explainFileLinkProblem(file.code, text);
}

/**
 * Goes to the tab in which the link is open, or opens it in a new one. A short address is looked up first, and of a shared file is
 * asked first.
 */
export async function openLink(text: string): Promise<void> {
  const link = text.trim();
  const parsed = parseAddress(link);
  const file = parseFileLink(link);
  if (file.ok) return directDownload.ask({ ...file.value, link: formatFileLink(file.value) });
  if (parsed.ok && parsed.value.kind !== 'publication') return openAddress(link);
  const compact = link.replace(/\s+/g, '');
  const open = node.jobs?.find(
    (job) => job.kind === 'open' && job.link === compact && (job.state === 'running' || job.state === 'done'),
  );
  const id = open?.id ?? (await notices.attempt(() => node.call('open.start', { link })))?.job;
  if (id !== undefined) router.go('read', id);
}

/** Looks where a short address leads, and opens it where that is one publication; else the view shows what there is. */
async function openAddress(text: string): Promise<void> {
  router.go('address');
  const found = await lookUp.begin(text);
  if (found?.link === undefined || router.current.view !== 'address') return;
  const { link, kind, address } = found;
  const started = await notices.attempt(() => node.call('open.start', { link }));
  if (started === undefined) return;
  // Going back leads to where one was before, and not to looking once more.
  router.replace('read', started.job);
  // One that is not followed has nothing to note.
  if (kind === 'pen') await node.call('pens.seen', { address }).catch(() => undefined);
}

/** Closes the tab: stops what still runs, and takes it off the node's list. */
export async function closeTab(id: string): Promise<void> {
  const job = node.job(id);
  if (router.current.view === 'read' && router.current.detail === id) {
    const tabs = (node.jobs ?? []).filter((other) => other.kind === 'open' && other.id !== id);
    const next = tabs[0];
    if (next === undefined) router.go('home');
    else router.go('read', next.id);
  }
  if (job === undefined) return;
  await notices.attempt(async () => {
    if (job.state === 'running') await node.call('jobs.cancel', { job: id });
    await node.call('jobs.dismiss', { job: id });
  });
}
