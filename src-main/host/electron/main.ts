/**
 * The app in a window: the node of compose.ts in Electron's main process, the interface over a MessagePort, content in a
 * view of its own. A command line on the same data directory finds it as it finds a daemon, over loopback with a token.
 * What is decided is in schemes.ts, placement.ts and answers.ts, which are tested without Electron; here it is wired.
 */
import { Menu, app, dialog, ipcMain, safeStorage, shell } from 'electron';
import type { BrowserWindow, IpcMainEvent, Session } from 'electron';
import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BroadsideError, toBroadsideError } from '../../../shared/base/errors.ts';
import { composeNode } from '../compose.ts';
import type { ComposedNode } from '../compose.ts';
import { tellOfContent } from '../content/tell.ts';
import { findViewerAssets } from '../content/viewer.ts';
import { removeDaemonFile, writeDaemonFile } from '../daemon-file.ts';
import { dataDirectoryAt, defaultDataDirectory } from '../data-directory.ts';
import { DataMove } from '../data-move.ts';
import { followMoved } from '../moved.ts';
import { startHeadlessServer } from '../headless/server.ts';
import type { HeadlessServer } from '../headless/server.ts';
import type { ContractSource } from '../headless/rpc-socket.ts';
import { systemClock } from '../../services/jobs/clock.ts';
import { lockedError } from '../../services/lock/lock.ts';
import { hostWords } from '../words/words.ts';
import type { HostWords } from '../words/words.ts';
import { CHANNELS } from './channels.ts';
import { ContentView } from './content-view.ts';
import { serveDesk } from './desk-window.ts';
import { connectPage } from './contract-port.ts';
import { readPlacement, readZoom } from './placement.ts';
import { registerSchemes, serveContent, serveInterface } from './protocols.ts';
import { applicationMenu } from './menus.ts';
import { autostartPath, HIDDEN_FLAG, setAutostart } from './login.ts';
import { createKeyStore } from './key-store.ts';
import { moveWhenWanted, withMove } from './moving.ts';
import { staysInTray } from './tray.ts';
import { showTray } from './tray-icon.ts';
import type { TrayIcon } from './tray-icon.ts';
import { LINK_SCHEME, contentUrlOf, isInterface, linkFromArguments, readWebAddress } from './schemes.ts';
import { contentSession, guardContents, hardenProcess, interfaceSession } from './security.ts';
import { createWindow, loadInterface, raise } from './window.ts';

/** Links that were clicked before the window was there; more than a person clicks while an app starts. */
const MAX_EARLY_LINKS = 16;

/** The app's own directory: the archive when packed, the checkout otherwise. */
const home = app.getAppPath();

/** The same options as the command line's; Chromium's own switches are let through. */
function readOptions(): { data: string; network: string | undefined; bootstrap: string[]; isHidden: boolean } {
  const { values } = parseArgs({
    args: process.argv.slice(app.isPackaged ? 1 : 2),
    options: {
      data: { type: 'string' },
      network: { type: 'string' },
      bootstrap: { type: 'string', multiple: true },
      [HIDDEN_FLAG.slice(2)]: { type: 'boolean' },
    },
    strict: false,
  });
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  const bootstrap = (values.bootstrap ?? []).filter((value) => typeof value === 'string');
  return {
    data: followMoved(text(values.data) ?? defaultDataDirectory()),
    network: text(values.network),
    bootstrap,
    isHidden: process.argv.includes(HIDDEN_FLAG),
  };
}

class Application {
  readonly #options = readOptions();
  readonly #directory = dataDirectoryAt(this.#options.data);
  readonly #earlyLinks: string[] = [];
  #node: ComposedNode | undefined;
  #server: HeadlessServer | undefined;
  #window: BrowserWindow | undefined;
  #stopping: Promise<void> | undefined;
  /** What the window is served. */
  #contract: ContractSource | undefined;
  /** Ends the window's port, so that it asks for another. */
  #reconnect = (): void => undefined;
  readonly #ending = new AbortController();
  #moving: Promise<void> | undefined;
  #tray: TrayIcon | undefined;
  #isQuitting = false;

