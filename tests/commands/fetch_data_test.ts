import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { fetchFile, type FetchFileOptions, type ReleaseFile, RELEASES } from "ephemera/commands";

const CONTENT = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 2654435761) >>> 13);
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const md5 = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex");

/** What a server says: a head, and what it then sends before it hangs up. */
interface Answer {
  status?: string;
  headers?: Record<string, string | number>;
  body?: Uint8Array;
  /** Keep the connection open without another byte. */
  hang?: boolean;
}

/** A server that answers each request as it is told, without the manners that a library would add. */
async function withServer(
  answer: (headers: Headers, count: number) => Answer,
  work: (url: string, requests: Headers[], folder: string) => Promise<void>,
): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 }), requests: Headers[] = [];
  const connections = new Set<Deno.Conn>();
  const serving = (async () => {
    for await (const connection of listener) {
      connections.add(connection);
      const buffer = new Uint8Array(65536);
      let text = "";
      while (!text.includes("\r\n\r\n")) {
        const count = await connection.read(buffer);
        if (count === null) break;
        text += new TextDecoder().decode(buffer.subarray(0, count));
      }
      const headers = new Headers(
        text.split("\r\n").slice(1).filter((line) => line.includes(":")).map((line): [string, string] => {
          const colon = line.indexOf(":");
          return [line.slice(0, colon), line.slice(colon + 1).trim()];
        }),
      );
      requests.push(headers);
      const { status = "200 OK", headers: own = {}, body = new Uint8Array(0), hang } = answer(
        headers,
        requests.length,
      );
      const head = [`HTTP/1.1 ${status}`, ...Object.entries(own).map(([name, value]) => `${name}: ${value}`)];
      const bytes = new Uint8Array([
        ...new TextEncoder().encode(`${head.join("\r\n")}\r\nconnection: close\r\n\r\n`),
        ...body,
      ]);
      try {
        for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await connection.write(rest));
      } catch {
        // The other side has hung up, as it may.
      }
      if (hang) continue;
      connections.delete(connection);
      connection.close();
    }
  })();
  const folder = await Deno.makeTempDir();
  const { port } = listener.addr as Deno.NetAddr;
  try {
    await work(`http://127.0.0.1:${port}/file`, requests, folder);
  } finally {
    listener.close();
    for (const connection of connections) connection.close();
    await serving.catch(() => {});
    await Deno.remove(folder, { recursive: true });
  }
}

const OPTIONS: FetchFileOptions = { pause: 1, attempts: 3 };
const file = (url: string, more: Partial<ReleaseFile> = {}): ReleaseFile => ({
  name: "data.bin",
  url,
  maximumBytes: 1e6,
  ...more,
});
const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
const whole = (content = CONTENT): Answer => ({
  headers: { "content-length": content.length, etag: '"one"' },
  body: content,
});
/** The part of the content that a request asks for, cut off after `most` bytes. */
function part(headers: Headers, most = Infinity, content = CONTENT): Answer {
  const range = /^bytes=(\d+)-$/.exec(headers.get("range") ?? "");
  if (range === null) return { ...whole(content), body: content.subarray(0, most) };
  const start = Number(range[1]);
  return {
    status: "206 Partial Content",
    headers: {
      "content-length": content.length - start,
      "content-range": `bytes ${start}-${content.length - 1}/${content.length}`,
      etag: '"one"',
    },
    body: content.subarray(start, start + most),
  };
}

Deno.test("a file comes whole, is checked, and is not asked for again", async () => {
  await withServer(() => whole(), async (url, requests, folder) => {
    for (const digest of [`sha256:${sha256(CONTENT)}`, `md5:${md5(CONTENT)}`]) {
      const seen: number[] = [], name = `${digest.slice(0, 3)}.bin`, wanted = file(url, { digest, name });
      const progress = { update: (done: number) => void seen.push(done), finish() {} };
      const fetched = await fetchFile(wanted, folder, { ...OPTIONS, progress });
      assert.equal(fetched.outcome, "verified");
      assert.equal(fetched.sha256, sha256(CONTENT));
      assert.deepEqual(await Deno.readFile(fetched.path), CONTENT);
      assert.equal(seen.at(-1), CONTENT.length);
      assert.deepEqual(names(folder).filter((other) => other.startsWith(name)), [
        name,
        `${name}.sha256.json`,
      ]);
      assert.equal((await fetchFile(wanted, folder, OPTIONS)).outcome, "present");
    }
    assert.equal(requests.length, 2);
  });
});

