/**
 * Where the window is. Kept in the hash, so that back and forward work; links and words never go there, because
 * browsers write their history to disk: a publication is named by the id of the job that opened it, a search by its own.
 * An address that was given with words (#/search?q=harbour) is taken, and the words are taken out of it at once.
 */
export const SECTIONS = ['home', 'search', 'publish', 'library', 'transfers', 'network'] as const;
export type Section = (typeof SECTIONS)[number];
export type ViewName = Section | 'settings' | 'about' | 'help' | 'read' | 'play' | 'address' | 'change' | 'more';

export interface Route {
  readonly view: ViewName;
  /** A job, a search, a tab of the view or a setting's group; empty when none. */
  readonly detail: string;
  /** Words to search for, where the address came with some. */
  readonly words?: string;
}

const VIEWS: readonly string[] = [
  ...SECTIONS,
  'settings',
  'about',
  'help',
  'read',
  'play',
  'address',
  'change',
  'more',
];

export function parseRoute(hash: string): Route {
  const given = /^#\/?search\?(.*)$/s.exec(hash)?.[1];
  if (given !== undefined) return { view: 'search', detail: '', words: new URLSearchParams(given).get('q') ?? '' };
  const [view = '', detail = ''] = hash.replace(/^#\/?/, '').split('/');
  if (!VIEWS.includes(view)) return { view: 'home', detail: '' };
  try {
    return { view: view as ViewName, detail: decodeURIComponent(detail) };
  } catch {
    return { view: view as ViewName, detail: '' };
  }
}

export function routeHash(view: ViewName, detail = ''): string {
  return detail === '' ? `#/${view}` : `#/${view}/${encodeURIComponent(detail)}`;
}

class Router {
  current = $state.raw<Route>(parseRoute(location.hash));

  constructor() {
    window.addEventListener('hashchange', () => {
      this.current = parseRoute(location.hash);
    });
  }

  go(view: ViewName, detail = ''): void {
    const hash = routeHash(view, detail);
    if (location.hash !== hash) location.hash = hash;
  }

  /** Without an entry of its own in the history: for a step that one would not want to go back to. */
  replace(view: ViewName, detail = ''): void {
    history.replaceState(null, '', routeHash(view, detail));
    this.current = parseRoute(location.hash);
  }
}

export const router = new Router();
