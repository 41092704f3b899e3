/**
 * Kinds of files, by which people filter, and what runs when it is opened: told by the name's ending alone, for nothing else is
 * known of what others share. Names come from strangers, and are made to mislead.
 */
export const FILE_KINDS = ['audio', 'video', 'picture', 'document', 'archive', 'program', 'other'] as const;
export type FileKind = (typeof FILE_KINDS)[number];

/**
 * double-ending: the ending that counts stands behind another of a harmless kind (`photo.jpg.exe`).
 * turned: characters turn the direction of letters, so that it reads as another name than it is (`invoice_‮fdp.exe`).
 * invisible: it holds characters that nobody sees, or blanks so many that the ending is out of sight.
 */
export const NAME_WARNINGS = ['double-ending', 'turned', 'invisible'] as const;
export type NameWarning = (typeof NAME_WARNINGS)[number];

/**
 * What runs, or has another program run what is in it, when it is opened on Windows, macOS or Linux as they come: programs, scripts,
 * installers, packages, shortcuts, settings that are merged, macros that office programs offer to run, images of disks that mount
 * themselves and are known for carrying the others past warnings. Lists: Windows' own of dangerous types (Outlook's blocked
 * attachments, `assoc` of PATHEXT), macOS's quarantine types, freedesktop's media types of executables.
 */
const PROGRAMS = words(`
  exe com scr pif cpl msi msp mst msix msixbundle appx appxbundle appinstaller application gadget bat cmd ps1 ps1xml ps2 ps2xml
  psc1 psc2 psd1 psm1 psrc pssc vb vbe vbs vbp js jse mjs cjs ws wsc wsf wsh wsb sct hta htc msc mcf msh msh1 msh2 mshxml chm
  hlp inf ins isp reg lnk url scf library-ms search-ms searchconnector-ms settingcontent-ms theme themepack desktopthemepackfile
  diagcab diagpkg printerexport xbap jnlp jar class dll ocx sys drv efi xll wll ade adp mda mde mdt mdw mdz accda accde accdr
  accdu grp job prg rdp udl website cdxml xaml-application vhd vhdx iso img crt osd mad maf mag mam maq mar mas mat mau mav maw
  pcd plg prf pst shb shs vsmacros vsw xnk mui action command tool workflow app pkg mpkg dmg scpt scptd applescript osax
  terminal prefpane qlgenerator saver mobileconfig webloc inetloc fileloc kext bundle xpc dylib sh bash zsh csh ksh fish tcsh
  run bin out elf so ko o appimage deb rpm snap flatpak flatpakref flatpakrepo ebuild desktop service py pyc pyo pyw pyz pyzw pl
  pm rb php phar lua tcl awk apk xapk apks aab ipa xpi crx docm dotm xlsm xltm xlam xlsb pptm potm ppam ppsm sldm one onepkg iqy
  slk wasm swf air ahk au3 gms
`);

const ENDINGS: Readonly<Record<Exclude<FileKind, 'program' | 'other'>, ReadonlySet<string>>> = {
  audio:
    words(`mp3 flac ogg oga opus m4a m4b aac wav wave wma aif aiff aifc ape alac mka mid midi kar amr ac3 dts mpc wv tta spx
    ra au snd mod xm s3m it cue m3u m3u8 pls xspf dsf dff weba caf`),
  video: words(`mp4 m4v mkv webm avi mov mpg mpeg mpe m2v m2ts mts vob ogv ogm wmv asf flv f4v 3gp 3g2 rm rmvb divx
    mxf qt srt sub ssa ass vtt y4m hevc av1`),
  picture:
    words(`jpg jpeg jpe jfif png gif webp avif heic heif tif tiff bmp svg svgz ico psd xcf ai eps raw dng cr2 cr3 nef arw
    orf rw2 raf pef srw kra ora tga ppm pgm pbm pnm jxl jp2 j2k dds hdr exr cdr indd fig dwg dxf`),
  document:
    words(`pdf txt text md markdown rst org tex epub mobi azw azw3 fb2 lit djvu djv cbz cbr cb7 cbt doc docx dot dotx odt
    ott fodt rtf wpd wps pages xls xlsx xlt xltx ods ots fods csv tsv numbers ppt pptx pps ppsx pot potx odp otp key html htm
    xhtml mhtml mht xml json yaml yml log ps dvi chw nfo bib ris vcf ics eml mbox msg gpx kml geojson sqlite db parquet`),
  archive:
    words(`zip 7z rar tar gz tgz bz2 tbz tbz2 xz txz zst tzst lz lzma lz4 z arj cab cpio ar lha lzh sit sitx ace arc zoo
    zipx war ear par par2 warc wacz nrg mdf toast torrent`),
};

