/** Texts of the lock screen and of the passphrase. */
export const lockTexts = {
  'lock.locked': 'The library is locked',
  'lock.lockedText':
    'What tells about you is on this disk under your passphrase, and this program has let go of it. The node goes on: it stores and passes on for others.',
  'lock.passphrase': 'Passphrase',
  'lock.unlock': 'Unlock',
  'lock.unlocking': 'Checking. This takes a second on purpose.',
  'lock.forgot':
    'Nobody can open it without the passphrase, the makers of Broadside included. Only the words themselves help.',
  'lock.changing': 'The library is being written anew',
  'lock.changingText':
    'Everything is written under the new passphrase. If it stops in between, the one before holds and nothing is lost.',
  'lock.lock': 'Lock',
  'lock.lockNow': 'Lock now',
  'lock.noPassphrase': 'Nothing can be locked: there is no passphrase. Set one in the settings.',
  'lock.setting': 'Passphrase of the library',
  'lock.none':
    'There is none. Who has this disk can read what you published, opened, marked, searched for and share, and use your pen names.',
  'lock.open':
    'What you published, opened, marked, searched for and share, and your pen names, are on this disk under a passphrase.',
  'lock.notCovered':
    'Not under it: settings, the names of neighbours, sealed blocks, and files that you loaded or share yourself.',
  'lock.set': 'Set a passphrase',
  'lock.change': 'Change it',
  'lock.remove': 'Remove it',
  'lock.current': 'Passphrase of now',
  'lock.next': 'New passphrase',
  'lock.again': 'New passphrase, again',
  'lock.different': 'The two are not the same.',
  'lock.suggest': 'Suggest eight words',
  'lock.suggested': 'Write them down now; they are shown nowhere again.',
  'lock.lostWarning':
    'Who forgets it has lost the library, pen names included: there is no other way in. Jobs stop and go on after it.',
  'lock.removeWarning': 'From then on who has this disk can read the library.',
  'lock.wipes': 'Locking wipes',
  'lock.wipesAbout':
    'Locking also removes what is kept of opened publications. To read them again, they have to be fetched again.',
  'lock.failed': 'It was not changed. {reason}',
  'lock.after': 'Lock when nobody does anything for',
  'lock.never': 'never',
  'lock.afterAbout':
    'Counts from the last key, click or movement in any window, and from the last command. Scrolling through what you read counts in the desktop app alone.',
  'lock.afterNothing': 'There is no passphrase, so nothing is locked until you set one.',
  'keyStore.open': 'Open without asking on this computer',
  'keyStore.about':
    'The key of the library is sealed by {name}. Who can use your account on this computer can open it then. Locking ends this choice.',
  'keyStore.plainText':
    'This system has no key store that protects: the key would lie on the disk as good as open. GNOME Keyring and KWallet are such stores.',
  'keyStore.unavailable':
    'The key store of this system does not answer. Unlock it, or look whether it runs, then start Broadside again.',
  'keyStore.warning':
    'From then on the library opens when Broadside starts here, for whoever is logged in as you. Locking it, by hand or by itself, ends that.',
  'keyStore.do': 'Open without asking',
  'keys.lock': 'Lock the library',
} as const;
