/** What the command line takes, in one table: it is parsed by, and it is the help (usage.ts). */
export interface OptionHelp {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  readonly multiple?: true;
  /** What stands for the value in the help. */
  readonly value?: string;
  readonly about: string;
}

export interface CommandUsage {
  /** After the name, as the help shows it. */
  readonly positionals: string;
  readonly about: string;
  readonly leastPositionals: number;
  readonly mostPositionals: number;
  /** What begins with one minus and is no option is an argument: a word that is excluded. */
  readonly minusWords?: true;
  readonly options: Readonly<Record<string, OptionHelp>>;
}

export const COMMON: Readonly<Record<string, OptionHelp>> = {
  data: {
    type: 'string',
    value: 'DIR',
    about: 'data directory (default: the place of this system for application data)',
  },
  json: { type: 'boolean', about: 'one JSON object on standard output at the end' },
  quiet: { type: 'boolean', about: 'no progress and no messages but errors' },
  bootstrap: {
    type: 'string',
    multiple: true,
    value: 'HOST:PORT',
    about: 'DHT bootstrap node instead of the public ones; may be repeated; remembered',
  },
  network: { type: 'string', value: 'ID', about: 'another network; remembered' },
  'passphrase-file': {
    type: 'string',
    value: 'F',
    about: 'file whose first line is the passphrase of the library, where it has one; unlocks it first',
  },
  help: { type: 'boolean', short: 'h', about: 'this text' },
};

