/** Content in a view of its own above the window: its own session, no preload, nothing shared with the interface. */
import { WebContentsView } from 'electron';
import type { BrowserWindow, Session } from 'electron';
import type { Placement } from './placement.ts';
import { SAFE_PREFERENCES } from './security.ts';

export class ContentView {
  readonly #window: BrowserWindow;
  readonly #session: Session;
  #view: WebContentsView | undefined;
  #address: string | undefined;
  #zoom = 1;
  readonly #onAction: () => void;

  /** `onAction`: a person moved or pressed something in it, which the interface does not see. */
  constructor(window: BrowserWindow, session: Session, onAction: () => void) {
    this.#window = window;
    this.#session = session;
    this.#onAction = onAction;
    window.on('closed', () => this.hide());
  }

  /** Shows an address at a place; the same address again only moves the view. */
  show({ url, bounds }: Placement): void {
    if (this.#window.isDestroyed()) return;
    const view = (this.#view ??= this.#make());
    const zoom = this.#window.webContents.getZoomFactor();
    view.setBounds({
      x: Math.round(bounds.x * zoom),
      y: Math.round(bounds.y * zoom),
      width: Math.round(bounds.width * zoom),
      height: Math.round(bounds.height * zoom),
    });
    if (url === this.#address) return;
    this.#address = url;
    // What could not be loaded says so in its own page; there is nobody else to tell.
    view.webContents.loadURL(url).catch(() => undefined);
  }

  /** As large as the interface times this. */
  zoom(factor: number): void {
    this.#zoom = factor;
    this.#view?.webContents.setZoomFactor(factor);
  }

  /** Asks for a printer, and prints what is shown. */
  print(): void {
    this.#view?.webContents.print({});
  }

  /** Takes the view away, its page and its process with it. */
  hide(): void {
    const view = this.#view;
    this.#view = undefined;
    this.#address = undefined;
    if (view === undefined) return;
    if (!this.#window.isDestroyed()) this.#window.contentView.removeChildView(view);
    if (!view.webContents.isDestroyed()) view.webContents.close();
  }

  #make(): WebContentsView {
    const view = new WebContentsView({
      webPreferences: { ...SAFE_PREFERENCES, session: this.#session, images: true, disableDialogs: true },
    });
    view.webContents.setAudioMuted(false);
    this.#window.contentView.addChildView(view);
    view.webContents.on('input-event', () => this.#onAction());
    // Chromium keeps a factor for each origin; each page is shown with the one that was chosen.
    view.webContents.on('did-navigate', () => view.webContents.setZoomFactor(this.#zoom));
    return view;
  }
}
