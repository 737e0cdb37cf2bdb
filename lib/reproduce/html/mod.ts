/** Executed notebooks as self-contained pages, and the index of a report. @module */
export { type IndexPageOptions, renderIndex } from "./index_page.ts";
export { type NotebookPageOptions, renderNotebook } from "./notebook_page.ts";
export { sanitize } from "./sanitize.ts";
