import assert from "node:assert/strict";
import { inflateSync } from "node:zlib";
import { Buffer } from "node:buffer";
import { CanvasShim, figure, parseColour, Plot, toPng } from "ephemera/figures";

/** Reads the unfiltered eight-bit RGBA pictures that the shim writes. */
function decode(address: string): { width: number; height: number; pixels: number[] } {
  const bytes = Buffer.from(address.split(",")[1], "base64");
  const width = bytes.readUInt32BE(16), height = bytes.readUInt32BE(20), start = bytes.indexOf("IDAT") + 4;
  const rows = inflateSync(bytes.subarray(start, start + bytes.readUInt32BE(start - 8)));
  const pixels: number[] = [];
  for (let y = 0; y < height; y++) {
    pixels.push(...rows.subarray(y * (width * 4 + 1) + 1, (y + 1) * (width * 4 + 1)));
  }
  return { width, height, pixels };
}

Deno.test("what is drawn on the canvas is read back from its PNG", () => {
  const canvas = new CanvasShim();
  canvas.width = 3;
  canvas.height = 2;
  const context = canvas.getContext();
  context.fillStyle = "rgb(10, 20, 30)";
  context.fillRect(0, 0, 3, 1);
  const image = context.createImageData(1, 1);
  image.data.set([200, 100, 50, 128]);
  context.putImageData(image, 2, 1);
  const { width, height, pixels } = decode(canvas.toDataURL());
  assert.deepEqual([width, height], [3, 2]);
  assert.deepEqual(pixels.slice(0, 12), [10, 20, 30, 255, 10, 20, 30, 255, 10, 20, 30, 255]);
  assert.deepEqual(pixels.slice(12), [0, 0, 0, 0, 0, 0, 0, 0, 200, 100, 50, 128]);
});

Deno.test("colours are read in the forms that d3 writes", () => {
  assert.deepEqual(parseColour("#f80"), [255, 136, 0, 255]);
  assert.deepEqual(parseColour("#0072B2"), [0, 114, 178, 255]);
  assert.deepEqual(parseColour("rgba(1, 2, 3, 0.5)"), [1, 2, 3, 128]);
  assert.throws(() => parseColour("papaya"), /#rrggbb/);
});

Deno.test("a PNG has the figure's size times the scale, and its text is set", async () => {
  const plain = figure({ height: 80, width: 200, title: " ", marks: [] });
  const titled = figure({ height: 80, width: 200, title: "MMMMMM", marks: [] });
  const [a, b] = [await toPng(plain, { scale: 2 }), await toPng(titled, { scale: 2 })];
  assert.equal(Buffer.from(b).readUInt32BE(16), 400);
  assert.equal(Buffer.from(b).readUInt32BE(20), 2 * titled.height);
  assert.ok(b.length > a.length + 200, "a title makes no difference: was its font found?");
});

Deno.test("a raster becomes a picture inside of the figure", () => {
  const { svg } = figure({
    color: { scheme: "viridis" },
    marks: [
      Plot.raster(
        { x1: 0, y1: 0, x2: 2, y2: 1, fill: (x: number, y: number) => x + y, pixelSize: 20 } as never,
      ),
    ],
  });
  const picture = /href="(data:image\/png;base64,[^"]+)"/.exec(svg)?.[1];
  assert.ok(picture);
  assert.ok(new Set(decode(picture).pixels).size > 10);
});