const KIND_OF = new Map<string, FileKind>(
  Object.entries(ENDINGS).flatMap(([kind, endings]) =>
    [...endings].map((ending) => [ending, kind as FileKind] as const),
  ),
);

/** Marks, embeddings, overrides and isolates of direction (Unicode, Bidi_Control). */
const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
/**
 * Characters that are drawn as nothing, but those that scripts, names and emoji need between letters (joiners, variation selectors), and
 * those that turn.
 */
const NEEDED = '\\u061c\\u200c-\\u200f\\u202a-\\u202e\\u2066-\\u2069\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}';
const INVISIBLE = new RegExp(`[[\\p{Default_Ignorable_Code_Point}\\ufff9-\\ufffb]--[${NEEDED}]]`, 'v');
/** So many blanks push the rest of a name out of a list's column. Guess. */
const MANY_BLANKS = /\s{8}|[\u2800\u3000]{4}/u;
/** Of the end of a name alone: longer endings are none. */
const MAX_ENDING = 24;

export function fileKindOf(name: string): FileKind {
  const ending = endingOf(name);
  if (PROGRAMS.has(ending)) return 'program';
  return KIND_OF.get(ending) ?? 'other';
}

/** Whether a file of this name runs when it is opened, on any of the systems that Broadside is for. */
export function isProgram(name: string): boolean {
  return PROGRAMS.has(endingOf(name));
}

/** What in the name misleads whoever reads it; in the order of NAME_WARNINGS. */
export function nameWarnings(name: string): NameWarning[] {
  const found: NameWarning[] = [];
  if (isDoubleEnding(name)) found.push('double-ending');
  if (TURNING.test(name)) found.push('turned');
  if (INVISIBLE.test(name) || MANY_BLANKS.test(name)) found.push('invisible');
  return found;
}

/** `photo.jpg.exe`, `photo.jpg      .exe`: a program that shows the ending of something harmless before its own. */
function isDoubleEnding(name: string): boolean {
  if (!isProgram(name)) return false;
  const plain = plainName(name);
  const before = endingOf(plain.slice(0, plain.lastIndexOf('.')));
  return KIND_OF.has(before) && !PROGRAMS.has(before);
}

/**
 * The ending that the system would go by. Windows leaves blanks and dots at the end of a name away, and lists show no invisible
 * characters: `setup.exe. ` is `setup.exe`.
 */
function endingOf(name: string): string {
  const plain = plainName(name);
  const dot = plain.lastIndexOf('.');
  return dot < 0 || plain.length - dot - 1 > MAX_ENDING ? '' : plain.slice(dot + 1).toLowerCase();
}

function plainName(name: string): string {
  const end = name
    .slice(-256)
    .normalize('NFKC')
    .replace(/[\p{Cf}\p{Cc}\p{Default_Ignorable_Code_Point}]/gu, '');
  const length = trimmedLength(end);
  const plain = end.slice(0, length);
  const dot = plain.lastIndexOf('.');
  if (dot < 0) return plain;
  // Blanks round the last dot: "photo.jpg      .exe", "setup. exe".
  const stem = plain.slice(0, trimmedLength(plain.slice(0, dot)));
  return `${stem}.${plain.slice(dot + 1).trimStart()}`;
}

/** Without blanks and dots at the end; by hand, for an expression bound to the end takes quadratic time. */
function trimmedLength(text: string): number {
  let length = text.length;
  while (length > 0 && /[\s.\u2800]/u.test(text[length - 1]!)) length -= 1;
  return length;
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
