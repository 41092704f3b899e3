/** What the terminal says before something is sent, while it can still be stopped: what readers will not see of it. */
import type { BlockedKind } from '../../../shared/base/blocked.ts';
import type { Preview } from '../../../shared/ipc/contract.ts';
import type { PublishJob, UpdateJob } from '../../../shared/ipc/model.ts';
import { waitForNeighbour } from './job.ts';
import { tellMetadata } from './metadata-care.ts';
import type { StripOptions } from './metadata-care.ts';
import { oneLine } from './output.ts';
import type { Output } from './output.ts';
import type { Session } from './session.ts';

/** Of each kind of warning; the rest is counted. */
const WARNINGS = 10;
const BLOCKED_WORDS: Readonly<Record<BlockedKind, string>> = {
  script: 'script(s)',
  picture: 'picture(s) from elsewhere',
  style: 'style sheet(s) from elsewhere',
  font: 'font(s) from elsewhere',
  media: 'sound(s) or film(s) from elsewhere',
  frame: 'frame(s) or object(s)',
  form: 'form(s)',
  redirect: 'jump(s) elsewhere',
  hint: 'connection(s) made ahead',
  animation: 'moving part(s)',
};

/** Looks through what is at a path and says what is to be known of it, then waits for a neighbour. */
export async function lookThrough(
  session: Session,
  path: string,
  strip: StripOptions,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const source = { kind: 'path', path } as const;
  // A path that cannot be published is said before the network is waited for.
  await Promise.race([session.client.call('publish.survey', { source }), session.lost]);
  warn(output, await Promise.race([session.client.call('publish.preview', { source }), session.lost]));
  await tellMetadata(session, path, strip, output, signal);
  await waitForNeighbour(session, output, signal);
}

/** What readers will not see, and where they will come to nothing. */
function warn(output: Output, { brokenLinks, brokenCount, pages, notShown }: Preview): void {
  const lines = [
    ...brokenLinks.slice(0, WARNINGS).map(({ page, target }) => `${page} leads to ${target}, which is not in it.`),
    ...(brokenCount > WARNINGS ? [`${brokenCount - WARNINGS} more links lead nowhere.`] : []),
    ...pages.slice(0, WARNINGS).map(({ path, blocked }) => {
      const kinds = blocked.map(({ kind, count }) => `${count} ${BLOCKED_WORDS[kind]}`);
      return `Left out of ${path} for readers: ${kinds.join(', ')}.`;
    }),
    ...(pages.length > WARNINGS ? [`So too from ${pages.length - WARNINGS} more documents.`] : []),
    ...notShown.slice(0, WARNINGS).map((path) => `${path} is too large to be shown: readers can only save it.`),
  ];
  for (const line of lines) output.say(oneLine(line));
}

/** What the network has from an earlier run, once; and how another can go on: `again`. */
export function sayWhatIsThere(output: Output, again: string): (job: PublishJob | UpdateJob) => void {
  let said = false;
  return (job) => {
    if (!said && job.blocksResumed !== undefined) {
      said = true;
      output.say('Going on with what was interrupted: blocks that arrived are not sent again');
    }
    if (job.state === 'failed' && job.canResume === true) output.say(again);
  };
}
