/** Names that are left out of a shared folder: what systems and programs write for themselves, and what is hidden. */

/** By the whole name, in lower case: file systems of Windows and macOS do not tell case apart. */
const SYSTEM_NAMES: ReadonlySet<string> = new Set([
  // Windows
  'thumbs.db',
  'thumbs.db:encryptable',
  'ehthumbs.db',
  'ehthumbs_vista.db',
  'desktop.ini',
  '$recycle.bin',
  'recycler',
  'system volume information',
  'pagefile.sys',
  'hiberfil.sys',
  'swapfile.sys',
  'dumpstack.log',
  'dumpstack.log.tmp',
  'msocache',
  'ntuser.ini',
  // macOS
  '.ds_store',
  '.localized',
  '.appledouble',
  '.lsoverride',
  '.documentrevisions-v100',
  '.fseventsd',
  '.spotlight-v100',
  '.temporaryitems',
  '.trashes',
  '.trash',
  '.volumeicon.icns',
  '.com.apple.timemachine.donotpresent',
  '.apdisk',
  '.nobackup',
  'network trash folder',
  'icon\r',
  // Linux and others
  'lost+found',
  '.directory',
  '@eadir',
  // Histories of work, which hold what was taken out of it, and keys.
  '.git',
  '.hg',
  '.svn',
  '.ssh',
  '.gnupg',
]);

/** `._x` are what macOS puts beside files on disks of others; `~$x` tells who has a document open; the rest is not finished or in use. */
const SYSTEM_PATTERN =
  /^(?:\._|~\$|\.~lock\..*#$|\.trash-\d+$|\.nfs[0-9a-f]{8}|\.fuse_hidden|ntuser\.dat)|\.(?:crdownload|part|partial|!ut|!qb)$/i;

/** Undefined for a name that may be shared. */
export function nameExclusion(name: string, withHidden: boolean): 'system' | 'hidden' | undefined {
  if (SYSTEM_NAMES.has(name.toLowerCase()) || SYSTEM_PATTERN.test(name)) return 'system';
  return name.startsWith('.') && !withHidden ? 'hidden' : undefined;
}
