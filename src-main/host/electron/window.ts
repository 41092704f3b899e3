/** The one window: made hidden, shown when its first frame is drawn. */
import { readFileSync, writeFileSync } from 'node:fs';
import { BrowserWindow, nativeTheme, screen } from 'electron';
import type { Session } from 'electron';
import { SAFE_PREFERENCES } from './security.ts';
import { APP_URL } from './schemes.ts';
import { LEAST_SIZE, readWindowState, writeWindowState } from './window-state.ts';

/** The size that the views are drawn for; smaller where the screen is. */
const WIDTH = 1280;
const HEIGHT = 800;
/** The tokens `wall` light and dark, so that the window does not flash before its page is there. */
const WALL_LIGHT = '#E3E2DC';
const WALL_DARK = '#0F0F12';

export interface WindowChoice {
  readonly preload: string;
  readonly hasDeveloperTools: boolean;
  /** The file that says where it was. */
  readonly statePath: string;
  /** Not shown until somebody wants it. */
  readonly isHidden: boolean;
}

export function createWindow(session: Session, choice: WindowChoice): BrowserWindow {
  const { preload, hasDeveloperTools, statePath, isHidden } = choice;
  const screens = screen.getAllDisplays().map(({ workArea }) => workArea);
  const { bounds, isMaximised } = readWindowState(readText(statePath), screens);
  const { width, height } = screen.getPrimaryDisplay().workAreaSize;
  const window = new BrowserWindow({
    title: 'Broadside',
    width: Math.min(WIDTH, width),
    height: Math.min(HEIGHT, height),
    ...bounds,
    minWidth: LEAST_SIZE.width,
    minHeight: LEAST_SIZE.height,
    show: false,
    autoHideMenuBar: true,
    backgroundColor: nativeTheme.shouldUseDarkColors ? WALL_DARK : WALL_LIGHT,
    webPreferences: { ...SAFE_PREFERENCES, session, preload, devTools: hasDeveloperTools },
  });
  if (isMaximised) window.maximize();
  window.once('ready-to-show', () => {
    if (!isHidden) window.show();
  });
  window.on('close', () => {
    try {
      writeFileSync(statePath, writeWindowState(window.getNormalBounds(), window.isMaximized()), { mode: 0o600 });
    } catch {
      // It opens where the system puts it.
    }
  });
  // The page's own title is the same everywhere; nothing that is read may name the window.
  window.on('page-title-updated', (event) => event.preventDefault());
  return window;
}

/** Resolves when the page has loaded; rejects when the interface was not built. */
export async function loadInterface(window: BrowserWindow): Promise<void> {
  await window.loadURL(APP_URL);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Brings the window up, out of the dock or from behind. */
export function raise(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
