import type { AddressInfo } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { createAuthority, type ServerCertificate } from "../../../../../sandbox/sites/certificates.ts";
import { factsOf, httpTarget } from "../local.ts";

/** RFC 9113 6. */
const [DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE] = [0, 1, 3, 4, 6, 7, 8];
const [END_STREAM, END_HEADERS, PADDED, ACK] = [1, 4, 8, 1];
const [NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, CANCEL] = [0, 1, 2, 8];
/** `:status: 200` of the static table (RFC 7541 A). */
const OK = Buffer.from([0x88]);
const STREAM = 1;

function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, payload]);
}
function uint32(...values: number[]): Buffer {
  return Buffer.concat(values.map((value) => Buffer.from(value.toString(16).padStart(8, "0"), "hex")));
}
const head = (flags = END_HEADERS) => frame(HEADERS, flags, STREAM, OK);
const headOfLength = (length: number) =>
  frame(
    HEADERS,
    END_HEADERS,
    STREAM,
    Buffer.concat([OK, Buffer.from([0x0f, 0x0d, 1]), Buffer.from(`${length}`)]),
  );
const data = (text: string, flags = 0) => frame(DATA, flags, STREAM, Buffer.from(text));
const reset = (code: number) => frame(RST_STREAM, 0, STREAM, uint32(code));
const goaway = (code: number) => frame(GOAWAY, 0, 0, uint32(STREAM, code));
const trailers = frame(HEADERS, END_HEADERS | END_STREAM, STREAM, Buffer.from([0, 1, 0x78, 1, 0x79]));
const earlyHints = frame(HEADERS, END_HEADERS, STREAM, Buffer.from([0x08, 3, 0x31, 0x30, 0x33]));
const large = [
  ...Array.from({ length: 3 }, () => data("x".repeat(16_384))),
  data("y".repeat(9000), END_STREAM),
];
const whole = [head(), data("ok", END_STREAM)];

let root: string;
let certificate: ServerCertificate;
beforeAll(async () => {
  const authority = await createAuthority(Date.now());
  root = authority.root;
  certificate = await authority.issue({ names: ["127.0.0.1"] });
});

/** What the probe finds at a server that answers with these frames and closes. */
async function probed(frames: readonly Buffer[], inOne: boolean) {
  const server = createServer({ ...certificate, ALPNProtocols: ["h2"] }, (socket) => {
    socket.setNoDelay(true);
    socket.on("error", () => {});
    const answer = [frame(SETTINGS, 0, 0), frame(SETTINGS, ACK, 0), ...frames];
    onRequest(socket, () => {
      for (const part of inOne ? [Buffer.concat(answer)] : answer) socket.write(part);
      socket.end();
    });
  });
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const tls = { ca: root };
  const { failure, status, body } = await factsOf(
    httpTarget(`https://127.0.0.1:${port}`, { tls, http2: true }),
  );
  return failure?.reason ?? `${status} ${body}`;
}

const PREFACE_BYTES = 24;

/** Calls back when the request's HEADERS are there. */
function onRequest(socket: TLSSocket, answer: () => void): void {
  let received = Buffer.alloc(0);
  let isAnswered = false;
  socket.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    for (let at = PREFACE_BYTES; at + 9 <= received.length; at += 9 + received.readUIntBE(at, 3)) {
      if (isAnswered || received[at + 3] !== HEADERS) continue;
      isAnswered = true;
      answer();
    }
  });
}

/** As curl 7.88 (nghttp2) and blackbox_exporter 0.23 (Go) find it. In one piece or frame by frame: it is no difference. */
test.each([
  ["a GOAWAY with an error behind it", [...whole, goaway(INTERNAL_ERROR)], "200 ok"],
  ["a GOAWAY without one", [...whole, goaway(NO_ERROR)], "200 ok"],
  ["a reset with NO_ERROR behind it", [...whole, reset(NO_ERROR)], "200 ok"],
  ["a reset with an error behind it", [...whole, reset(CANCEL)], "200 ok"],
  ["no body, and a GOAWAY", [head(END_HEADERS | END_STREAM), goaway(PROTOCOL_ERROR)], "200 "],
  [
    "a large body, and a GOAWAY",
    [head(), ...large, goaway(INTERNAL_ERROR)],
    `200 ${"x".repeat(49_152)}${"y".repeat(9000)}`,
  ],
  [
    "an empty end, and a GOAWAY",
    [head(), data("ok"), data("", END_STREAM), goaway(INTERNAL_ERROR)],
    "200 ok",
  ],
  [
    "padding, and a GOAWAY",
    [head(), frame(DATA, PADDED | END_STREAM, STREAM, Buffer.from("\x02ok\0\0")), goaway(1)],
    "200 ok",
  ],
  ["early hints, and a GOAWAY", [earlyHints, ...whole, goaway(CANCEL)], "200 ok"],
  ["trailers, and a GOAWAY", [head(), data("ok"), trailers, goaway(INTERNAL_ERROR)], "200 ok"],
  ["bytes that are no frame behind it", [...whole, Buffer.from("garbage garbage garbage")], "200 ok"],
  ["a frame that must not be behind it", [...whole, frame(WINDOW_UPDATE, 0, 0, uint32(0))], "200 ok"],
  [
    "a PING before its end",
    [head(), data("o"), frame(PING, 0, 0, Buffer.alloc(8)), data("k", END_STREAM)],
    "200 ok",
  ],
  ["a GOAWAY without an error before it", [goaway(NO_ERROR), ...whole], "200 ok"],
  ["nothing but a GOAWAY", [goaway(NO_ERROR)], "truncated"],
  ["a reset with NO_ERROR in its body", [head(), data("ok"), reset(NO_ERROR)], "truncated"],
  ["such a reset before its length", [headOfLength(3), data("ok"), reset(NO_ERROR)], "truncated"],
  ["such a reset before its body", [head(), reset(NO_ERROR)], "truncated"],
  ["a reset with an error in its body", [head(), data("ok"), reset(INTERNAL_ERROR)], "truncated"],
  ["a GOAWAY with an error in its body", [head(), data("ok"), goaway(INTERNAL_ERROR)], "truncated"],
  ["a close in its body", [head(), data("ok")], "truncated"],
  ["an end before its length", [headOfLength(5), data("ok", END_STREAM)], "truncated"],
])("an answer in HTTP/2 with %s", async (_, frames, found) => {
  expect([await probed(frames, true), await probed(frames, false)]).toEqual([found, found]);
});
