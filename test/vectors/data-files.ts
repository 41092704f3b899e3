/** All that may lie in a data directory, folders with a '/' behind, and the fixture of its format (test/vectors/disk). `*`: what differs. */
export const DATA_FILES: Readonly<Record<string, string>> = {
  'identity.key': 'keys-2',
  'library.key': 'keys-2',
  'origin.key': 'keys-2',
  'claim.key': 'keys-2',
  'addresses.key': 'keys-2',
  'pens/': 'keys-2',
  'blocks.db': 'blocks',
  'opened.db': 'blocks',
  'kept.db': 'blocks',
  'library.db': 'library',
  'shares.db': 'shares',
  'search.db': 'search',
  'settings.json': 'settings',
  'known-nodes.json': 'known-nodes',
  'publishing/': 'publishing',
  'daemon.json': 'daemon',
  'interface.json': 'interface',
  'personal.json': 'personal',
  'personal-*/': 'personal',
  'key-store.json': 'key-store',
  'moved.json': 'moved',
  'moving.json': 'moved',
  'window.json': 'window',
};

/** With the reason why no later version reads what an earlier one wrote there. */
export const NO_FIXTURE: Readonly<Record<string, string>> = {
  'staging/': 'files as they were sent, for a day at most',
  lock: 'an empty file that a running process holds',
  'lock-holder': 'of a running process, for a message',
  'holder.json': 'of a running process, for a message',
  'reports/': 'text for people',
  'practice/': 'a practice network, removed when it ends',
  'window/': 'of Chromium, in the desktop app',
};

/** Whether a name in a data directory is one of these, or a companion of one: of a database, or a damaged file put aside. */
export function isDataFile(name: string): boolean {
  const patterns = [...Object.keys(DATA_FILES), ...Object.keys(NO_FIXTURE)].map((known) => {
    const plain = known.replace(/\/$/, '').replaceAll('.', '\\.').replace('*', '[0-9a-f]{16}');
    return new RegExp(`^${plain}(?:-wal|-shm|-journal|\\.damaged-[0-9]+)?$`);
  });
  return patterns.some((pattern) => pattern.test(name));
}
