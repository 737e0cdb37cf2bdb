import { escapeHtml } from "./escape.ts";
import { STYLE } from "./style.ts";

/** What {@link page} puts together. */
export interface PageParts {
  /** Title of the window, plain text. */
  title: string;
  /** Content of the body, safe HTML. */
  body: string;
  /** Allow scripts, for notebooks of people one trusts. Default false. */
  trust?: boolean;
}

/**
 * What a page may do: nothing but show itself. No script, no connection, no frame, no form, pictures only from within;
 * a second wall behind the sanitiser.
 */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** Returns a complete page that needs no network. */
export function page(parts: PageParts): string {
  const policy = parts.trust ? "" : `<meta http-equiv="Content-Security-Policy" content="${POLICY}">\n`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
${policy}<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(parts.title)}</title>
<style>${STYLE}</style>
</head>
<body>
${parts.body}
</body>
</html>
`;
}
