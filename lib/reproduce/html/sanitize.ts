import sanitizeHtml from "sanitize-html";

/**
 * HTML, SVG and MathML of others made safe to open: only elements and attributes of these lists get through, and what
 * gets through is written anew, so that no malformed input survives. Scripts, event handlers, forms, frames, style
 * sheets, animations and everything that would load something from elsewhere are not on the lists.
 */

const words = (text: string) => text.trim().split(/\s+/);

const HTML_TAGS = words(`
  a abbr b blockquote br caption center cite code col colgroup dd del details dfn div dl dt em figcaption
  figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre progress q s samp section small span strong
  sub summary sup table tbody td tfoot th thead tr u ul var wbr
`);

const SVG_TAGS = words(`
  svg g defs desc title symbol use image path rect circle ellipse line polyline polygon text tspan
  textPath marker pattern mask clipPath linearGradient radialGradient stop switch
`);

const MATHML_TAGS = words(`
  math mrow mi mn mo ms mtext mspace msup msub msubsup mfrac msqrt mroot mover munder munderover mtable
  mtr mtd mstyle mpadded mphantom menclose mmultiscripts mprescripts
`);

const ATTRIBUTES = [
  // HTML
  ...words(`
    id title lang dir align valign width height alt src href colspan rowspan scope headers span start
    reversed open value max cite datetime border role aria-label aria-labelledby aria-describedby
    aria-hidden style class
  `),
  // SVG
  ...words(`
    xmlns viewBox preserveAspectRatio x y x1 y1 x2 y2 cx cy r rx ry dx dy fx fy d points pathLength
    rotate textLength lengthAdjust transform fill stroke opacity color visibility display overflow
    direction cursor clip-path clip-rule clipPathUnits mask maskUnits maskContentUnits gradientUnits
    gradientTransform spreadMethod offset patternUnits patternContentUnits patternTransform markerWidth
    markerHeight markerUnits refX refY orient image-rendering shape-rendering text-rendering paint-order
    mix-blend-mode isolation vector-effect startOffset xlink:href text-anchor text-decoration
    letter-spacing word-spacing dominant-baseline alignment-baseline baseline-shift writing-mode fill-*
    stroke-* stop-* font-* marker-*
  `),
  // MathML
  ...words(`
    mathvariant displaystyle scriptlevel stretchy symmetric fence separator form accent accentunder
    lspace rspace minsize maxsize movablelimits largeop linethickness columnalign rowalign columnspacing
    rowspacing columnlines rowlines frame notation depth voffset
  `),
];

/** Values of a style: names, numbers, colours and lists of them. No `url(…)`, no escapes, no negative margins. */
const PLAIN = /^(?!.*(?:url|image|expression|attr|var|env)\s*\()[\w\s#%.,()'"+/-]*$/i;
const LENGTH = /^[\d.\s%a-z]*$/i;
const STYLES: Record<string, RegExp[]> = {
  ...Object.fromEntries(
    words(`
      color background background-color fill fill-opacity stroke stroke-width stroke-opacity
      stroke-dasharray opacity font font-family font-size font-style font-weight font-variant text-align
      text-decoration text-anchor vertical-align white-space line-height border border-top border-right
      border-bottom border-left border-color border-style border-width border-collapse border-radius
      border-spacing
    `).map((name) => [name, [PLAIN]]),
  ),
  ...Object.fromEntries(
    words(`
      width height max-width max-height min-width min-height padding padding-top padding-right
      padding-bottom padding-left margin margin-top margin-right margin-bottom margin-left
    `).map((name) => [name, [LENGTH]]),
  ),
  display: [/^(?:block|inline|inline-block|none|table|table-cell|table-row)$/],
};

interface TransformedTag {
  tagName: string;
  attribs: Record<string, string>;
}

type Sanitize = (html: string, options: Record<string, unknown>) => string;

/** The parser hands SVG names out in their own case or in small letters, according to where it meets them. */
const NAMES = new Map([...HTML_TAGS, ...SVG_TAGS, ...MATHML_TAGS].map((name) => [name.toLowerCase(), name]));
const ATTRIBUTE_NAMES = new Map(ATTRIBUTES.map((name) => [name.toLowerCase(), name]));

const OPTIONS = {
  allowedTags: [...NAMES.values()],
  allowedAttributes: { "*": ATTRIBUTES, "a": ["rel"] },
  allowedClasses: { span: [/^hljs-[\w-]+$/], code: [/^hljs$/, /^language-[\w-]+$/] },
  allowedStyles: { "*": STYLES },
  allowedSchemes: ["http", "https", "mailto"],
  allowedSchemesByTag: { img: ["data"], image: ["data"] },
  allowedSchemesAppliedToAttributes: ["href", "src", "cite", "xlink:href"],
  allowProtocolRelative: false,
  disallowedTagsMode: "discard",
  // Their text is code or data, not something to be read.
  nonTextTags: words(`
    script style textarea option xmp noscript iframe noembed noframes plaintext template object embed
    foreignobject foreignObject annotation annotation-xml head
  `),
  nestingLimit: 200,
  transformTags: { "*": transform },
};

/** Returns `html` with only harmless elements, attributes and addresses left. */
export function sanitize(html: string): string {
  return (sanitizeHtml as unknown as Sanitize)(html, OPTIONS);
}

function transform(tagName: string, attribs: Record<string, string>): TransformedTag {
  const name = NAMES.get(tagName.toLowerCase()) ?? tagName, kept: Record<string, string> = {};
  for (const [key, value] of Object.entries(attribs)) {
    const attribute = ATTRIBUTE_NAMES.get(key.toLowerCase()) ?? key;
    if (
      isAddress(attribute) ? isHarmlessAddress(name, attribute, value) : isHarmlessValue(attribute, value)
    ) {
      kept[attribute] = value;
    }
  }
  delete kept.rel;
  if (name === "a" && /^https?:/i.test(kept.href ?? "")) kept.rel = "noopener noreferrer";
  return { tagName: name, attribs: kept };
}

const isAddress = (attribute: string) =>
  attribute === "href" || attribute === "src" || attribute === "xlink:href";

/** Links may lead elsewhere when somebody follows them; everything else stays within the page. */
function isHarmlessAddress(tag: string, attribute: string, value: string): boolean {
  if (tag === "a") return attribute === "href";
  if (tag === "img" || tag === "image") {
    return /^data:image\/(?:png|jpeg|gif|webp);base64,[\w+/=\s]*$/.test(value);
  }
  return /^#[\w:.-]+$/.test(value);
}

/** Paint servers, clips and markers are named with `url(#…)` of the same page; other `url(…)` would load. */
function isHarmlessValue(attribute: string, value: string): boolean {
  if (attribute === "style") return true;
  return !/url\s*\(/i.test(value) || /^\s*url\(\s*["']?#[\w:.-]+["']?\s*\)\s*$/.test(value);
}