  /** Before Electron is ready: what cannot be said later. False when another instance has taken over. */
  prepare(): boolean {
    // Chromium's own files go beside the node's, so that removing the directory removes everything.
    app.setPath('userData', join(this.#directory.path, 'window'));
    hardenProcess();
    registerSchemes();
    if (!app.requestSingleInstanceLock()) return false;
    if (app.isPackaged) app.setAsDefaultProtocolClient(LINK_SCHEME);
    app.on('second-instance', (_event, args) => {
      if (this.#window !== undefined && !args.includes(HIDDEN_FLAG)) raise(this.#window);
      this.openLink(linkFromArguments(args));
    });
    app.on('open-url', (event, url) => {
      event.preventDefault();
      this.openLink(linkFromArguments([url]));
    });
    app.on('window-all-closed', () => app.quit());
    app.on('before-quit', (event) => {
      this.#isQuitting = true;
      if (this.#stopping === undefined) event.preventDefault();
      this.#stopping ??= this.#stop().finally(() => app.quit());
    });
    this.openLink(linkFromArguments(process.argv));
    return true;
  }

  async start(): Promise<void> {
    const node = await composeNode({
      directory: this.#directory,
      what: 'the app',
      network: this.#options.network,
      bootstrap: this.#options.bootstrap,
      originUrl: contentUrlOf,
      keyStore: createKeyStore(process.platform, safeStorage),
      locksWhenIdle: true,
      onDefect: report,
    });
    this.#node = node;
    this.#watchForMove(node);
    this.#showMenus(node);
    await this.#serveCommands(node);
    const interfaceFiles = interfaceSession();
    const content = contentSession();
    serveInterface(interfaceFiles, join(home, 'out/renderer'));
    serveContent(
      content,
      (label) => node.origins.find(label),
      { assets: findViewerAssets(home), inert: node.inert, words: () => this.#words() },
      (label, told) => tellOfContent(node.contract, contentUrlOf(label), told),
    );
    guardContents({
      content,
      openLink: (link) => this.openLink(link),
      isSamePublication: (label, other) => {
        const [here, there] = [node.origins.find(label), node.origins.find(other)];
        if (here === undefined || here.kind === 'player' || there === undefined || there.kind === 'player')
          return false;
        return here.publication === there.publication;
      },
    });
    await this.#openWindow(node, interfaceFiles, content);
  }

  /** Opens a publication and shows its view; before the window is there it is kept for then. */
  openLink(link: string | undefined): void {
    if (link === undefined) return;
    const window = this.#window;
    if (this.#node === undefined || window === undefined) {
      if (this.#earlyLinks.length < MAX_EARLY_LINKS) this.#earlyLinks.push(link);
      return;
    }
    const { handlers } = this.#node.contract;
    Promise.resolve()
      .then(() => handlers['open.start']({ link }))
      .then(
        ({ job }) => {
          if (!window.isDestroyed()) window.webContents.send(CHANNELS.showJob, job);
        },
        (thrown) => {
          // It waits for the passphrase, which the window asks for.
          if (toBroadsideError(thrown).code === 'locked') {
            if (this.#earlyLinks.length < MAX_EARLY_LINKS) this.#earlyLinks.push(link);
            raise(window);
            return;
          }
          const words = this.#words();
          dialog.showErrorBox(words.t('desktop.cannotOpenLink'), words.failure(thrown));
        },
      );
  }

  async #openWindow(node: ComposedNode, interfaceFiles: Session, content: Session): Promise<void> {
    const window = createWindow(interfaceFiles, {
      preload: join(home, 'out/preload/preload.cjs'),
      hasDeveloperTools: !app.isPackaged,
      statePath: join(this.#directory.path, 'window.json'),
      isHidden: this.#options.isHidden && this.#tray !== undefined,
    });
    window.on('close', (event) => {
      const byChoice = node.settings.get('close-to-tray');
      if (!staysInTray({ isQuitting: this.#isQuitting, hasTray: this.#tray !== undefined, byChoice })) return;
      event.preventDefault();
      window.hide();
    });
    const view = new ContentView(window, content, () => void node.contract.handlers['lock.active'](null));
    const isOurs = (event: Pick<IpcMainEvent, 'sender' | 'senderFrame'>): boolean =>
      event.sender === window.webContents && event.senderFrame?.parent === null && isInterface(event.senderFrame.url);
    let closePort: (() => void) | undefined;
    ipcMain.on(CHANNELS.wantPort, (event) => {
      if (!isOurs(event)) return;
      // A page that was loaded anew asks again: what the old one showed goes with it.
      closePort?.();
      view.hide();
      closePort = connectPage(window.webContents, this.#contract ?? node.contract);
    });
    this.#reconnect = () => {
      view.hide();
      closePort?.();
    };
    ipcMain.handle(CHANNELS.chooseFolder, async (event) => {
      if (!isOurs(event)) return undefined;
      const { filePaths } = await dialog.showOpenDialog(window, { properties: ['openDirectory'] });
      return filePaths[0];
    });
    ipcMain.on(CHANNELS.content, (event, value) => {
      const placement = isOurs(event) ? readPlacement(value) : undefined;
      if (placement === 'hidden') view.hide();
      else if (placement !== undefined) view.show(placement);
    });
    ipcMain.on(CHANNELS.zoomContent, (event, value) => {
      const factor = isOurs(event) ? readZoom(value) : undefined;
      if (factor !== undefined) view.zoom(factor);
    });
    ipcMain.on(CHANNELS.printContent, (event) => {
      if (isOurs(event)) view.print();
    });
    ipcMain.on(CHANNELS.openOutside, (event, value) => {
      const url = isOurs(event) ? readWebAddress(value) : undefined;
      if (url !== undefined) shell.openExternal(url).catch(report);
    });
    ipcMain.on(CHANNELS.secretShown, (event, value) => {
      if (isOurs(event)) window.setContentProtection(value === true && node.settings.get('hide-secrets'));
    });
    const stopLock = node.contract.on('lock', ({ state }) => {
      view.hide();
      if (state === 'open' || state === 'none') for (const link of this.#earlyLinks.splice(0)) this.openLink(link);
    });
    const stopDesk = serveDesk(window, node.contract, isOurs);
    window.on('closed', () => {
      stopDesk();
      stopLock();
      closePort?.();
      this.#window = undefined;
    });
    await loadInterface(window);
    this.#window = window;
    for (const link of this.#earlyLinks.splice(0)) this.openLink(link);
  }

  /** Menus, tray, and starting with the computer: as the settings say, now and when they change. */
  #showMenus(node: ComposedNode): void {
    const words = (): HostWords => this.#words();
    const go = (place: string): void => {
      const window = this.#window;
      if (window === undefined) return;
      raise(window);
      window.webContents.send(CHANNELS.showPlace, place);
    };
    const lock = (): void => {
      Promise.resolve()
        .then(() => node.contract.handlers['lock.lock']({}))
        .catch((thrown: unknown) => dialog.showErrorBox(words().t('desktop.cannotLock'), words().failure(thrown)));
    };
    const quit = (): void => app.quit();
    const act = { open: () => go('#/home'), publish: () => go('#/publish'), lock, quit };
    this.#tray = showTray(node.contract, words, (action) => act[action]());
    const showMenu = (): void => {
      const template = applicationMenu(process.platform, words(), { go, lock, quit });
      Menu.setApplicationMenu(Menu.buildFromTemplate(template as Electron.MenuItemConstructorOptions[]));
    };
    showMenu();
    node.settings.onChange((_, changed) => {
      if (changed.includes('language')) showMenu();
      if (changed.includes('start-at-login')) startAtLogin(node.settings.get('start-at-login'));
    });
  }

  /** For the command line: the daemon's server, on any port, under a token that only the owner of the directory can read. */
  async #serveCommands(node: ComposedNode): Promise<void> {
    const token = randomBytes(32).toString('base64url');
    this.#server = await startHeadlessServer({
      port: 0,
      token,
      contract: this.#contract ?? node.contract,
      // Content is shown in the window; no browser gets it from here.
      origin: () => undefined,
      inert: node.inert,
      receive: (staging, path, body, options) => node.app.staging.receive(staging, path, body, options),
      rendererDirectory: join(home, 'out/renderer'),
      viewerAssets: findViewerAssets(home),
      onDefect: report,
    });
    writeDaemonFile(this.#directory, { pid: process.pid, port: this.#server.port, token });
  }

  /** The data directory is moved when the window asks for it, and then another process goes on. */
  #watchForMove(node: ComposedNode): void {
    const move = new DataMove({
      directory: this.#directory.path,
      clock: systemClock,
      obstacle: () => (node.isLocked ? lockedError() : undefined),
    });
    this.#contract = withMove(node.contract, move);
    const stopNode = async (): Promise<void> => {
      await this.#stopServing();
      await node.stopWhole();
    };
    const show = (contract: ContractSource): void => {
      this.#contract = contract;
      this.#reconnect();
    };
    const { signal } = this.#ending;
    void move.wanted.then(() => {
      // Whoever quits meanwhile ends it, and waits for that.
      this.#moving = moveWhenWanted({ move, directory: this.#directory, stopNode, show, signal }).catch(move.giveUp);
      void this.#moving.then(() => {
        const { problem } = move.view;
        const words = this.#words();
        if (problem !== undefined)
          dialog.showErrorBox(
            words.t('desktop.notMoved'),
            words.failure(new BroadsideError(problem.code, problem.message)),
          );
        if (signal.aborted) return;
        // An AppImage is mounted anew at each start; it says where it lies.
        const program = process.env['APPIMAGE'];
        const args = process.argv.slice(1).filter((argument) => argument !== HIDDEN_FLAG);
        app.relaunch({ args, ...(program !== undefined && { execPath: program }) });
        app.quit();
      });
    });
  }

  #words(): HostWords {
    const languages = app.getPreferredSystemLanguages().join(',');
    return hostWords(this.#node?.settings.get('language') ?? 'system', languages);
  }

  async #stopServing(): Promise<void> {
    this.#tray?.close();
    this.#tray = undefined;
    if (this.#server !== undefined) removeDaemonFile(this.#directory);
    await this.#server?.stop();
  }

  async #stop(): Promise<void> {
    this.#ending.abort(new BroadsideError('cancelled', 'Broadside was ended. Everything is where it was.'));
    await this.#stopServing();
    await this.#moving;
    await this.#node?.stop();
  }
}

/** Nothing is written for a program that runs from a checkout: it is not there to stay. */
function startAtLogin(isWanted: boolean): void {
  if (!app.isPackaged) return;
  if (process.platform !== 'linux') {
    app.setLoginItemSettings({ openAtLogin: isWanted, args: [HIDDEN_FLAG] });
    return;
  }
  try {
    // An AppImage is mounted anew at each start; it says where it lies.
    const program = process.env['APPIMAGE'] ?? process.execPath;
    setAutostart(autostartPath(process.env, homedir()), isWanted ? program : undefined);
  } catch (thrown) {
    report(thrown);
  }
}

/** Defects that nobody waits for: to the terminal, if there is one; nothing leaves the machine. */
function report(thrown: unknown): void {
  process.stderr.write(`broadside: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}\n`);
}

const application = new Application();
if (application.prepare()) {
  app
    .whenReady()
    .then(() => application.start())
    .catch((thrown) => {
      report(thrown);
      const words = hostWords('system', app.getPreferredSystemLanguages().join(','));
      dialog.showErrorBox(words.t('desktop.cannotStart'), words.failure(thrown));
      app.quit();
    });
} else {
  app.quit();
}