Deno.test("a connection that breaks off is taken up again where it ended, for the same version only", async () => {
  await withServer((headers) => part(headers, 110_000), async (url, requests, folder) => {
    const fetched = await fetchFile(file(url, { digest: `sha256:${sha256(CONTENT)}` }), folder, OPTIONS);
    assert.deepEqual(await Deno.readFile(fetched.path), CONTENT);
    assert.deepEqual(requests.map((headers) => headers.get("range")), [
      null,
      "bytes=110000-",
      "bytes=220000-",
    ]);
    assert.equal(requests[1].get("if-range"), '"one"');
  });
});

Deno.test("a later call goes on where an earlier one gave up", async () => {
  await withServer(
    (headers, count) => part(headers, count === 1 ? 100_000 : Infinity),
    async (url, requests, folder) => {
      const wanted = file(url, { digest: `sha256:${sha256(CONTENT)}` });
      await assert.rejects(
        fetchFile(wanted, folder, { ...OPTIONS, attempts: 1 }),
        /Expected the whole file, found 100000 bytes, then .*1 times in a row.*it goes on where it stopped/,
      );
      assert.deepEqual(names(folder), ["data.bin.part", "data.bin.part.json"]);
      await fetchFile(wanted, folder, OPTIONS);
      assert.equal(requests[1].get("range"), "bytes=100000-");
      assert.deepEqual(names(folder), ["data.bin", "data.bin.sha256.json"]);
    },
  );
});

Deno.test("a server that ignores Range is heard from the beginning", async () => {
  await withServer(
    (_, count) => count === 1 ? { ...whole(), body: CONTENT.subarray(0, 5000) } : whole(),
    async (url, requests, folder) => {
      const fetched = await fetchFile(file(url, { digest: `sha256:${sha256(CONTENT)}` }), folder, OPTIONS);
      assert.equal(requests[1].get("range"), "bytes=5000-");
      assert.deepEqual(await Deno.readFile(fetched.path), CONTENT);
    },
  );
});

Deno.test("what came without a version is not continued, since the rest could be of another file", async () => {
  await withServer((headers, count) => {
    const answer = part(headers, count === 1 ? 5000 : Infinity);
    delete answer.headers!.etag;
    return answer;
  }, async (url, requests, folder) => {
    const fetched = await fetchFile(file(url), folder, OPTIONS);
    assert.deepEqual(requests.map((headers) => headers.get("range")), [null, null]);
    assert.deepEqual(await Deno.readFile(fetched.path), CONTENT);
  });
});

Deno.test("a piece that was not asked for is thrown away, as is a rest that is not there", async () => {
  const odds: Answer[] = [
    {
      status: "206 Partial Content",
      headers: { "content-range": "bytes 7-9/300000", "content-length": 3 },
      body: new Uint8Array(3),
    },
    { status: "416 Range Not Satisfiable", headers: { "content-length": 0 } },
  ];
  for (const odd of odds) {
    await withServer(
      (headers, count) => count === 2 ? odd : part(headers, count === 1 ? 5000 : Infinity),
      async (url, requests, folder) => {
        const fetched = await fetchFile(file(url, { digest: `sha256:${sha256(CONTENT)}` }), folder, OPTIONS);
        assert.deepEqual(await Deno.readFile(fetched.path), CONTENT);
        assert.deepEqual(requests.map((headers) => headers.get("range")), [null, "bytes=5000-", null]);
      },
    );
  }
});

Deno.test("a server that promises more than it sends is given up after some attempts", async () => {
  await withServer(
    (headers): Answer =>
      headers.has("range")
        ? {
          status: "206 Partial Content",
          headers: {
            "content-length": 100_000,
            "content-range": "bytes 300000-399999/400000",
            etag: '"one"',
          },
        }
        : { headers: { "content-length": 400_000, etag: '"one"' }, body: CONTENT },
    async (url, requests, folder) => {
      await assert.rejects(
        fetchFile(file(url), folder, OPTIONS),
        /Expected the whole file, found 300000 bytes, then .*3 times in a row/,
      );
      assert.equal(requests.length, 3);
      assert.ok(!names(folder).includes("data.bin"));
    },
  );
});

Deno.test("a server that promises less than the file has is caught by the length and by the digest", async () => {
  await withServer(
    () => ({ headers: { "content-length": 1000, etag: '"one"' }, body: CONTENT }),
    async (url, _, folder) => {
      await assert.rejects(
        fetchFile(file(url, { bytes: CONTENT.length }), folder, OPTIONS),
        /Expected 300000 bytes, found 1000 /,
      );
      await assert.rejects(
        fetchFile(file(url, { digest: `sha256:${sha256(CONTENT)}` }), folder, OPTIONS),
        /Expected the digest sha256:/,
      );
      assert.deepEqual(names(folder), []);
    },
  );
});

