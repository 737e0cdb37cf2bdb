import assert from "node:assert/strict";
import { parseHTML } from "linkedom";
import { EphemeraError } from "ephemera/core";
import { table } from "ephemera/notebook";

const records = [
  { class: "RRAB", stars: 120, F1: 0.91234 },
  { class: "Mira <b>", stars: 1300, F1: NaN },
  { class: "EW", stars: 3, F1: 0.5, note: "few" },
];

interface Cell {
  textContent: string;
  getAttribute(name: string): string | null;
}
interface Page {
  document: { querySelectorAll(selector: string): Iterable<Cell> };
}
const cells = (
  html: string,
  selector: string,
) => [...(parseHTML(`<body>${html}</body>`) as unknown as Page).document.querySelectorAll(selector)];

Deno.test("a table of records has a row each and a column for every key that appears", () => {
  const html = table(records, { caption: "By class" }).toHtml();
  assert.deepEqual(cells(html, "thead th").map((cell) => cell.textContent), ["class", "stars", "F1", "note"]);
  assert.equal(cells(html, "tbody tr").length, 3);
  assert.deepEqual(cells(html, "caption").map((cell) => cell.textContent), ["By class"]);
});

Deno.test("headings have a scope, rows are headed by their text, numbers stand right", () => {
  const html = table(records).toHtml();
  assert.ok(cells(html, "thead th").every((cell) => cell.getAttribute("scope") === "col"));
  assert.deepEqual(cells(html, "tbody th").map((cell) => cell.textContent), ["RRAB", "Mira <b>", "EW"]);
  assert.ok(cells(html, "tbody td")[0].getAttribute("style")!.includes("right"));
});

Deno.test("text of the data is escaped", () => {
  const html = table([{ a: "<script>alert(1)</script>" }], { caption: "<i>", note: "<img src=x>" }).toHtml();
  assert.equal(cells(html, "script, i, img").length, 0);
});

Deno.test("decimals are shared in a column, of all columns or of one, and missing values are a dash", () => {
  const text = table(records, { digits: { F1: 2 } }).toText();
  assert.match(text, /RRAB\s+120\s+0\.91/);
  assert.match(text, /Mira <b>\s+1300\s+—/);
  assert.match(table(records, { digits: 1 }).toText(), /120\s+0\.9/);
});

Deno.test("columns are chosen, ordered, renamed and formatted", () => {
  const columns = [{ key: "F1", label: "F1 score", digits: 1 }, "class"];
  const html = table(records, { columns, align: { class: "right" } }).toHtml();
  assert.deepEqual(cells(html, "thead th").map((cell) => cell.textContent), ["F1 score", "class"]);
  assert.deepEqual(cells(html, "tbody tr:first-child td").map((cell) => cell.textContent), ["0.9", "RRAB"]);
});

Deno.test("rows and data frames give the same table as records", () => {
  const plain = table([{ a: 1, b: "x" }, { a: 2, b: "y" }]).toHtml();
  assert.equal(table([[1, "x"], [2, "y"]], { columns: ["a", "b"] }).toHtml(), plain);
  assert.equal(table({ columns: ["a", "b"], values: [[1, "x"], [2, "y"]] }).toHtml(), plain);
});

Deno.test("highlighted cells are bold in HTML and starred in text", () => {
  const drawn = table(records, { highlight: (value, key) => key === "stars" && value === 1300 });
  assert.deepEqual(cells(drawn.toHtml(), "strong").map((cell) => cell.textContent), ["1300"]);
  assert.match(drawn.toText(), /1300 \*/);
});

Deno.test("columns of the text form line up", () => {
  const lines = table(records).toText().split("\n");
  const ends = lines.map((line) => /^(.{8,}?)\s\s+(stars|─+|\d+)/.exec(line)).map((match) =>
    match?.[0].length
  );
  assert.equal(new Set(ends).size, 1, lines.join("\n"));
});

Deno.test("an unknown column and rows without names are refused", () => {
  assert.throws(
    () => table(records, { columns: ["flux"] }),
    /a column of the data \(class, stars, F1, note\)/,
  );
  assert.throws(() => table([[1, 2]]), EphemeraError);
  assert.throws(() => table(42 as never), EphemeraError);
  assert.equal(table([], { columns: ["a"] }).toText(), "a\n─");
});

Deno.test("Jupyter is handed HTML and text", () => {
  const drawn = table(records) as unknown as Record<symbol, () => Record<string, string>>;
  assert.deepEqual(Object.keys(drawn[Symbol.for("Jupyter.display")]()), ["text/html", "text/plain"]);
});
