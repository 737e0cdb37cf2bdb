/** Jupyter's wire format (messaging protocol 5.3): JSON parts in ZeroMQ frames, signed with HMAC-SHA256. */
import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { type Frames, ProtocolError } from "./zmtp.ts";

/** The content of a message; what it holds depends on the message's type. */
export type Content = Record<string, unknown>;

/** A message that was received and whose signature was right. */
export interface Message {
  /** Its kind, e.g. `"execute_reply"`. */
  type: string;
  /** The `msg_id` of the request that it answers or was caused by; empty when there is none. */
  parent: string;
  /** The whole header, as an answer repeats it. */
  header: Record<string, unknown>;
  content: Content;
}

const DELIMITER = "<IDS|MSG>";
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Packs and unpacks the messages of one client session. */
export class Wire {
  /** The session's identifier, in the header of every message. */
  readonly session: string = randomUUID();
  #key: string;

  /** @param key The secret that client and kernel share through the connection file. */
  constructor(key: string) {
    this.#key = key;
  }

  #sign(parts: Uint8Array[]): Uint8Array {
    const code = createHmac("sha256", this.#key);
    for (const part of parts) code.update(part);
    return encoder.encode(code.digest("hex"));
  }

  /** The frames of a message of kind `type` with identifier `id`; an answer carries the `header` that it answers. */
  pack(id: string, type: string, content: Content, answered: Record<string, unknown> = {}): Frames {
    const header = {
      msg_id: id,
      msg_type: type,
      session: this.session,
      username: "ephemera",
      date: new Date().toISOString(),
      version: "5.3",
    };
    const parts = [header, answered, {}, content].map((part) => encoder.encode(JSON.stringify(part)));
    return [encoder.encode(DELIMITER), this.#sign(parts), ...parts];
  }

  /**
   * The message in `frames`.
   *
   * @throws ProtocolError when it is malformed or its signature is wrong: then somebody else is talking on the port.
   */
  unpack(frames: Frames): Message {
    const start = frames.findIndex((frame) =>
      frame.length === DELIMITER.length && decoder.decode(frame) === DELIMITER
    );
    const parts = frames.slice(start + 2, start + 6);
    if (start < 0 || parts.length < 4) {
      throw new ProtocolError("Expected a Jupyter message, found frames without its parts.");
    }
    const signature = this.#sign(parts);
    const theirs = frames[start + 1];
    if (theirs.length !== signature.length || !timingSafeEqual(theirs, signature)) {
      throw new ProtocolError(
        "Expected a message signed with this session's key, found a wrong signature: it was refused.",
      );
    }
    const [header, parent, , content] = parts.map((part) => JSON.parse(decoder.decode(part)));
    return { type: String(header.msg_type), parent: String(parent.msg_id ?? ""), header, content };
  }
}
