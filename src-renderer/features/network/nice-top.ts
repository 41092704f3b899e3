/** The top line of a chart: the next 1, 2 or 5 times a power of ten, in bytes a second; at least 1 kB/s. */
export function niceTop(most: number): number {
  const least = Math.max(1000, most);
  const power = 10 ** Math.floor(Math.log10(least));
  for (const step of [1, 2, 5, 10]) if (least <= step * power) return step * power;
  return 10 * power;
}
