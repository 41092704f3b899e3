/**
 * The headers that keep content in its box. Content is hostile until somebody has read it: it may run no script, reach
 * no network but its own origin, submit nothing, and be framed by nobody but the app.
 */

export interface ContentPolicyOptions {
  /** Origins of the app that may show content in a frame; empty where content is shown in a view of its own. */
  readonly appOrigins: readonly string[];
}

/**
 * Every feature that has a name in Chromium's Permissions Policy and that a page could use to sense, to fingerprint or to
 * report. Off for everybody, the page itself included. Names that Chromium does not know are left out, for it complains
 * of each in the console; they need a script, and there is none.
 */
export const NO_PERMISSIONS = [
  'accelerometer',
  'autoplay',
  'browsing-topics',
  'camera',
  'clipboard-read',
  'clipboard-write',
  'compute-pressure',
  'display-capture',
  'encrypted-media',
  'fullscreen',
  'gamepad',
  'geolocation',
  'gyroscope',
  'hid',
  'identity-credentials-get',
  'idle-detection',
  'keyboard-map',
  'local-fonts',
  'magnetometer',
  'microphone',
  'midi',
  'otp-credentials',
  'payment',
  'picture-in-picture',
  'publickey-credentials-create',
  'publickey-credentials-get',
  'screen-wake-lock',
  'serial',
  'storage-access',
  'sync-xhr',
  'usb',
  'window-management',
  'xr-spatial-tracking',
]
  .map((feature) => `${feature}=()`)
  .join(', ');

/** The same for the app, which may copy to the clipboard and let those of its frames go full screen that it says so of: players. */
export const APP_PERMISSIONS = NO_PERMISSIONS.replace('clipboard-write=()', 'clipboard-write=(self)').replace(
  'fullscreen=()',
  'fullscreen=*',
);

function frameAncestors(options: ContentPolicyOptions): string {
  return options.appOrigins.length === 0 ? "'none'" : options.appOrigins.join(' ');
}

/**
 * - default-src 'none': what is not named below, scripts, workers, objects, frames, manifests, fetches and prefetches
 *   among it, is refused.
 * - img, media, font, style 'self': files of the same publication. data: for pictures and fonts that a page carries in
 *   itself (it can hold nothing the page does not hold). Not blob:, which only a script could make.
 * - style 'unsafe-inline': a page's own style attributes and sheets; what they load is bound by the lines above.
 * - frame-src is left at 'none': a frame shows nothing that a link cannot, and each is another document to get right.
 * - base-uri, form-action 'none': relative links stay relative; a form could carry what was typed elsewhere.
 * - frame-ancestors: the app alone; a web site that guessed a label could not show, and so not time, what is in it.
 * - sandbox without allow-scripts, -forms, -popups, -top-navigation, -downloads. allow-same-origin keeps the origin that
 *   'self' and Cross-Origin-Resource-Policy speak of; it gives nothing else to a page that has no script.
 *
 * It is the second wall: what it refuses was taken out before (workers/inert). No CSP governs <link rel=preconnect> and
 * dns-prefetch, which are taken out too. A link that leads away, or a <meta> refresh, is a navigation of the frame: the app's own frame-src refuses it, for every child at every time.
 */
export function contentSecurityPolicy(options: ContentPolicyOptions): string {
  return policyOfContent(frameAncestors(options), 'sandbox allow-same-origin');
}

/**
 * Content that is shown to be printed, in a frame of our page on the viewer's origin: that page may call print() on it,
 * which is a dialog. It has no script of its own all the same.
 */
export function printedContentPolicy(options: ContentPolicyOptions): string {
  return policyOfContent(`'self' ${options.appOrigins.join(' ')}`, 'sandbox allow-same-origin allow-modals');
}

function policyOfContent(ancestors: string, sandbox: string): string {
  return [
    "default-src 'none'",
    "img-src 'self' data:",
    "media-src 'self' data:",
    "font-src 'self' data:",
    "style-src 'self' 'unsafe-inline'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${ancestors}`,
    sandbox,
  ].join('; ');
}

/**
 * The viewer for PDF runs our script, and a PDF that took it over would hold an origin that can read this publication
 * and reach nothing else: no inline script, no eval, no other origin, no storage that another page could read.
 */
export function viewerSecurityPolicy(options: ContentPolicyOptions): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    "connect-src 'self'",
    "style-src 'self'",
    'img-src blob: data:',
    // pdf.js makes the fonts that a document embeds into FontFace objects of its own, without a request.
    "font-src 'self' data: blob:",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${frameAncestors(options)}`,
    // The page that prints has the content in a frame.
    "frame-src 'self'",
    'sandbox allow-scripts allow-same-origin allow-modals',
  ].join('; ');
}

/** Headers of every answer from a content or viewer origin, errors included. */
export function guardHeaders(policy: string): Record<string, string> {
  return {
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'x-dns-prefetch-control': 'off',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'origin-agent-cluster': '?1',
    'permissions-policy': NO_PERMISSIONS,
    // What was anonymous must not be in the browser's cache on disk when the publication is closed.
    'cache-control': 'no-store',
  };
}
