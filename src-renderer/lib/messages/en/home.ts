/** Texts of Home, Search and Transfers. */
export const homeTexts = {
  'home.youPublishedLast': 'You published this last',
  'home.youOpenedLast': 'You opened this last',
  'home.newEditionFollowed': 'New edition from a pen name you follow',
  'home.newEditionBookmarked': 'New edition of a bookmark',
  'home.editionFound': 'edition {edition} · found {ago}',
  'home.welcome': 'Published once, read by anybody who has the link, hard to take back',
  'home.welcomeText':
    'Drop a file or a folder anywhere in this window. You see what readers will see before anything is sent, and get a link when it is done.',
  'home.welcomeOpen':
    'To read what somebody else published, put its link into the field at the top, or words to search for.',
  'home.openedLately': 'Opened lately',
  'home.all': 'All of it',
  'home.nothingOpened': 'What you open is listed here. Put a link into the field at the top.',
  'home.youPublished': 'You published',
  'home.nothingPublished': 'What you publish is listed here, with how many of its shares answer.',
  'home.runningNow': 'Running now',
  'home.nothingRuns': 'Nothing runs.',
  'home.thisNode': 'This node',
  'home.publishSomething': 'Publish something',
  'home.dropHere': 'Drop a file or a folder anywhere in this window. A link that you drop opens.',

  'node.neighbours': 'Neighbours',
  'node.keptForOthers': 'Kept for others',
  'node.comingIn': 'Coming in',
  'node.goingOut': 'Going out',
  'node.upSince': 'Up since',

  'transfers.running': 'Running',
  'transfers.nothing': 'Nothing runs. What is published, opened and checked shows here, with why it waits.',
  'transfers.interrupted': 'Interrupted',
  'transfers.finished': 'Finished',
  'transfers.clear': { one: '{count}, clear the list', other: '{count}, clear the list' },
  'transfers.limit': 'limit {rate}',
  'transfers.sharing': 'Shared from here',
  'transfers.noUploads': 'Nobody loads from your shared folders now.',
  'transfers.uploads': {
    one: '{count} file is on its way to somebody; {waiting} wait.',
    other: '{count} files are on their way to others; {waiting} wait.',
  },
  'transfers.toShares': 'Shared folders',
  'transfers.goesOn': 'What runs goes on when this window is closed, for as long as the node runs.',
} as const;
