/** Points, arcs and bends on the circle of keys: a place 0 ... 1 is at the top and goes clockwise. Centre at 0, 0. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

const round = (value: number): number => Math.round(value * 100) / 100;

export function pointAt(place: number, radius: number): Point {
  const angle = place * 2 * Math.PI;
  return { x: round(radius * Math.sin(angle)), y: round(-radius * Math.cos(angle)) };
}

/** SVG path of an arc from one place clockwise to another; both may be outside 0 ... 1. A whole turn at most. */
export function arc(from: number, to: number, radius: number): string {
  const span = Math.min(to - from, 0.9999);
  const [a, b] = [pointAt(from, radius), pointAt(from + span, radius)];
  return `M${a.x} ${a.y}A${radius} ${radius} 0 ${span > 0.5 ? 1 : 0} 1 ${b.x} ${b.y}`;
}

/** What a link bends round: towards the centre; a short one keeps near the circle. */
function pullOf(a: Point, b: Point): Point {
  const [middleX, middleY] = [(a.x + b.x) / 2, (a.y + b.y) / 2];
  const nearness = Math.hypot(middleX, middleY) / Math.max(1, Math.hypot(a.x, a.y));
  const pull = 0.6 + 0.25 * nearness ** 4;
  return { x: round(middleX * pull), y: round(middleY * pull) };
}

/** SVG path of a link. */
export function bend(a: Point, b: Point): string {
  const { x, y } = pullOf(a, b);
  return `M${a.x} ${a.y}Q${x} ${y} ${b.x} ${b.y}`;
}

/** A point on the link: 0 is its beginning, 1 its end. */
export function pointOnBend(a: Point, b: Point, at: number): Point {
  const pull = pullOf(a, b);
  const mix = (from: number, by: number, to: number): number =>
    round((1 - at) ** 2 * from + 2 * at * (1 - at) * by + at ** 2 * to);
  return { x: mix(a.x, pull.x, b.x), y: mix(a.y, pull.y, b.y) };
}

export interface Label {
  readonly key: string;
  readonly at: Point;
}

/**
 * Chooses which links have room for a label of this size on them, in the order given: not over another label, and not over
 * what is `taken`. Tried a little before the far end, where the links have parted, then in the middle.
 */
export function placeLabels(
  links: readonly { readonly key: string; readonly from: Point; readonly to: Point }[],
  size: { readonly width: number; readonly height: number },
  taken: readonly Point[],
): Label[] {
  const labels: Label[] = [];
  const apart = (a: Point, b: Point, width: number, height: number): boolean =>
    Math.abs(a.x - b.x) >= width || Math.abs(a.y - b.y) >= height;
  for (const { key, from, to } of links) {
    const at = [0.62, 0.5, 0.74]
      .map((share) => pointOnBend(from, to, share))
      .find(
        (point) =>
          labels.every((label) => apart(point, label.at, size.width, size.height)) &&
          taken.every((other) => apart(point, other, size.width / 2 + 10, size.height / 2 + 10)),
      );
    if (at !== undefined) labels.push({ key, at });
  }
  return labels;
}

/** SVG path of `count` strokes of `length` outside the circle. */
export function ticks(radius: number, count: number, length: number): string {
  return Array.from({ length: count }, (_, index) => {
    const [a, b] = [pointAt(index / count, radius + 2), pointAt(index / count, radius + 2 + length)];
    return `M${a.x} ${a.y}L${b.x} ${b.y}`;
  }).join('');
}
