/** A file that was loaded by the node, saved by the browser: wherever the node runs, and as bytes alone. */
import { node } from './connection/node.svelte.ts';

export async function saveDownload(job: string): Promise<void> {
  const { contentUrl } = await node.call('play.start', { job });
  const anchor = document.createElement('a');
  // Answered as an attachment: the window stays where it is. The node closes it when nobody reads it any more.
  anchor.href = `${contentUrl}?save`;
  anchor.click();
}
