/** Texts of the reader's tools, of what is left out of content, of links that lead away, and of the preview. */
export const viewerTexts = {
  'tools.open': 'Find, zoom, source',
  'tools.print': 'Print',
  'tools.find': 'Find on this page',
  'tools.found': { one: '{at} of {count}', other: '{at} of {count}' },
  'tools.foundMany': '{at} of more than {limit}',
  'tools.nothing': 'Nowhere on this page',
  'tools.next': 'Next',
  'tools.previous': 'Previous',
  'tools.smaller': 'Smaller',
  'tools.larger': 'Larger',
  'tools.asIs': 'As large as it is: {percent}',
  'tools.source': 'Show the source',
  'tools.notHere': 'Only in pages and text',
  'tools.close': 'Close this bar',

  'saving.title': 'Save “{name}”',
  'saving.text':
    'As published it may hold what another program runs or loads, which would tell others that you have it and where you are.',
  'saving.inert': 'Save a copy that runs and loads nothing',
  'saving.exact': 'Save it exactly as published',

  'blocked.line': 'Left out of this page: {list}.',
  'blocked.about':
    'Nothing in a publication may run, or ask for anything outside of it: what is left out would have. The source shows it.',
  'blocked.script': { one: '{count} script', other: '{count} scripts' },
  'blocked.picture': { one: '{count} picture from elsewhere', other: '{count} pictures from elsewhere' },
  'blocked.style': { one: '{count} style sheet from elsewhere', other: '{count} style sheets from elsewhere' },
  'blocked.font': { one: '{count} font from elsewhere', other: '{count} fonts from elsewhere' },
  'blocked.media': { one: '{count} sound or film from elsewhere', other: '{count} sounds and films from elsewhere' },
  'blocked.frame': { one: '{count} frame or object', other: '{count} frames and objects' },
  'blocked.form': { one: '{count} form', other: '{count} forms' },
  'blocked.redirect': { one: '{count} jump elsewhere', other: '{count} jumps elsewhere' },
  'blocked.hint': { one: '{count} connection made ahead', other: '{count} connections made ahead' },
  'blocked.animation': { one: '{count} moving part', other: '{count} moving parts' },

  'away.title': 'This link leads out of Broadside',
  'away.web':
    'Opening it is direct and no longer anonymous: the site learns your address and when you came, and may know from this very link what you read. Such a link may have been set as a trap.',
  'away.directTitle': 'This link leads to a direct download',
  'away.direct':
    'A direct download is not anonymous: both ends see each other’s address. Such a link may have been set as a trap.',
  'away.other':
    'Broadside opens no links of this kind. It can be copied for another program, which may tell others who you are.',
  'away.letters': 'Its name has letters beyond the plain ones, which can look alike. Written out: {host}',
  'away.copied': 'The address is copied.',
  'away.openWeb': 'Open it in a browser',
  'away.openDirect': 'Go to the direct download',

  'preview.open': 'Preview',
  'preview.making': 'It is being looked through',
  'preview.title': 'As readers will see it',
  'preview.notSent': 'Nothing has been sent yet.',
  'preview.back': 'Back to publishing',
  'preview.leftOut': 'What is left out',
  'preview.nothingOut': 'Nothing: nothing in it would run or ask for anything.',
  'preview.broken': 'Links that lead nowhere',
  'preview.noneBroken': 'None: what it leads to is in it.',
  'preview.from': 'in {page}',
  'preview.notShown': 'Too large to be shown',
  'preview.unchecked': {
    one: '{count} more document was not looked through.',
    other: '{count} more documents were not looked through.',
  },
} as const;
