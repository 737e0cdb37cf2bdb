/** The one style sheet of all pages: readable in light, in dark and on paper, without fonts of its own. */
export const STYLE = `
:root {
  --paper: #ffffff; --ink: #1b1f24; --faint: #5c6670; --line: #d5dae0; --wash: #f5f7f9;
  --good: #116329; --good-wash: #dff3e4; --bad: #a40e26; --bad-wash: #fdebec; --warn: #7a4b00; --warn-wash: #fff3d6;
  --link: #0a5ea8; --keyword: #9b1c3f; --string: #0a5a3c; --number: #0550ae; --comment: #68727c; --name: #6a31b0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181d; --ink: #e3e7ec; --faint: #9aa5b1; --line: #353d46; --wash: #1c2229;
    --good: #7fd69a; --good-wash: #16331f; --bad: #ff9aa5; --bad-wash: #421920; --warn: #f2c66d; --warn-wash: #3b2e10;
    --link: #79b8ff; --keyword: #ff9db0; --string: #8fdcb0; --number: #8cc4ff; --comment: #8b96a2; --name: #d2b0ff;
  }
}
* { box-sizing: border-box; }
html { color-scheme: light dark; }
body { margin: 0 auto; padding: 1.5rem 1.25rem 4rem; max-width: 56rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; overflow-wrap: break-word; }
h1, h2, h3, h4 { line-height: 1.25; margin: 2rem 0 .75rem; }
h1 { font-size: 1.75rem; margin-top: 0; } h2 { font-size: 1.35rem; border-bottom: 1px solid var(--line); padding-bottom: .25rem; }
h3 { font-size: 1.1rem; } p, ul, ol { margin: .75rem 0; } a { color: var(--link); } blockquote { margin: 1rem 0; padding-left: 1rem;
  border-left: 3px solid var(--line); color: var(--faint); } img { max-width: 100%; height: auto; }
code, pre { font-family: ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: .875em; }
:not(pre) > code { background: var(--wash); padding: .1em .3em; border-radius: 3px; }
pre { margin: 0; padding: .7rem .9rem; background: var(--wash); border-radius: 4px; overflow-x: auto; line-height: 1.45; }
pre code { font-size: 1em; }
.cell { margin: 1rem 0; }
details.code > summary { cursor: pointer; color: var(--faint); font-size: .8rem; user-select: none; }
details.code[open] > summary { margin-bottom: .25rem; }
.output { margin: .5rem 0; } pre.output { background: none; border-left: 3px solid var(--line); border-radius: 0; max-height: 40rem; overflow: auto; }
pre.stderr { border-left-color: var(--warn); } pre.error { border-left-color: var(--bad); background: var(--bad-wash); color: var(--bad); }
figure.output { margin: 1rem 0; overflow-x: auto; } figure svg { max-width: 100%; height: auto; border-radius: 4px; }
.html { overflow-x: auto; }
.metric { border-left: 3px solid var(--link); padding-left: .7rem; font-variant-numeric: tabular-nums; }
.run-line { color: var(--faint); font-size: .9rem; }
.equation { overflow-x: auto; overflow-y: hidden; margin: 1rem 0; text-align: center; } math { font-size: 1.08em;
  font-family: "Latin Modern Math", "STIX Two Math", "Cambria Math", "Noto Sans Math", "DejaVu Math TeX Gyre", math; }
table { border-collapse: collapse; margin: .75rem 0; font-size: .92rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: .25rem 0; }
th, td { padding: .3rem .7rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { border-bottom: 2px solid var(--line); white-space: nowrap; } tbody th { font-weight: 500; }
td.number, th.number { text-align: right; white-space: nowrap; }
.wide { overflow-x: auto; }
.status { display: inline-block; padding: 0 .5em; border-radius: 3px; font-weight: 600; font-size: .9em; white-space: nowrap; }
.passed { color: var(--good); background: var(--good-wash); } .failed { color: var(--bad); background: var(--bad-wash); }
.notice { padding: .6rem .9rem; border-radius: 4px; background: var(--warn-wash); color: var(--warn); }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 1rem 0; font-size: .92rem; }
.facts dt { color: var(--faint); } .facts dd { margin: 0; }
header { border-bottom: 1px solid var(--line); padding-bottom: 1rem; margin-bottom: 1.5rem; }
nav { font-size: .92rem; margin-bottom: 2rem; } nav ul { margin: .25rem 0; padding-left: 1.2rem; } .back { font-size: .9rem; }
.hljs-keyword, .hljs-built_in, .hljs-selector-tag { color: var(--keyword); } .hljs-string, .hljs-regexp { color: var(--string); }
.hljs-number, .hljs-literal { color: var(--number); } .hljs-comment { color: var(--comment); font-style: italic; }
.hljs-title, .hljs-attr, .hljs-type, .hljs-property { color: var(--name); }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; } nav, .back, details.code > summary { display: none; }
  pre { white-space: pre-wrap; } figure, tr, pre { break-inside: avoid; } h2, h3 { break-after: avoid; }
}
`;
