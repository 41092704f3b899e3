/** Texts of bookmarks. */
export const bookmarkTexts = {
  'bookmarks.tab': 'Bookmarks',
  'bookmarks.add': 'Bookmark it',
  'bookmarks.remove': 'Take the bookmark away',
  'bookmarks.removeOf': 'Take the bookmark away: {title}',
  'bookmarks.added': 'Bookmarked. New editions are looked for once a day.',
  'bookmarks.addedPermanent': 'Bookmarked. It is permanent: there are no new editions of it.',
  'bookmarks.removed': 'The bookmark is gone.',
  'bookmarks.none': 'No bookmarks yet',
  'bookmarks.noneText':
    'The bookmark in the strip above what you read puts it here. New editions are looked for once a day and marked.',
  'bookmarks.noneMatches': 'No bookmark has “{filter}” in its title.',
  'bookmarks.new': 'New edition {edition}',
  'bookmarks.newCount': { one: '{count} new', other: '{count} new' },
  'bookmarks.found': 'found {ago}',
  'bookmarks.deleted': 'Deleted by its publisher, seen {ago}',
  'bookmarks.addedAt': 'bookmarked {ago}',
  'bookmarks.openOf': 'Open {title}',
} as const;
