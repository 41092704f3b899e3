/** How one document of markup is made inert. */
import type { Tally } from './tally.ts';

export interface MarkupOptions {
  /** The document's path in its publication. */
  readonly from: string;
  readonly tally: Tally;
  /** show: links away lead to our page that asks; save: they lead nowhere, and their address is told in a hint. */
  readonly purpose: 'show' | 'save';
}
