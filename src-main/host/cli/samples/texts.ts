/** The words of the samples. The harbour, its board and its people are invented. */
import type { PdfPage } from './pdf.ts';

export const MINUTES = `MINUTES OF THE HARBOUR BOARD

Kept by the clerk of the board. Nothing was struck out.

1. The minutes of the last meeting were read and agreed.

2. The harbour master reported that the north channel has lost forty
   centimetres of depth since the autumn gales. The two larger fishing
   boats now wait for half tide. Dredging was asked for again.

3. The contractor's offer was laid on the table. The board asked why the
   spoil is to be laid on the saltmarsh, when the survey of the marsh is
   not finished. The contractor said that he had been told it was.
   Nobody present could say by whom.

4. It was resolved, five for and two against, that no spoil is laid on the
   marsh before the survey has been published in full, and that the survey
   is published whatever it says.

5. The ferry may land at the old steps until the new ones have a rail.

6. The lamp at the end of the mole is dark again. The keeper has written.

Next meeting: the first Tuesday after the equinox, at high water, so that
the members from the islands can come and go by boat.
`;

export const READING_LIST = `# Reading list of the tidal library

The library opens two hours either side of low water, when the causeway is dry.
It lends to anybody who can name the next high tide.

## Where to begin

1. *The Saltmarsh Survey*: seven plots, four seasons, every count. Start with the map.
2. *Dredging of the north channel*: the engineer's report, with the figures that were left out of the summary.
3. *Minutes of the harbour board*: short, and worth reading twice.

## How the shelves are ordered

| shelf | holds | of interest to |
|---|---|---|
| A | charts and soundings | pilots |
| B | minutes and petitions | everybody who pays harbour dues |
| C | birds, grasses, mud | the survey |
| D | letters | those who wrote them |

## Rules

- Bring books back before the tide does.
- Copy what you like. **A thing with many copies is hard to lose.**
- Write in pencil, and only in the margins of your own copy.

> The sea keeps what it is given. So should a library.

\`\`\`
low water   06:12   18:37
causeway    04:12 - 08:12   16:37 - 20:37
\`\`\`
`;

export const LETTER_RU = `Письмо смотрителя маяка

В правление гавани.

Огонь на конце мола снова погас. Я зажигал его трижды за неделю, и трижды
его гасила вода: рама треснула ещё осенью, и стекло держится на проволоке.

Прошу прислать раму, два стекла и бочонок масла. Лодку за ними я пришлю сам,
в прилив, если мне скажут день.

Если рамы не будет, я буду выходить с ручным фонарём, как выходил мой
предшественник, но прошу записать в протокол, что я об этом писал.

Вода в эту ночь поднялась на ладонь выше метки. Метку я перенёс, а старую
оставил, чтобы было видно.

Смотритель
`;

export const PDF_PAGES: readonly PdfPage[] = [
  {
    heading: 'Dredging of the north channel',
    paragraphs: [
      'A report to the harbour board by its engineer. This is the whole report, with the tables that the summary leaves out.',
      'The north channel was last dredged eleven years ago, to three metres and a half below chart datum. It now carries two metres and ninety centimetres at its shallowest, off the second beacon, and loses eight to twelve centimetres in a year. Boats that draw more than two metres wait for half tide.',
      'Three questions were put to me: how much is to be lifted, what it costs, and where it is to go. The first two have plain answers. The third has not, and I say so in these pages at some length, because the summary does not.',
      'All soundings were taken by hand line at slack water, each twice, on different days and by different people. Where the two differ by more than ten centimetres both are given.',
    ],
  },
  {
    heading: 'What is to be lifted',
    paragraphs: [
      'To bring the channel back to its depth over a width of thirty metres, from the first beacon to the mole, fourteen thousand cubic metres are to be lifted. About two thirds is fine mud, a quarter is sand, and the rest is shell and what people have thrown in.',
      'Of the eleven samples of mud that were sent for testing, nine were clean. Two, both from below the old slip, held tin from the paint of boats at more than three times what may be laid on land. The summary gives the mean of all eleven, which is below that limit. A mean is the wrong figure to give: the two spots can be lifted first, kept apart and taken away in closed barges, and then the rest is clean.',
      'The contractor’s offer lifts everything together.',
    ],
  },
  {
    heading: 'Where it is to go',
    paragraphs: [
      'The offer lays the spoil on the upper saltmarsh. It is near, and so it is cheap. It would cover four of the seven plots of the survey with half a metre of mud in the season in which they are counted.',
      'There are two other places. The old brick pits take nine thousand cubic metres and need a pipe of eleven hundred metres. The sea ground off the point takes any amount, and needs a licence and calm weather.',
      'The cost for each cubic metre, everything counted, is as follows: the saltmarsh, 6; the brick pits, 9; the sea ground, 8, and 11 for what has to wait for weather. The two spots with tin cost 40 wherever they go, and that sum is the same in every plan.',
      'Over the whole work the cheapest plan saves one part in five. What it spends for that is the marsh.',
    ],
  },
  {
    heading: 'What I advise',
    paragraphs: [
      'Lift the two spots below the slip first, in closed barges, in the spring. Then fill the brick pits. Lay the rest on the sea ground in the calm weeks of summer. Leave the marsh alone until the survey is finished, and then read it before deciding anything.',
      'Publish this report whole, with its tables. A summary that leaves out where the bad samples were taken is not shorter, it is another document.',
      'The soundings, twice each, are kept in the tidal library on shelf A, where anybody may copy them.',
    ],
  },
];

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title}</title>
    <link rel="stylesheet" href="style.css">
  </head>
  <body>
    <header>
      <p class="name">The Saltmarsh Survey</p>
      <nav><a href="index.html">The marsh</a> <a href="plots.html">Seven plots</a> <a href="tides.html">Tides</a></nav>
    </header>
    <main>
      <h1>${title}</h1>
