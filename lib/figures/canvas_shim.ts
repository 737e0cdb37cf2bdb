import { Buffer } from "node:buffer";
import { crc32, deflateSync } from "node:zlib";
import { demand } from "../core/mod.ts";

/** What `getImageData` and friends hand around: `width * height` pixels of red, green, blue, opacity in 0-255. */
export interface Pixels {
  width: number;
  height: number;
  data: Uint8ClampedArray;
}

/**
 * The little of an HTML canvas that Observable Plot uses outside a browser: colour ramps are drawn with `fillRect`,
 * rasters with `putImageData`, and both are read back as a PNG by `toDataURL`.
 *
 * @example
 * ```ts
 * import { CanvasShim } from "ephemera/figures";
 * import assert from "node:assert/strict";
 * const canvas = new CanvasShim();
 * canvas.width = canvas.height = 1;
 * const context = canvas.getContext();
 * context.fillStyle = "#ff8000";
 * context.fillRect(0, 0, 1, 1);
 * assert.ok(canvas.toDataURL().startsWith("data:image/png;base64,iVBOR"));
 * ```
 */
export class CanvasShim {
  #width = 300;
  #height = 150;
  #pixels = new Uint8ClampedArray(300 * 150 * 4);

  get width(): number {
    return this.#width;
  }
  set width(value: number) {
    this.#width = value;
    this.#clear();
  }
  get height(): number {
    return this.#height;
  }
  set height(value: number) {
    this.#height = value;
    this.#clear();
  }

  #clear() {
    this.#pixels = new Uint8ClampedArray(this.#width * this.#height * 4);
  }

  /** Returns the drawing context; the kind that is asked for is ignored, there is only one. */
  getContext(_kind?: string): CanvasShimContext {
    return new CanvasShimContext(this, (x, y, pixels) => this.#put(x, y, pixels));
  }

  #put(x0: number, y0: number, image: Pixels) {
    for (let y = Math.max(0, -y0); y < image.height && y + y0 < this.#height; y++) {
      for (let x = Math.max(0, -x0); x < image.width && x + x0 < this.#width; x++) {
        const from = (y * image.width + x) * 4;
        this.#pixels.set(image.data.subarray(from, from + 4), ((y + y0) * this.#width + x + x0) * 4);
      }
    }
  }

  /** Returns the pixels as a PNG in a `data:` address. */
  toDataURL(): string {
    return "data:image/png;base64," + encodePng(this.#width, this.#height, this.#pixels).toString("base64");
  }
}

/** The drawing context of a {@link CanvasShim}. */
export class CanvasShimContext {
  /** The colour of the next `fillRect`: `#rgb`, `#rrggbb`, `rgb(…)` or `rgba(…)`. */
  fillStyle = "#000";
  /** Accepted and ignored: what is drawn here is never scaled. */
  imageSmoothingEnabled = true;

  constructor(
    readonly canvas: CanvasShim,
    private readonly put: (x: number, y: number, pixels: Pixels) => void,
  ) {}

  /** Returns `width * height` transparent pixels. */
  createImageData(width: number, height: number): Pixels {
    return { width, height, data: new Uint8ClampedArray(width * height * 4) };
  }

  /** Copies pixels to the canvas, the upper left one at (x, y). */
  putImageData(image: Pixels, x: number, y: number): void {
    this.put(x, y, image);
  }

  /** Fills a rectangle whose corners are whole pixels. */
  fillRect(x: number, y: number, width: number, height: number): void {
    const image = this.createImageData(width, height), colour = parseColour(this.fillStyle);
    for (let i = 0; i < image.data.length; i += 4) image.data.set(colour, i);
    this.put(x, y, image);
  }
}

/** Returns red, green, blue, opacity in 0-255 of a CSS colour written as `#rgb`, `#rrggbb`, `rgb(…)` or `rgba(…)`. */
export function parseColour(text: string): [number, number, number, number] {
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(text);
  if (short) return [17 * hex(short[1]), 17 * hex(short[2]), 17 * hex(short[3]), 255];
  const long = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text);
  if (long) return [hex(long[1]), hex(long[2]), hex(long[3]), 255];
  const call = /^rgba?\(\s*([\d.]+)[\s,]+([\d.]+)[\s,]+([\d.]+)(?:[\s,/]+([\d.]+))?\s*\)$/i.exec(text);
  demand(call, {
    expected: "a colour as #rgb, #rrggbb, rgb(r, g, b) or rgba(r, g, b, a)",
    found: text,
    remedy: "write the colour in one of these forms",
  });
  return [
    Number(call[1]),
    Number(call[2]),
    Number(call[3]),
    call[4] === undefined ? 255 : Math.round(255 * Number(call[4])),
  ];
}

const hex = (digits: string) => parseInt(digits, 16);

/** Eight bits a channel, four channels, no filter, one deflated block: the plainest PNG (ISO/IEC 15948). */
function encodePng(width: number, height: number, pixels: Uint8ClampedArray): Buffer {
  const stride = width * 4, rows = Buffer.alloc((stride + 1) * height);
  for (let y = 0; y < height; y++) {
    rows.set(pixels.subarray(y * stride, (y + 1) * stride), y * (stride + 1) + 1);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, "latin1");
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}
