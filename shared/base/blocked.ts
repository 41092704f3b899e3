/** What is left out of content before it is shown, by kinds that a reader can be told of. */

export const BLOCKED_KINDS = [
  /** Scripts, handlers of events, javascript: addresses. */
  'script',
  'picture',
  'style',
  'font',
  'media',
  /** Frames, objects, plug-ins. */
  'frame',
  'form',
  /** A page that sends its reader on by itself. */
  'redirect',
  /** Connections that would be opened ahead, or reported to. */
  'hint',
  /** Moving parts of pictures, which could change an address later. */
  'animation',
] as const;

export type BlockedKind = (typeof BLOCKED_KINDS)[number];

export interface Blocked {
  readonly kind: BlockedKind;
  readonly count: number;
}

/** Several documents' together, in the order of the kinds. */
export function addBlocked(lists: Iterable<readonly Blocked[]>): Blocked[] {
  const counts = new Map<BlockedKind, number>();
  for (const list of lists) for (const { kind, count } of list) counts.set(kind, (counts.get(kind) ?? 0) + count);
  return BLOCKED_KINDS.flatMap((kind) => (counts.has(kind) ? [{ kind, count: counts.get(kind)! }] : []));
}
