import highlighter from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import json from "highlight.js/lib/languages/json";
import python from "highlight.js/lib/languages/python";
import typescript from "highlight.js/lib/languages/typescript";
import { escapeHtml } from "./escape.ts";

highlighter.registerLanguage("bash", bash);
highlighter.registerLanguage("json", json);
highlighter.registerLanguage("python", python);
highlighter.registerLanguage("typescript", typescript);

const ALIASES: Record<string, string> = {
  ts: "typescript",
  js: "typescript",
  javascript: "typescript",
  sh: "bash",
};

/** Returns code as HTML with its parts marked by classes `hljs-…`; code of an unknown language is only escaped. */
export function highlight(code: string, language = ""): string {
  const name = ALIASES[language] ?? language;
  if (highlighter.getLanguage(name) === undefined) return escapeHtml(code);
  return highlighter.highlight(code, { language: name, ignoreIllegals: true }).value;
}