export const COMMANDS: Readonly<Record<string, CommandUsage>> = {
  daemon: {
    positionals: '',
    about: 'runs the node and serves the interface on 127.0.0.1 until it is interrupted',
    leastPositionals: 0,
    mostPositionals: 0,
    options: {
      port: {
        type: 'string',
        value: 'P',
        about: 'port of the interface (default: that of last time, or any that is free)',
      },
      'new-token': { type: 'boolean', about: 'another token for the interface: windows that are open are shut out' },
    },
  },
  testnet: {
    positionals: '',
    about: 'a practice network on this machine: a DHT bootstrap and some storage nodes',
    leastPositionals: 0,
    mostPositionals: 0,
    options: {
      nodes: { type: 'string', value: 'N', about: 'storage nodes, 2 ... 100 (default 12)' },
      dir: {
        type: 'string',
        value: 'DIR',
        about: 'where their data directories are (default: a temporary one, removed at the end)',
      },
      samples: { type: 'boolean', about: 'publishes a few samples' },
    },
  },
  publish: {
    positionals: 'PATH',
    about: 'publishes a file or a directory',
    leastPositionals: 1,
    mostPositionals: 1,
    options: {
      k: { type: 'string', short: 'k', value: 'K', about: 'shares that are enough to read it (default 3)' },
      n: { type: 'string', short: 'n', value: 'N', about: 'shares in all, at most 100 (default 10)' },
      title: { type: 'string', value: 'T', about: 'title (default: from the content or its name)' },
      permanent: { type: 'boolean', about: 'nobody can change or delete it, ever; takes and gives no password' },
      'no-update': { type: 'boolean', about: 'it can be deleted but not updated' },
      'password-file': {
        type: 'string',
        value: 'F',
        about: 'file whose first line is the password (default: one is made and shown once)',
      },
      restart: { type: 'boolean', about: 'begins anew where the same was interrupted, instead of going on with it' },
      'strip-metadata': {
        type: 'boolean',
        about: 'publishes copies without what files tell about their author; refused when something cannot be removed',
      },
      'accept-remaining': {
        type: 'boolean',
        about: 'with --strip-metadata: publishes what cannot be removed all the same',
      },
      list: {
        type: 'boolean',
        about: 'lists it in search: whoever searches sees its title, its keywords and its link',
      },
      keywords: { type: 'string', value: 'W,...', about: 'words to find it by, with commas between (with --list)' },
    },
  },
  update: {
    positionals: 'LINK PATH',
    about: 'publishes a new edition, to which all earlier links lead; only what changed is sent',
    leastPositionals: 2,
    mostPositionals: 2,
    options: {
      'password-file': { type: 'string', value: 'F', about: 'file whose first line is the password; needed' },
      title: { type: 'string', value: 'T', about: 'title (default: that of the edition before)' },
      list: { type: 'boolean', about: 'lists it in search from here on, in place of what another machine listed' },
      keywords: { type: 'string', value: 'W,...', about: 'as for publish (with --list)' },
      unlist: { type: 'boolean', about: 'takes it out of search, whoever listed it' },
      'strip-metadata': { type: 'boolean', about: 'as for publish' },
      'accept-remaining': { type: 'boolean', about: 'as for publish' },
    },
  },
  list: {
    positionals: 'LINK',
    about: 'lists what is published in search: whoever searches sees its title, its keywords and its link',
    leastPositionals: 1,
    mostPositionals: 1,
    options: {
      'password-file': { type: 'string', value: 'F', about: 'file whose first line is the password; needed' },
      keywords: { type: 'string', value: 'W,...', about: 'words to find it by, with commas between' },
    },
  },
  unlist: {
    positionals: 'LINK',
    about: 'takes a publication out of search; a permanent one is renewed there no more',
    leastPositionals: 1,
    mostPositionals: 1,
    options: {
      'password-file': {
        type: 'string',
        value: 'F',
        about: 'file whose first line is the password; needed unless it is permanent',
      },
    },
  },
  delete: {
    positionals: 'LINK',
    about: 'deletes a publication, as far as nodes can be reached: who has a copy has a copy',
    leastPositionals: 1,
    mostPositionals: 1,
    options: {
      'password-file': { type: 'string', value: 'F', about: 'file whose first line is the password; needed' },
    },
  },
  passwd: {
    positionals: 'LINK',
    about: 'changes the password of a publication; all earlier links lead on',
    leastPositionals: 1,
    mostPositionals: 1,
    options: {
      'password-file': { type: 'string', value: 'F', about: 'file whose first line is the password; needed' },
      'new-password-file': { type: 'string', value: 'G', about: 'file whose first line is the new password; needed' },
    },
  },
  inspect: {
    positionals: 'PATH',
    about: 'says what files tell about their author; sends and changes nothing',
    leastPositionals: 1,
    mostPositionals: 1,
    options: {},
  },
  get: {
    positionals: 'LINK',
    about: 'retrieves and verifies a publication and writes it to disk',
    leastPositionals: 1,
    mostPositionals: 1,
    options: {
      output: { type: 'string', short: 'o', value: 'PATH', about: 'where to (default: its own name, here)' },
      restart: {
        type: 'boolean',
        about: 'throws away what an interrupted one left there, instead of going on with it',
      },
    },
  },
  download: {
    positionals: 'LINK',
    about: 'loads a shared file straight from the nodes that have it, which see the address of this one',
    leastPositionals: 1,
    mostPositionals: 1,
    options: {
      output: { type: 'string', short: 'o', value: 'PATH', about: 'where to (default: its own name, here)' },
      timeout: {
        type: 'string',
        value: 'S',
        about: 'seconds without anybody who has it after which it is given up (default 60)',
      },
    },
  },
  browse: {
    positionals: 'USER [FOLDER]',
    about: 'lists what a user shares, asked for straight: both ends see each other’s address',
    leastPositionals: 1,
    mostPositionals: 2,
    options: {
      all: { type: 'boolean', about: 'all files in it and below, instead of its files and folders' },
      limit: { type: 'string', value: 'N', about: 'entries that are enough (default 1000)' },
    },
  },
  folder: {
    positionals: 'USER FOLDER',
    about: 'loads a folder of what a user shares, with its tree, straight from it and whoever else has its files',
    leastPositionals: 2,
    mostPositionals: 2,
    options: {
      output: { type: 'string', short: 'o', value: 'PATH', about: 'where to (default: its own name, here)' },
      only: { type: 'string', multiple: true, value: 'PATH', about: 'this file in it alone; may be repeated' },
      timeout: {
        type: 'string',
        value: 'S',
        about: 'seconds in which nobody gives anything after which it is given up (default 60)',
      },
    },
  },
  transfer: {
    positionals: 'list | ACTION JOB [FILE...]',
    about: 'what is loaded from others; ACTION: files, want, leave, first, high, normal, low, pause, resume, stop',
    leastPositionals: 1,
    mostPositionals: 256,
    options: {
      'with-files': { type: 'boolean', about: 'whole files of a folder leave the disk, too (transfer stop)' },
    },
  },
  check: {
    positionals: 'LINK',
    about: 'says how healthy a publication is, without downloading everything',
    leastPositionals: 1,
    mostPositionals: 1,
    options: {},
  },
  keep: {
    positionals: 'LINK | stop LINK | list',
    about: 'keeps a publication alive: holds all of it here, puts back what others lost, looks again every day',
    leastPositionals: 1,
    mostPositionals: 2,
    options: {},
  },
  share: {
    positionals: 'add DIR | remove DIR | list | stop [DIR] | start [DIR]',
    about: 'shared folders: others find what is in them and load it from this node, whose address they see',
    leastPositionals: 1,
    mostPositionals: 2,
    options: {
      hidden: { type: 'boolean', about: 'hidden files too; what systems write for themselves never (share add)' },
      'even-so': { type: 'boolean', about: 'the home folder, or one hidden in it, when that is meant (share add)' },
    },
  },
  search: {
    positionals: 'WORDS...',
    about: 'searches the network: words, "words in a row", begin*, -without, size:>10MB, age:<30d',
    leastPositionals: 1,
    mostPositionals: 64,
    minusWords: true,
    options: {
      kind: { type: 'string', value: 'K', about: 'direct (shared files) or anonymous (publications)' },
      type: {
        type: 'string',
        value: 'T,...',
        about: 'audio, video, picture, document, archive, program, other',
      },
      'min-size': { type: 'string', value: 'B', about: 'at least so large: bytes, or 10MB' },
      'max-size': { type: 'string', value: 'B', about: 'at most so large' },
      limit: { type: 'string', value: 'N', about: 'contents that are enough, 1 ... 1000 (default 250)' },
      timeout: { type: 'string', value: 'S', about: 'seconds after which it ends, 1 ... 120 (default 30)' },
      users: { type: 'boolean', about: 'says who shares a file, too, for browse and folder' },
    },
  },
  wish: {
    positionals: 'add WORDS... | list | remove ID',
    about: 'searches that are made again and again, while a node runs',
    leastPositionals: 1,
    mostPositionals: 64,
    minusWords: true,
    options: {},
  },
  word: {
    positionals: 'claim WORDS LINK | get WORDS',
    about: 'claims words for a link, or shows who claims them',
    leastPositionals: 1,
    mostPositionals: 16,
    options: {
      note: { type: 'string', value: 'TEXT', about: 'what a claim says of its link, one line (word claim)' },
      bits: { type: 'string', value: 'B', about: 'work of a claim, 1 ... 32; one more is twice the work (word claim)' },
    },
  },
  pen: {
    positionals: 'create NAME | set PEN/NAME LINK | get @KEY/NAME | ...',
    about: 'pen names; also list, export NAME FILE, import FILE, follow @KEY/NAME, unfollow @KEY/NAME, following',
    leastPositionals: 1,
    mostPositionals: 3,
    options: {
      'password-file': {
        type: 'string',
        value: 'F',
        about: 'file whose first line is the password (pen export, pen import)',
      },
      name: { type: 'string', value: 'NAME', about: 'what it is called here (pen import)' },
      look: { type: 'boolean', about: 'looks for new editions at once (pen following)' },
    },
  },
  invite: {
    positionals: '',
    about: 'prints an invite to this network: keys and addresses of some nodes',
    leastPositionals: 0,
    mostPositionals: 0,
    options: {},
  },
  join: {
    positionals: 'INVITE',
    about: 'takes an invite in; a fresh data directory is put in its network',
    leastPositionals: 1,
    mostPositionals: 1,
    options: {},
  },
  move: {
    positionals: 'DIR',
    about: 'moves the data directory: copied, read back, then the old one goes; nothing may run on it',
    leastPositionals: 1,
    mostPositionals: 1,
    options: {},
  },
  url: {
    positionals: '',
    about: 'prints the address of the interface of the node that runs, with its token',
    leastPositionals: 0,
    mostPositionals: 0,
    options: {},
  },
  lock: {
    positionals: '',
    about: 'locks the library at once, where it has a passphrase; what runs goes on after unlocking',
    leastPositionals: 0,
    mostPositionals: 0,
    options: {
      wipe: {
        type: 'boolean',
        about: 'removes what is kept of opened publications, too (or: config set panic-wipes on)',
      },
    },
  },
  unlock: {
    positionals: '',
    about: 'unlocks the library of the node that runs, with --passphrase-file',
    leastPositionals: 0,
    mostPositionals: 0,
    options: {},
  },
  passphrase: {
    positionals: 'status | set | remove',
    about: 'the passphrase under which the library lies on the disk; who forgets it has lost the library',
    leastPositionals: 1,
    mostPositionals: 1,
    options: {
      'new-passphrase-file': {
        type: 'string',
        value: 'F',
        about: 'file whose first line is the new one (set; default: one is made and shown once)',
      },
    },
  },
  status: { positionals: '', about: 'says how the node is', leastPositionals: 0, mostPositionals: 0, options: {} },
  config: {
    positionals: 'get [KEY] | set KEY VALUE',
    about: 'reads or changes a setting',
    leastPositionals: 1,
    mostPositionals: 3,
    options: {},
  },
};
