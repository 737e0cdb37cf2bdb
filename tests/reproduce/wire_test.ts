import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { Wire } from "../../lib/reproduce/wire.ts";
import { ProtocolError, ZmtpSocket } from "../../lib/reproduce/zmtp.ts";

const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("a message is signed with HMAC-SHA256 over its four parts, in hexadecimal", () => {
  const frames = new Wire("secret").pack("id-1", "execute_request", { code: "1" });
  assert.equal(frames.length, 6);
  const [delimiter, signature, ...parts] = frames.map((frame) => new TextDecoder().decode(frame));
  assert.equal(delimiter, "<IDS|MSG>");
  assert.equal(signature, createHmac("sha256", "secret").update(parts.join("")).digest("hex"));
  assert.equal(JSON.parse(parts[0]).msg_type, "execute_request");
  assert.deepEqual(JSON.parse(parts[3]), { code: "1" });
});

Deno.test("a message signed with the session's key is read, with or without routing frames before it", () => {
  const wire = new Wire("secret");
  const frames = wire.pack("id-1", "status", { execution_state: "idle" });
  for (const received of [frames, [encode("kernel.topic"), ...frames]]) {
    const { type, parent, content, header } = wire.unpack(received);
    assert.deepEqual({ type, parent, content }, {
      type: "status",
      parent: "",
      content: { execution_state: "idle" },
    });
    assert.equal(header.msg_id, "id-1");
    assert.equal(wire.unpack(wire.pack("id-2", "status_reply", {}, header)).parent, "id-1");
  }
});

Deno.test("a message with another key, a changed part, a short or an empty signature is refused", () => {
  const wire = new Wire("secret");
  const refused = { name: "ProtocolError", message: /wrong signature/ };
  assert.throws(() => wire.unpack(new Wire("other").pack("id-1", "status", {})), refused);
  const changed = wire.pack("id-1", "status", { execution_state: "busy" });
  changed[5] = encode(`{"execution_state":"idle"}`);
  assert.throws(() => wire.unpack(changed), refused);
  for (const signature of ["", "00"]) {
    const frames = wire.pack("id-1", "status", {});
    frames[1] = encode(signature);
    assert.throws(() => wire.unpack(frames), refused);
  }
});

Deno.test("frames that are no Jupyter message are refused", () => {
  const wire = new Wire("secret");
  assert.throws(() => wire.unpack([]), ProtocolError);
  assert.throws(() => wire.unpack([encode("hello")]), ProtocolError);
  assert.throws(() => wire.unpack(wire.pack("id-1", "status", {}).slice(0, 4)), ProtocolError);
});

/** A server on the loopback address that sends `bytes` to whoever connects. */
async function withPeer(
  bytes: Uint8Array<ArrayBuffer>,
  work: (port: number) => Promise<void>,
): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const served = listener.accept().then(async (connection) => {
    await connection.write(bytes);
    // Until the client hangs up; what it says is of no interest.
    const buffer = new Uint8Array(1024);
    while (await connection.read(buffer).catch(() => null) !== null);
    connection.close();
  });
  try {
    await work((listener.addr as Deno.NetAddr).port);
    await served;
  } finally {
    listener.close();
  }
}

/** Greeting of ZMTP 3.0 (RFC 23): signature, version, mechanism NULL, filler. */
const GREETING = [0xff, ...Array(8).fill(0), 0x7f, 3, 0, ...encode("NULL"), ...Array(48).fill(0)];
/** The READY command without properties. */
const READY = [4, 6, 5, ...encode("READY")];

Deno.test("a socket reads short and long frames of one message and passes over commands", async () => {
  const long = new Uint8Array(300).fill(7);
  const bytes = [
    ...GREETING,
    ...READY,
    ...[4, 5, 4, ...encode("PING")],
    ...[1, 2, ...encode("ab")],
    ...[2, 0, 0, 0, 0, 0, 0, 1, 44, ...long],
  ];
  await withPeer(Uint8Array.from(bytes), async (port) => {
    const socket = await ZmtpSocket.connect(port, "DEALER", "me");
    assert.deepEqual(await socket.receive(), [encode("ab"), long]);
    socket.close();
    socket.close();
  });
});

Deno.test("a peer that does not speak ZMTP 3, or announces an absurd frame, is refused", async () => {
  await withPeer(encode("HTTP/1.1 400 Bad Request\r\n\r\n".padEnd(64)), async (port) => {
    await assert.rejects(() => ZmtpSocket.connect(port, "SUB"), /Expected a peer that speaks ZMTP 3/);
  });
  await withPeer(Uint8Array.from([...GREETING, ...READY, 2, 127, 0, 0, 0, 0, 0, 0, 0]), async (port) => {
    const socket = await ZmtpSocket.connect(port, "DEALER", "me");
    await assert.rejects(() => socket.receive(), /at most 1073741824 bytes/);
    socket.close();
  });
});
