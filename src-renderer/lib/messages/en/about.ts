/** Texts of About: what this is, and what is promised and what not. */
export const aboutTexts = {
  'section.about': 'About',
  'about.tagline': 'Published once, read by anybody who has the link, hard to take back.',
  'about.this': 'This program',
  'about.version': 'Version',
  'about.licence': 'Licence',
  'about.licenceName': 'MIT',
  'about.licenceText':
    'Free software: use it, change it, give it away; it comes without a warranty. The whole licence lies with the program, as do those of what it is made of.',
  'about.made':
    'Letters: Besley, Public Sans, Source Serif 4, Libre Franklin and Noto, under the SIL Open Font License. Icons: Lucide, under the ISC licence.',
  'about.noReports': 'It sends no reports to anybody and looks for no updates.',
  'about.network': 'Network',
  'about.key': 'Key of this node',
  'about.promised': 'What is promised',
  'about.promiseTitle.whole': 'What you read is what was published',
  'about.promise.whole':
    'Every piece is checked against the link before it is shown. Whether it is true is yours to judge.',
  'about.promiseTitle.spread': 'It does not hang on one computer',
  'about.promise.spread':
    'A publication is split into shares on many nodes, of which some are enough. Shares that are lost are put back while it is read or kept alive.',
  'about.promiseTitle.sealed': 'Nodes cannot read what they keep',
  'about.promise.sealed': 'What is kept for others is sealed, and its key is in the link alone.',
  'about.promiseTitle.anonymous': 'Anonymous: no message alone says who',
  'about.promise.anonymous':
    'What is published and read anonymously goes in hops. A node that passes a message on cannot tell from it whether its neighbour began it or passes it on too.',
  'about.promiseTitle.direct': 'Direct: both ends see each other’s address',
  'about.promise.direct': 'Shared files go straight, and the app says so before the first byte.',
  'about.notPromised': 'What is not',
  'about.notTitle.hidden': 'That you use Broadside is not hidden',
  'about.not.hidden': 'Who watches your line sees it, and so do the nodes next to yours.',
  'about.notTitle.everything': 'Nothing against somebody who sees everything',
  'about.not.everything':
    'Who watches all of the network’s traffic at once, or runs most of its nodes, can find out who publishes and who reads.',
  'about.notTitle.small': 'In a small network there is nobody to hide among',
  'about.not.small': 'With a dozen nodes, being one of them says much.',
  'about.notTitle.forever': 'Nothing is kept for ever',
  'about.not.forever':
    'What nobody reads and nobody keeps alive is lost when the nodes that hold it need the room or go.',
  'about.notTitle.back': 'Deleting does not reach copies',
  'about.not.back': 'A publisher can delete what they published. Who has a copy has a copy.',
} as const;
