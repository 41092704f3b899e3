/** Where the window was, so that it comes back there; checked against the screens that are there now. Without Electron. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
export interface WindowState {
  /** Undefined: where the system puts it. */
  readonly bounds: Rectangle | undefined;
  readonly isMaximised: boolean;
}

export const LEAST_SIZE = { width: 320, height: 480 };
/** So much of the window's top has to lie on a screen to be taken hold of. Guess. */
const HOLD_PIXELS = 64;

const NOWHERE: WindowState = { bounds: undefined, isMaximised: false };

/** What was kept, if it can still be: a file may be damaged, a screen may be gone. `screens`: their work areas. */
export function readWindowState(text: string | undefined, screens: readonly Rectangle[]): WindowState {
  let value: unknown;
  try {
    value = JSON.parse(text ?? '');
  } catch {
    return NOWHERE;
  }
  if (typeof value !== 'object' || value === null) return NOWHERE;
  const { x, y, width, height, isMaximised } = value as Record<string, unknown>;
  if (![x, y, width, height].every((number) => Number.isSafeInteger(number))) return NOWHERE;
  const bounds = { x, y, width, height } as Rectangle;
  const screen = screens.find((area) => canBeHeld(bounds, area));
  if (screen === undefined) return { bounds: undefined, isMaximised: isMaximised === true };
  return {
    bounds: {
      x: bounds.x,
      y: bounds.y,
      width: Math.max(LEAST_SIZE.width, Math.min(bounds.width, screen.width)),
      height: Math.max(LEAST_SIZE.height, Math.min(bounds.height, screen.height)),
    },
    isMaximised: isMaximised === true,
  };
}

/** `bounds`: those that it has when it is not maximised. */
export function writeWindowState(bounds: Rectangle, isMaximised: boolean): string {
  const { x, y, width, height } = bounds;
  return JSON.stringify({ x, y, width, height, isMaximised });
}

function canBeHeld({ x, y, width }: Rectangle, area: Rectangle): boolean {
  const across = Math.min(x + width, area.x + area.width) - Math.max(x, area.x);
  return across >= HOLD_PIXELS && y >= area.y && y <= area.y + area.height - HOLD_PIXELS;
}
