/** What goes to the thread that makes documents inert, and what comes back. */
import type { Blocked } from '../../../shared/base/blocked.ts';

export interface InertRequest {
  /** text: shown as it is written, with numbered lines. */
  readonly kind: 'html' | 'svg' | 'css' | 'markdown' | 'text';
  /** Path of the document in its publication, which relative addresses in it begin from. */
  readonly path: string;
  /** show: links away lead to our page that asks. save: they lead nowhere, and the document carries a policy of its own. */
  readonly purpose: 'show' | 'save';
  /** Words to be marked where they stand. */
  readonly find?: string;
  readonly bytes: Uint8Array;
}

export interface InertResult {
  /** A whole document for html, svg and css; what belongs into a page of ours for markdown and text. */
  readonly bytes: Uint8Array;
  readonly blocked: readonly Blocked[];
  /** Paths of the same publication that the document refers to. */
  readonly targets: readonly string[];
  /** How often the words are there, MAX_FOUND at most. */
  readonly found: number;
}

export type ToThread = InertRequest & { readonly task: number };
export type FromThread =
  | (InertResult & { readonly task: number; readonly ok: true })
  | { readonly task: number; readonly ok: false; readonly notInert: boolean; readonly message: string };
