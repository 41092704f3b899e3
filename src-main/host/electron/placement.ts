/** What the interface asks of the view of content, checked: it comes from a page. Without Electron, so that it can be tested. */
import { readContentAddress } from './schemes.ts';

export interface Placement {
  readonly url: string;
  /** In CSS pixels of the interface, whole. */
  readonly bounds: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
}

/** Larger than any screen; keeps numbers that are nonsense away from the window system. */
const MAX_PIXELS = 32_768;

/** A placement, `hidden` for null, undefined for what is neither. */
export function readPlacement(value: unknown): Placement | 'hidden' | undefined {
  if (value === null) return 'hidden';
  if (typeof value !== 'object' || value === undefined) return undefined;
  const { url, bounds } = value as { url?: unknown; bounds?: unknown };
  if (typeof url !== 'string' || readContentAddress(url) === undefined) return undefined;
  if (typeof bounds !== 'object' || bounds === null) return undefined;
  const { x, y, width, height } = bounds as Record<string, unknown>;
  if (!isPixels(x) || !isPixels(y) || !isPixels(width) || !isPixels(height)) return undefined;
  if (width < 0 || height < 0) return undefined;
  return { url, bounds: { x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) } };
}

/** How large content may be shown: what the interface offers, and nothing that makes it unreadable. */
const LEAST_ZOOM = 0.25;
const MOST_ZOOM = 5;

/** Undefined for what is no factor. */
export function readZoom(value: unknown): number | undefined {
  return typeof value === 'number' && value >= LEAST_ZOOM && value <= MOST_ZOOM ? value : undefined;
}

function isPixels(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && Math.abs(value) <= MAX_PIXELS;
}