${body}
    </main>
    <footer><p>Counted by the people of the harbour. Copy it as you like.</p></footer>
  </body>
</html>
`;

const STYLE = `:root { color-scheme: light dark; }
body { margin: 0 auto; padding: 1.5rem; max-width: 42rem; font: 1.05rem/1.6 Georgia, serif; }
header { border-bottom: 4px double currentColor; margin-bottom: 2rem; }
.name { font-size: 1.1rem; font-weight: bold; margin: 0; }
nav { padding: 0.25rem 0 0.75rem; }
nav a { margin-inline-end: 1rem; }
h1 { font-size: 2.2rem; line-height: 1.15; }
img { display: block; width: 100%; height: auto; border: 1px solid #807e85; }
figure { margin: 2rem 0; }
figcaption { font-size: 0.9rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: start; padding: 0.35rem 0.75rem 0.35rem 0; border-bottom: 1px solid #807e85; }
td.number, th.number { text-align: end; }
footer { border-top: 1px solid currentColor; margin-top: 3rem; font-size: 0.9rem; }
`;

const MAP = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 420" role="img" aria-label="Map of the saltmarsh with its seven plots">
  <rect width="720" height="420" fill="#f8f7f3"/>
  <path d="M0 300C120 250 170 330 290 290S470 210 560 240s110-20 160-40V420H0Z" fill="#bfcdd6"/>
  <path d="M0 120C90 90 200 140 300 110S520 60 720 100V200c-50 20-110 70-160 40s-150-10-270 50S120 250 0 300Z" fill="#dfe3cf"/>
  <path d="M90 285C140 240 130 200 190 170M330 280c20-50-10-80 40-130M560 238c-10-40 30-60 20-100" fill="none" stroke="#8aa2b0" stroke-width="7" stroke-linecap="round"/>
  <g fill="none" stroke="#1a191d" stroke-width="2.5">
    <rect x="70" y="150" width="46" height="46"/><rect x="150" y="205" width="46" height="46"/><rect x="230" y="140" width="46" height="46"/>
    <rect x="285" y="220" width="46" height="46"/><rect x="410" y="130" width="46" height="46"/><rect x="480" y="185" width="46" height="46"/>
    <rect x="620" y="130" width="46" height="46"/>
  </g>
  <g font-family="Georgia, serif" font-size="22" fill="#1a191d" text-anchor="middle">
    <text x="93" y="181">1</text><text x="173" y="236">2</text><text x="253" y="171">3</text><text x="308" y="251">4</text>
    <text x="433" y="161">5</text><text x="503" y="216">6</text><text x="643" y="161">7</text>
  </g>
  <g font-family="Georgia, serif" font-size="18" font-style="italic" fill="#1a191d">
    <text x="30" y="60">Old brick pits</text><text x="560" y="60">The village</text><text x="300" y="370">North channel</text>
  </g>
  <path d="M20 20h680v380H20Z" fill="none" stroke="#1a191d" stroke-width="4"/><path d="M28 28h664v364H28Z" fill="none" stroke="#1a191d"/>
</svg>
`;

const PLOTS: readonly (readonly [plot: number, ground: string, grasses: number, birds: number])[] = [
  [1, 'upper marsh, dry', 14, 31],
  [2, 'creek edge', 9, 58],
  [3, 'upper marsh', 17, 40],
  [4, 'creek edge, soft', 7, 66],
  [5, 'upper marsh, grazed', 11, 22],
  [6, 'lower marsh', 6, 71],
  [7, 'below the sea wall', 12, 35],
];

/** The pages of the site, its style and its map; the chart is a picture that is drawn apart. */
export function siteFiles(): Record<string, string> {
  const rows = PLOTS.map(
    ([plot, ground, grasses, birds]) =>
      `        <tr><td>${plot}</td><td>${ground}</td><td class="number">${grasses}</td><td class="number">${birds}</td></tr>`,
  ).join('\n');
  return {
    'style.css': STYLE,
    'pictures/map.svg': MAP,
    'index.html': page(
      'The marsh behind the mole',
      `      <p>For four seasons the people of the harbour have counted what lives on the saltmarsh: in <a href="plots.html">seven
      plots</a>, at low water, by the same rules each time. The counts are here, all of them, good years and bad.</p>
      <figure>
        <img src="pictures/map.svg" alt="Map of the marsh: seven plots along three creeks, north of the channel">
        <figcaption>The seven plots. Each is ten metres by ten.</figcaption>
      </figure>
      <p>A marsh lives by its <a href="tides.html">tides</a>. Where the ground is raised by half a metre, the grasses of the
      upper marsh take five years to come back, and those of the creek edges do not.</p>`,
    ),
    'plots.html': page(
      'Seven plots',
      `      <p>Kinds of grasses and herbs, and birds in an hour, as the mean of four seasons.</p>
      <table>
        <thead><tr><th>Plot</th><th>Ground</th><th class="number">Plants</th><th class="number">Birds</th></tr></thead>
        <tbody>
${rows}
        </tbody>
      </table>
      <p>The plots are drawn on the <a href="index.html">map</a>.</p>`,
    ),
    'tides.html': page(
      'Tides',
      `      <p>Two high waters in a day, higher at new and full moon. The causeway is dry for two hours either side of low water.</p>
      <figure>
        <img src="pictures/tide-chart.png" alt="Height of the water over fourteen days: springs at both ends, neaps between">
        <figcaption>A fortnight from full moon to new moon.</figcaption>
      </figure>
      <p>Back to <a href="index.html">the marsh</a>.</p>`,
    ),
  };
}
