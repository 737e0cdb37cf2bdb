import { parseHTML } from "linkedom";
import { CanvasShim } from "./canvas_shim.ts";

/** As much of a DOM element as the figures touch. */
export interface SvgElement {
  /** The name as written; linkedom's `tagName` is in capitals, which SVG does not know. */
  readonly localName: string;
  readonly children: ArrayLike<SvgElement> & Iterable<SvgElement>;
  readonly attributes: Iterable<{ name: string; value: string }>;
  readonly parentNode: SvgElement | null;
  readonly outerHTML: string;
  innerHTML: string;
  textContent: string;
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  remove(): void;
  querySelectorAll(selector: string): ArrayLike<SvgElement> & Iterable<SvgElement>;
}

/** As much of a DOM document as Observable Plot and the figures touch. */
export interface SvgDocument {
  createElement(name: string): unknown;
  createElementNS(namespace: string, name: string): SvgElement;
}

let shared: SvgDocument | undefined;

/**
 * Returns the document that figures are drawn in: linkedom's, whose canvas is {@link CanvasShim}. It is made on first
 * use and shared, since nothing is ever attached to it.
 */
export function drawingDocument(): SvgDocument {
  if (shared === undefined) {
    const page = parseHTML("<!doctype html><html><body></body></html>") as unknown as {
      document: SvgDocument;
    };
    const document = page.document;
    const create = document.createElement.bind(document);
    document.createElement = (name) => name === "canvas" ? new CanvasShim() : create(name);
    shared = document;
  }
  return shared;
}
