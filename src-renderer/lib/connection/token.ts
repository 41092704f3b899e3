/** The token of this connection: given once in the address (#token=...), kept for the tab, never left in sight. */
const KEY = 'broadside.token';

/** Takes the token out of the address bar and its history entry, if one is there, and returns the one to use. */
export function takeToken(): string | undefined {
  const given = /^#token=([\w-]{1,256})$/.exec(location.hash)?.[1];
  if (given !== undefined) {
    sessionStorage.setItem(KEY, given);
    history.replaceState(null, '', `${location.pathname}${location.search}#/home`);
  }
  return sessionStorage.getItem(KEY) ?? undefined;
}

export function forgetToken(): void {
  sessionStorage.removeItem(KEY);
}
