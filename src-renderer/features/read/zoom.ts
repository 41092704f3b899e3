/** Sizes that content is shown at: those that browsers offer. */

const SIZES = [0.5, 0.67, 0.75, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3] as const;
export const MIN_ZOOM: number = SIZES[0];
export const MAX_ZOOM: number = SIZES[SIZES.length - 1]!;

/** The next size, or the one before; the same at the ends. */
export function zoomBy(zoom: number, by: 1 | -1): number {
  const next = by === 1 ? SIZES.find((size) => size > zoom) : SIZES.findLast((size) => size < zoom);
  return next ?? zoom;
}
