/** The one window: made hidden, shown when its first frame is drawn. */
import { BrowserWindow, nativeTheme, screen } from 'electron';
import type { Session } from 'electron';
import { SAFE_PREFERENCES } from './security.ts';
import { APP_URL } from './schemes.ts';

/** The size that the views are drawn for; smaller where the screen is. */
const WIDTH = 1280;
const HEIGHT = 800;
/** The interface folds down to 320 pixels. */
const MIN_WIDTH = 320;
const MIN_HEIGHT = 480;
/** The tokens `wall` light and dark, so that the window does not flash before its page is there. */
const WALL_LIGHT = '#E3E2DC';
const WALL_DARK = '#0F0F12';

export function createWindow(session: Session, preload: string, hasDeveloperTools: boolean): BrowserWindow {
  const { width, height } = screen.getPrimaryDisplay().workAreaSize;
  const window = new BrowserWindow({
    title: 'Broadside',
    width: Math.min(WIDTH, width),
    height: Math.min(HEIGHT, height),
    minWidth: MIN_WIDTH,
    minHeight: MIN_HEIGHT,
    show: false,
    autoHideMenuBar: true,
    backgroundColor: nativeTheme.shouldUseDarkColors ? WALL_DARK : WALL_LIGHT,
    webPreferences: { ...SAFE_PREFERENCES, session, preload, devTools: hasDeveloperTools },
  });
  window.once('ready-to-show', () => window.show());
  // The page's own title is the same everywhere; nothing that is read may name the window.
  window.on('page-title-updated', (event) => event.preventDefault());
  return window;
}

/** Resolves when the page has loaded; rejects when the interface was not built. */
export async function loadInterface(window: BrowserWindow): Promise<void> {
  await window.loadURL(APP_URL);
}

/** Brings the window up, out of the dock or from behind. */
export function raise(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
