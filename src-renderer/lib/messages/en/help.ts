/** Texts around the help that ships with the program. */
export const helpTexts = {
  'section.help': 'Help',
  'help.came': 'Came with this program',
  'help.about': 'Nothing was fetched for it, and nothing is asked for while you read.',
  'help.contents': 'Contents',
  'help.read': 'Read the help',
  'help.failed': 'The help could not be opened',
} as const;
