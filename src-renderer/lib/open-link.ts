/** From a link to the tab that shows it. */
import { explainLinkProblem, parseLink } from '../../shared/base/links.ts';
import { node } from './connection/node.svelte.ts';
import { notices } from './notices.svelte.ts';
import { router } from './route.svelte.ts';

/** What is wrong with a link, in words; undefined when it can be opened. */
export function linkProblem(text: string): string | undefined {
  const parsed = parseLink(text);
  return parsed.ok ? undefined : explainLinkProblem(parsed.code, text);
}

/** Goes to the tab in which the link is open, or opens it in a new one. */
export async function openLink(text: string): Promise<void> {
  const link = text.trim();
  const compact = link.replace(/\s+/g, '');
  const open = node.jobs?.find(
    (job) => job.kind === 'open' && job.link === compact && (job.state === 'running' || job.state === 'done'),
  );
  const id = open?.id ?? (await notices.attempt(() => node.call('open.start', { link })))?.job;
  if (id !== undefined) router.go('read', id);
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
