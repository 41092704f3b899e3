/** The player of shared files, and what is told while the window is away. */
export const playerTexts = {
  'player.label': 'The player of {name}',
  'player.verified': 'Verified piece by piece',
  'player.arriving': 'Plays while it arrives. What is not verified is not shown.',
  'player.whole': 'All of it is here, verified when it came.',
  'player.back': 'To Transfers',
  'player.opening': 'Opening the player',
  'player.waitsAt': 'The player waits for the piece at {place}',
  'player.readsAt': 'Read up to {place}',
  'player.nothingYet': 'Nothing of it is here yet',
  'player.paused': 'The download is paused. What is here plays.',
  'player.failed': 'The download stopped. What is here plays.',
  'player.gone': 'This file is not on the list of transfers any more',
  'player.goneText':
    'It was removed from the list, or the node was started anew. If it was loaded whole, it is where you put it.',
  'player.kind.other': 'Broadside plays no files of this type',
  'player.kind.otherText':
    'Sound, film and pictures that browsers know are shown here, and nothing else is opened. When it is here whole, save it or open its folder.',
  'player.direct': 'Both ends see each other’s address.',
  'notify.downloadDone': 'A download is finished',
  'notify.downloadFailed': 'A download stopped',
  'notify.jobDone': 'Something that ran in the background has ended',
  'notify.jobFailed': 'Something that ran in the background stopped',
  'notify.wish': 'A wish found something',
  'notify.settings': 'Notifications',
  'notify.on': 'Tell me while the window is away',
  'notify.onAbout':
    'When a download or other work has ended, and when a wish found something. The system shows it, perhaps on the lock screen.',
  'notify.names': 'With names',
  'notify.namesAbout':
    'The name of the file or of the publication stands in the notification. Off, it says only what happened.',
  'notify.refused': 'The browser does not let this page notify. Allow it in the browser’s settings for this address.',
  'title.running': { one: '{rate} in, {count} running', other: '{rate} in, {count} running' },
} as const;
