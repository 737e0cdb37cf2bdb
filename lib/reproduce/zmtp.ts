/**
 * A small client for ZeroMQ's wire protocol, ZMTP 3.0 (RFC 23): the NULL security mechanism over TCP, and the two
 * socket types that a Jupyter client needs, DEALER (requests and replies) and SUB (broadcasts). The native ZeroMQ
 * packages hang or crash under Deno now and then; this needs `Deno.connect` alone.
 */

/** One multi-part message. */
export type Frames = Uint8Array[];

/** The peer broke the protocol. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

const MORE = 1;
const LONG = 2;
const COMMAND = 4;
/** Length of the greeting with which each side begins, in bytes. */
export const GREETING_LENGTH = 64;
/** No kernel message comes near this; a peer that announces more is not a kernel, and would exhaust the memory. */
const MAXIMUM_FRAME = 2 ** 30;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Signature, version 3.0, mechanism NULL, not a server, filler. */
function greeting(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(GREETING_LENGTH);
  bytes[0] = 0xff;
  bytes[9] = 0x7f;
  bytes[10] = 3;
  bytes.set(encoder.encode("NULL"), 12);
  return bytes;
}

function concatenate(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Flags, the length in one byte or (flag LONG) in eight, the body. */
function encodeFrame(body: Uint8Array, flags: number): Uint8Array<ArrayBuffer> {
  const long = body.length > 255;
  const header = new Uint8Array(long ? 9 : 2);
  header[0] = (flags & ~LONG) | (long ? LONG : 0);
  if (long) new DataView(header.buffer).setBigUint64(1, BigInt(body.length));
  else header[1] = body.length;
  return concatenate([header, body]);
}

/** The READY command: its name, then properties, each a short name and a value with a four-byte length. */
function encodeReady(properties: Record<string, string>): Uint8Array<ArrayBuffer> {
  const parts = [Uint8Array.of(5), encoder.encode("READY")];
  for (const [name, value] of Object.entries(properties)) {
    const text = encoder.encode(value);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, text.length);
    parts.push(Uint8Array.of(name.length), encoder.encode(name), length, text);
  }
  return concatenate(parts);
}

/** The bytes of one multi-part message. */
export function encodeMessage(frames: Frames): Uint8Array<ArrayBuffer> {
  const last = frames.length - 1;
  return concatenate(frames.map((frame, index) => encodeFrame(frame, index < last ? MORE : 0)));
}

/** Writes to a connection, one piece after another: two messages must not interleave. */
export class OrderedWriter {
  #connection: Deno.TcpConn;
  #last: Promise<unknown> = Promise.resolve();

  constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  /** Resolves when `data` was handed to the operating system, after everything that came before it. */
  write(data: Uint8Array): Promise<void> {
    const done = this.#last.then(async () => {
      for (let sent = 0; sent < data.length;) sent += await this.#connection.write(data.subarray(sent));
    });
    this.#last = done.catch(() => {});
    return done;
  }
}

/** Reads exact amounts and frames from a connection, with one growing buffer. */
export class FrameReader {
  #connection: Deno.TcpConn;
  #buffer = new Uint8Array(1 << 16);
  #start = 0;
  #end = 0;

  constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  /** The next `count` bytes (a copy), or null when the connection ended before them. */
  async read(count: number): Promise<Uint8Array | null> {
    if (this.#start + count > this.#buffer.length) {
      const buffer = count > this.#buffer.length ? new Uint8Array(2 * count) : this.#buffer;
      const rest = this.#buffer.subarray(this.#start, this.#end);
      this.#end = rest.length;
      buffer.set(rest);
      this.#buffer = buffer;
      this.#start = 0;
    }
    while (this.#end - this.#start < count) {
      // A connection that was reset or closed on our side has ended like one that the peer closed.
      const got = await this.#connection.read(this.#buffer.subarray(this.#end)).catch(() => null);
      if (got === null) return null;
      this.#end += got;
    }
    const bytes = this.#buffer.slice(this.#start, this.#start + count);
    this.#start += count;
    return bytes;
  }

  /** The next frame, or null when the connection ended before its end. */
  async frame(): Promise<Frame | null> {
    const flags = (await this.read(1))?.[0];
    if (flags === undefined) return null;
    const length = await this.read(flags & LONG ? 8 : 1);
    if (length === null) return null;
    const size = flags & LONG ? Number(new DataView(length.buffer).getBigUint64(0)) : length[0];
    if (size > MAXIMUM_FRAME) {
      throw new ProtocolError(`Expected a frame of at most ${MAXIMUM_FRAME} bytes, found ${size}.`);
    }
    const body = await this.read(size);
    return body === null ? null : {
      isCommand: (flags & COMMAND) !== 0,
      hasMore: (flags & MORE) !== 0,
      body,
      bytes: () => encodeFrame(body, flags),
    };
  }
}

/** One frame of a message, or a command between messages. */
export interface Frame {
  isCommand: boolean;
  /** Another frame of the same message follows. */
  hasMore: boolean;
  body: Uint8Array;
  /** The frame as it was on the wire. */
  bytes: () => Uint8Array<ArrayBuffer>;
}

/** One connected socket. */
export class ZmtpSocket {
  #connection: Deno.TcpConn;
  #reader: FrameReader;
  #writer: OrderedWriter;

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
    this.#reader = new FrameReader(connection);
    this.#writer = new OrderedWriter(connection);
  }

  /**
   * Connects to a port of the loopback address and shakes hands; a SUB socket then subscribes to everything.
   *
   * @param port TCP port.
   * @param type The socket type to speak as.
   * @param identity Routing identity of a DEALER socket; sockets of one Jupyter client share it.
   * @throws ProtocolError when the peer does not speak ZMTP 3; `Deno.errors.ConnectionRefused` when nobody listens.
   */
  static async connect(port: number, type: "DEALER" | "SUB", identity = ""): Promise<ZmtpSocket> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    const socket = new ZmtpSocket(connection);
    try {
      connection.setNoDelay(true);
      await socket.#writer.write(greeting());
      const theirs = await socket.#reader.read(GREETING_LENGTH);
      if (theirs === null || theirs[0] !== 0xff || theirs[10] < 3) {
        throw new ProtocolError(`Expected a peer that speaks ZMTP 3 on port ${port}, found none.`);
      }
      const properties: Record<string, string> = { "Socket-Type": type };
      if (type === "DEALER") properties.Identity = identity;
      await socket.#writer.write(encodeFrame(encodeReady(properties), COMMAND));
      const reply = await socket.#reader.frame();
      const name = reply === null ? "no reply" : decoder.decode(reply.body.subarray(1, 1 + reply.body[0]));
      if (name !== "READY") throw new ProtocolError(`Expected READY on port ${port}, found ${name}.`);
      if (type === "SUB") await socket.send([Uint8Array.of(1)]);
      return socket;
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  /** Sends one multi-part message; resolves when it was handed to the operating system. */
  send(frames: Frames): Promise<void> {
    return this.#writer.write(encodeMessage(frames));
  }

  /** The next message, or null when the connection has ended. */
  async receive(): Promise<Frames | null> {
    const frames: Frames = [];
    for (;;) {
      const frame = await this.#reader.frame();
      if (frame === null) return null;
      if (frame.isCommand) continue;
      frames.push(frame.body);
      if (!frame.hasMore) return frames;
    }
  }

  /** Closes the connection; closing twice is harmless. */
  close(): void {
    try {
      this.#connection.close();
    } catch {
      // It was closed already.
    }
  }
}
