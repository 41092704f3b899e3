/**
 * What HTML, SVG and MathML may hold in a document that is inert: what shows something and does nothing. Lists of what is
 * allowed, so that what is new in browsers is left out until somebody has looked at it.
 */

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

/**
 * Not here: forms and what submits them (but boxes that can be ticked, which sheets build menus of), frames, objects, canvas
 * (empty without script), template and slot, dialog's opener; noscript, whose content is shown instead.
 */
export const HTML_ELEMENTS = words(`
  html head body title style link
  a abbr acronym address area article aside audio b bdi bdo big blockquote br caption center cite code col colgroup data
  dd del details dfn dir div dl dt em fieldset figcaption figure font footer h1 h2 h3 h4 h5 h6 header hgroup hr i img input
  ins kbd label legend li main map mark menu meter nav nobr ol p picture pre progress q rp rt ruby s samp search section small
  source span strike strong sub summary sup table tbody td tfoot th thead time tr track tt u ul var video wbr`);

/** Elements without an end tag, among those above. */
export const VOID_ELEMENTS = words('area br col hr img input link source track wbr');

/** Without scripts, animation (which changes attributes later), foreignObject (HTML inside), feImage and mpath. */
export const SVG_ELEMENTS = words(`
  svg g defs symbol use title desc metadata switch view
  path rect circle ellipse line polyline polygon image text tspan textPath
  marker linearGradient radialGradient stop pattern clipPath mask filter
  feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap feDistantLight
  feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feMerge feMergeNode feMorphology feOffset fePointLight
  feSpecularLighting feSpotLight feTile feTurbulence`);

/** MathML Core without annotations (which may hold HTML) and maction. */
export const MATH_ELEMENTS = words(`
  math merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace msqrt mstyle msub msubsup
  msup mtable mtd mtext mtr munder munderover`);

/** On every element. */
export const EVERYWHERE = words(`
  id class style title lang dir role hidden tabindex translate xml:lang xml:space
  aria-label aria-labelledby aria-describedby aria-hidden aria-level aria-current aria-roledescription aria-details
  datetime cite`);

/** On elements of HTML: what lays out. */
export const HTML_ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  a: words('href name hreflang type rel download'),
  area: words('href shape coords alt'),
  audio: words('src controls loop muted preload'),
  bdo: [],
  blockquote: [],
  body: words('bgcolor text link vlink alink background'),
  br: ['clear'],
  caption: ['align'],
  col: words('span width align valign'),
  colgroup: words('span width align valign'),
  data: ['value'],
  details: words('open name'),
  div: ['align'],
  font: words('color face size'),
  h1: ['align'],
  h2: ['align'],
  h3: ['align'],
  h4: ['align'],
  h5: ['align'],
  h6: ['align'],
  hr: words('align color noshade size width'),
  html: words('prefix'),
  img: words('src srcset sizes alt width height align border hspace vspace usemap ismap loading decoding'),
  input: words('type checked disabled name'),
  label: ['for'],
  li: words('type value'),
  link: words('rel href media type hreflang sizes'),
  map: ['name'],
  meter: words('value min max low high optimum'),
  ol: words('type start reversed compact'),
  p: ['align'],
  pre: ['width'],
  progress: words('value max'),
  q: [],
  source: words('src srcset sizes media type width height'),
  style: words('media type'),
  table: words('align bgcolor background border cellpadding cellspacing frame rules summary width height'),
  tbody: words('align valign'),
  td: words('abbr align axis bgcolor background colspan headers height nowrap rowspan scope valign width'),
  tfoot: words('align valign'),
  th: words('abbr align axis bgcolor background colspan headers height nowrap rowspan scope valign width'),
  thead: words('align valign'),
  tr: words('align bgcolor background valign height'),
  track: words('src kind srclang label default'),
  ul: words('type compact'),
  video: words('src controls loop muted poster preload width height playsinline'),
};

/** On elements of SVG. Names of events, `attributeName` and what only animation reads are not among them. */
export const SVG_ATTRIBUTES = words(`
  href xlink:href xlink:title xmlns xmlns:xlink version viewBox preserveAspectRatio width height x y x1 y1 x2 y2 cx cy r rx ry fx fy
  fr d points pathLength transform gradientTransform gradientUnits patternTransform patternUnits patternContentUnits
  clipPathUnits maskUnits maskContentUnits filterUnits primitiveUnits markerUnits markerWidth markerHeight refX refY orient
  spreadMethod offset dx dy rotate textLength lengthAdjust startOffset method spacing side media type
  alignment-baseline baseline-shift clip clip-path clip-rule color color-interpolation color-interpolation-filters cursor
  direction display dominant-baseline enable-background fill fill-opacity fill-rule filter flood-color flood-opacity
  font-family font-size font-size-adjust font-stretch font-style font-variant font-weight glyph-orientation-horizontal
  glyph-orientation-vertical image-rendering kerning letter-spacing lighting-color marker marker-end marker-mid marker-start
  mask mask-type mix-blend-mode opacity overflow paint-order pointer-events shape-rendering stop-color stop-opacity stroke
  stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width text-anchor
  text-decoration text-overflow text-rendering transform-box transform-origin unicode-bidi vector-effect visibility
  white-space word-spacing writing-mode
  in in2 result mode operator k1 k2 k3 k4 values tableValues slope intercept amplitude exponent stdDeviation edgeMode
  kernelMatrix order divisor bias targetX targetY preserveAlpha kernelUnitLength surfaceScale specularConstant
  specularExponent diffuseConstant scale xChannelSelector yChannelSelector azimuth elevation pointsAtX pointsAtY pointsAtZ
  limitingConeAngle z radius baseFrequency numOctaves seed stitchTiles requiredExtensions systemLanguage`);

/** Attributes of SVG whose value is CSS and may hold url(). */
export const SVG_STYLED = new Set(
  words('clip-path cursor fill filter marker marker-end marker-mid marker-start mask stroke transform color'),
);

export const MATH_ATTRIBUTES = words(`
  display displaystyle mathbackground mathcolor mathsize mathvariant scriptlevel linethickness form fence separator lspace
  rspace stretchy symmetric maxsize minsize largeop movablelimits width height depth voffset accent accentunder columnspan
  rowspan columnalign rowalign open close notation xmlns`);

/** Their content goes with them; of all others only the tags go, so that what stands in for an object is shown. */
export const DROPPED_WHOLE = words(
  'script textarea option iframe noembed noframes template foreignobject foreignObject annotation annotation-xml portal fencedframe',
);

/** Relations of a link that load what a page is dressed in; all others load ahead or nothing. */
export const SHEET_RELATIONS = new Set(['stylesheet', 'alternate', 'icon', 'shortcut', 'apple-touch-icon']);
export const AHEAD_RELATIONS =
  /^(?:preconnect|dns-prefetch|prefetch|preload|modulepreload|prerender|next|pingback|manifest|expect|compression-dictionary)$/;

export const SVG_NAMESPACE = 'http://www.w3.org/2000/svg';
export const XLINK_NAMESPACE = 'http://www.w3.org/1999/xlink';
export const MATH_NAMESPACE = 'http://www.w3.org/1998/Math/MathML';
