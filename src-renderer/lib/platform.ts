/** What differs between the app in its own window and the app in a browser, which owns many keys itself. */
export const inOwnWindow: boolean = typeof window !== 'undefined' && window.broadside !== undefined;
export const onMac: boolean = typeof navigator !== 'undefined' && /Mac/.test(navigator.platform);
/** The name of the command key. */
export const COMMAND = onMac ? '⌘' : 'Ctrl';
