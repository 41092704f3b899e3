/** A picture of a fortnight of tides, drawn point by point and written as PNG (RFC 2083, PNG specification). */
import { crc32, deflateSync } from 'node:zlib';

const WIDTH = 720;
const HEIGHT = 300;
const SHEET = [0xf8, 0xf7, 0xf3] as const;
const RULE = [0xcd, 0xcb, 0xc2] as const;
const INK = [0x1a, 0x19, 0x1d] as const;
const WATER = [0xbf, 0xcd, 0xd6] as const;
type Colour = readonly [number, number, number];

/** Half a lunar day and half a synodic month, in hours: the two beats of a tide. */
const TIDE_HOURS = 12.42;
const SPRING_HOURS = 354.37;
const HOURS_SHOWN = 14 * 24;

/** Height of the water, -1 ... 1. */
function tide(hours: number): number {
  const range = 0.7 + 0.3 * Math.cos((2 * Math.PI * hours) / SPRING_HOURS);
  return range * Math.cos((2 * Math.PI * hours) / TIDE_HOURS);
}

export function drawTideChart(): Uint8Array {
  return writePng(WIDTH, HEIGHT, (x, y) => {
    const level = (column: number): number => HEIGHT / 2 - tide((column / WIDTH) * HOURS_SHOWN) * (HEIGHT / 2 - 24);
    const here = level(x);
    const near = level(x + 1);
    const isLine = y >= Math.min(here, near) - 1.2 && y <= Math.max(here, near) + 1.2;
    if (isLine || y < 2 || y >= HEIGHT - 2) return INK;
    if (y > here) return x % Math.round(WIDTH / 14) === 0 ? RULE : WATER;
    return x % Math.round(WIDTH / 14) === 0 || y % 50 === 0 ? RULE : SHEET;
  });
}

/** Eight bits a channel, no filter; `colourAt` is asked for every point. */
export function writePng(width: number, height: number, colourAt: (x: number, y: number) => Colour): Uint8Array {
  const raw = Buffer.alloc(height * (1 + width * 3));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) raw.set(colourAt(x, y), y * (1 + width * 3) + 1 + x * 3);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return new Uint8Array(
    Buffer.concat([
      signature,
      chunk('IHDR', header),
      chunk('IDAT', deflateSync(raw, { level: 9 })),
      chunk('IEND', Buffer.alloc(0)),
    ]),
  );
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
