import { inflateRawSync } from "node:zlib";

/**
 * Arrays of a NumPy .npz file: float64 as numbers, byte strings as texts. For the test vectors, which are
 * small and trusted.
 */
export function readNpz(path: string): Record<string, Float64Array | string[]> {
  const bytes = Deno.readFileSync(path);
  const view = new DataView(bytes.buffer);
  const arrays: Record<string, Float64Array | string[]> = {};
  // The central directory lists every member; its end record is the last 22 bytes of a file without a
  // comment.
  const end = bytes.length - 22;
  let at = view.getUint32(end + 16, true);
  for (let k = view.getUint16(end + 10, true); k > 0; k--) {
    const method = view.getUint16(at + 10, true);
    const packed = view.getUint32(at + 20, true);
    const nameLength = view.getUint16(at + 28, true);
    const start = view.getUint32(at + 42, true);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength)).replace(
      /\.npy$/,
      "",
    );
    const body = start + 30 + view.getUint16(start + 26, true) + view.getUint16(start + 28, true);
    const raw = bytes.subarray(body, body + packed);
    arrays[name] = readNpy(method === 0 ? raw : inflateRawSync(raw));
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return arrays;
}

function readNpy(bytes: Uint8Array): Float64Array | string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const long = bytes[6] >= 2;
  const length = long ? view.getUint32(8, true) : view.getUint16(8, true);
  const from = (long ? 12 : 10) + length;
  const header = new TextDecoder().decode(bytes.subarray(from - length, from));
  const count = Number(/'shape': \((\d+)/.exec(header)?.[1] ?? NaN);
  const text = /'descr': '\|S(\d+)'/.exec(header);
  if (text !== null) {
    const width = Number(text[1]);
    return Array.from({ length: count }, (_, i) => {
      const word = bytes.subarray(from + i * width, from + (i + 1) * width);
      return new TextDecoder().decode(word).replace(/\0+$/, "");
    });
  }
  if (!header.includes("'<f8'")) throw new Error(`npy header not understood: ${header}`);
  return Float64Array.from({ length: count }, (_, i) => view.getFloat64(from + 8 * i, true));
}
