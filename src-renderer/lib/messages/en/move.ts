/** Texts of moving the data directory. */
export const moveTexts = {
  'move.takes': 'It takes {size} of the disk in all.',
  'move.begin': 'Move…',
  'move.title': 'Move the data directory',
  'move.to': 'Where to',
  'move.toAbout':
    'The whole path of a directory that is empty, or new in one that is there. It can be on another disk of this computer.',
  'move.noPath': 'Say where to first.',
  'move.look': 'Look at it',
  'move.size': '{size} go there, where {free} are free:',
  'move.stops': 'The node stops. What runs is interrupted, and goes on afterwards.',
  'move.copies':
    'Everything is copied and read back. Only then is the old directory removed; it leads to the new one from then on.',
  'move.meanwhile':
    'Until then nothing can be published or read here, and other nodes do not reach this one. It can be cancelled.',
  'move.asks': 'When the node starts again, it asks for the passphrase.',
  'move.start': 'Stop and move',
  'move.other': 'Another place',
  'move.moving': 'The data directory is being moved',
  'move.where': 'It goes to:',
  'move.state.stopping': 'The node is stopping.',
  'move.state.copying': 'Everything is being copied.',
  'move.state.checking': 'What was copied is being read back.',
  'move.state.starting': 'The node is starting again.',
  'move.amount': '{done} of {total}',
  'move.left': '{time} left',
  'move.whole': 'The old directory stays whole until everything has been read back. This window comes back by itself.',
  'move.done': 'The data directory is {directory} now.',
  'move.cancelled': 'It was cancelled. Everything is where it was.',
  'move.failed': 'The data directory was not moved',
} as const;
