/**
 * Electron's security checklist, applied to every session and every page: nothing has a permission, nothing opens a
 * window, nothing goes where schemes.ts does not let it, nothing requests from the network.
 */
import { app, session } from 'electron';
import type { Session, WebContents, WebPreferences } from 'electron';
import { APP_ORIGIN, fromContent, fromInterface, isInterface, mayRequest, readContentAddress } from './schemes.ts';

/** In memory: what was read leaves no profile on the disk. */
const INTERFACE_PARTITION = 'interface';
const CONTENT_PARTITION = 'content';

/** For every page: sandboxed, isolated, without Node. What is said here is mostly the default; it is said so that it stays. */
export const SAFE_PREFERENCES: WebPreferences = {
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  webviewTag: false,
  navigateOnDragDrop: false,
  safeDialogs: true,
  // Chromium would fetch dictionaries from the network.
  spellcheck: false,
};

/** Before the app is ready. */
export function hardenProcess(): void {
  app.enableSandbox();
  app.commandLine.appendSwitch('dns-prefetch-disable');
  app.commandLine.appendSwitch('disable-background-networking');
  app.commandLine.appendSwitch('force-webrtc-ip-handling-policy', 'disable_non_proxied_udp');
}

export function interfaceSession(): Session {
  return harden(session.fromPartition(INTERFACE_PARTITION, { cache: false }), 'interface');
}

export function contentSession(): Session {
  return harden(session.fromPartition(CONTENT_PARTITION, { cache: false }), 'content');
}

function harden(target: Session, kind: 'interface' | 'content'): Session {
  const isAllowed = (permission: string, origin: string): boolean =>
    kind === 'interface' &&
    isInterface(origin) &&
    (permission === 'clipboard-sanitized-write' || permission === 'fullscreen');
  target.setPermissionRequestHandler((contents, permission, answer) =>
    answer(isAllowed(permission, contents.getURL())),
  );
  target.setPermissionCheckHandler((_contents, permission, origin) => isAllowed(permission, origin));
  target.setDevicePermissionHandler(() => false);
  target.setBluetoothPairingHandler((_details, answer) => answer({ confirmed: false }));
  target.setCertificateVerifyProc((_request, answer) => answer(CERTIFICATE_REFUSED));
  target.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !mayRequest(kind, details.url) }));
  target.on('will-download', (event, item) => {
    // A publication's file that the person saves, or what the interface itself made; Electron asks where to.
    const url = item.getURL();
    const isOurs = kind === 'content' ? readContentAddress(url) !== undefined : url.startsWith(`blob:${APP_ORIGIN}/`);
    if (!isOurs) event.preventDefault();
  });
  return target;
}

/** Chromium's answer for a certificate that is not accepted (setCertificateVerifyProc); we speak TLS to nobody. */
const CERTIFICATE_REFUSED = -2;

export interface Guard {
  readonly content: Session;
  /** Gets the `broadside:` links that are followed. */
  readonly openLink: (link: string) => void;
  readonly isSamePublication: (label: string, other: string) => boolean;
}

/** Bounds every page that is ever made. */
export function guardContents(guard: Guard): void {
  app.on('web-contents-created', (_event, contents) => {
    const isContent = contents.session === guard.content;
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      decide(contents, url, isContent, guard);
      return { action: 'deny' };
    });
    // Frames too: the publication's pages have none by their policy, and the interface has none in Electron.
    contents.on('will-frame-navigate', (event) => {
      if (!decide(contents, event.url, isContent, guard)) event.preventDefault();
    });
    contents.on('will-redirect', (event) => {
      if (!decide(contents, event.url, isContent, guard)) event.preventDefault();
    });
  });
  app.on('certificate-error', (event, _contents, _url, _error, _certificate, answer) => {
    event.preventDefault();
    answer(false);
  });
  app.on('select-client-certificate', (event, _contents, _url, _list, answer) => {
    event.preventDefault();
    answer();
  });
  app.on('login', (event, _contents, _details, _info, answer) => {
    event.preventDefault();
    answer();
  });
}

function decide(contents: WebContents, url: string, isContent: boolean, guard: Guard): boolean {
  const destination = isContent ? fromContent(contents.getURL(), url, guard.isSamePublication) : fromInterface(url);
  if (destination.kind === 'link') guard.openLink(destination.link);
  return destination.kind === 'stay';
}