Deno.test("more bytes than allowed are refused, said or unsaid, and removed", async () => {
  const chunked = new Uint8Array([
    ...new TextEncoder().encode("493e0\r\n"),
    ...CONTENT,
    ...new TextEncoder().encode("\r\n"),
  ]);
  for (
    const answer of [whole(), { headers: { "transfer-encoding": "chunked", etag: '"one"' }, body: chunked }]
  ) {
    await withServer(() => answer, async (url, requests, folder) => {
      await assert.rejects(
        fetchFile(file(url, { maximumBytes: 200_000 }), folder, OPTIONS),
        /Expected at most 200000 bytes, found \d+ or more/,
      );
      assert.equal(requests.length, 1);
      assert.deepEqual(names(folder), []);
    });
  }
});

Deno.test("a wrong digest is refused, and nothing stays", async () => {
  const other = CONTENT.slice();
  other[1234] ^= 1;
  await withServer(() => whole(other), async (url, _, folder) => {
    await assert.rejects(
      fetchFile(file(url, { digest: `md5:${md5(CONTENT)}` }), folder, OPTIONS),
      new RegExp(`Expected the digest md5:${md5(CONTENT)}, found md5:${md5(other)} `),
    );
    assert.deepEqual(names(folder), []);
  });
});

Deno.test("where no digest is known the first is noted, and a later copy must have the same", async () => {
  let content = CONTENT;
  await withServer(() => whole(content), async (url, requests, folder) => {
    const first = await fetchFile(file(url), folder, OPTIONS);
    assert.equal(first.outcome, "first");
    const note = JSON.parse(await Deno.readTextFile(`${first.path}.sha256.json`));
    assert.deepEqual(note, { url, bytes: CONTENT.length, sha256: sha256(CONTENT) });
    assert.equal((await fetchFile(file(url), folder, OPTIONS)).outcome, "present");
    await Deno.remove(first.path);
    assert.equal((await fetchFile(file(url), folder, OPTIONS)).outcome, "verified");
    await Deno.remove(first.path);
    content = CONTENT.toReversed();
    await assert.rejects(fetchFile(file(url), folder, OPTIONS), /Expected the digest sha256:/);
    assert.equal(requests.length, 3);
    // A file that was changed where it lies is not taken for the one that came.
    await Deno.writeFile(first.path, content);
    await assert.rejects(fetchFile(file(url), folder, OPTIONS), /remove the file and fetch it again/);
  });
});

Deno.test("a refusal ends at once, a busy server is asked again, a silent one is left", async () => {
  await withServer(
    () => ({ status: "404 Not Found", headers: { "content-length": 0 } }),
    async (url, requests, folder) => {
      await assert.rejects(fetchFile(file(url), folder, OPTIONS), /Expected the file, found status 404/);
      assert.equal(requests.length, 1);
    },
  );
  await withServer(
    (_, count) => count === 1 ? { status: "503 Busy", headers: { "content-length": 0 } } : whole(),
    async (url, _, folder) => {
      assert.equal((await fetchFile(file(url), folder, OPTIONS)).bytes, CONTENT.length);
    },
  );
  await withServer(
    () => ({ ...whole(), body: CONTENT.subarray(0, 10), hang: true }),
    async (url, _, folder) => {
      await assert.rejects(
        fetchFile(file(url), folder, { ...OPTIONS, attempts: 2, patience: 100 }),
        /Expected the whole file, found 10 bytes/,
      );
    },
  );
});

Deno.test("a stop keeps what has come", async () => {
  await withServer(
    () => ({ ...whole(), body: CONTENT.subarray(0, 1000), hang: true }),
    async (url, _, folder) => {
      const stop = new AbortController();
      const progress = { update: () => stop.abort(new Error("stopped")), finish() {} };
      await assert.rejects(
        fetchFile(file(url), folder, { ...OPTIONS, progress, signal: stop.signal }),
        /stopped/,
      );
      assert.equal((await Deno.stat(join(folder, "data.bin.part"))).size, 1000);
    },
  );
});

Deno.test("no file of a list leaves the folder, and the known releases are sound", async () => {
  await assert.rejects(
    fetchFile(file("http://127.0.0.1:1/", { name: "../x" }), "nowhere", OPTIONS),
    /a plain file name, found "..\/x"/,
  );
  for (const { files } of Object.values(RELEASES)) {
    for (const { name, url, digest = "sha256:" + "0".repeat(64), maximumBytes } of files) {
      assert.match(name, /^\w[\w.-]*$/);
      assert.match(url, /^https:\/\/(zenodo\.org|portal\.nersc\.gov)\//);
      assert.match(digest, /^(md5:[0-9a-f]{32}|sha256:[0-9a-f]{64})$/);
      assert.ok(maximumBytes > 0);
    }
  }
});
