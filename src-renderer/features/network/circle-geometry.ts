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

/** SVG path of a link: bent towards the centre; a short one keeps near the circle. */
export function bend(a: Point, b: Point): string {
  const [middleX, middleY] = [(a.x + b.x) / 2, (a.y + b.y) / 2];
  const nearness = Math.hypot(middleX, middleY) / Math.max(1, Math.hypot(a.x, a.y));
  const pull = 0.6 + 0.25 * nearness ** 4;
  const [x, y] = [round(middleX * pull), round(middleY * pull)];
  return `M${a.x} ${a.y}Q${x} ${y} ${b.x} ${b.y}`;
}

/** SVG path of `count` strokes of `length` outside the circle. */
export function ticks(radius: number, count: number, length: number): string {
  return Array.from({ length: count }, (_, index) => {
    const [a, b] = [pointAt(index / count, radius + 2), pointAt(index / count, radius + 2 + length)];
    return `M${a.x} ${a.y}L${b.x} ${b.y}`;
  }).join('');
}
