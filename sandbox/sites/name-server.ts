import { createSocket } from "node:dgram";
import type { AddressInfo } from "node:net";

/** What a local name server knows: by name, its addresses; `silent` names are never answered. */
export type Zone = Readonly<
  Record<
    string,
    | {
        readonly A?: readonly string[];
        readonly AAAA?: readonly string[];
        readonly TXT?: readonly string[];
        /** SERVFAIL, to every question or to those for one type. */
        readonly fails?: boolean | "A" | "AAAA";
      }
    | "silent"
  >
>;

export interface NameServer {
  /** `127.0.0.1:port`. */
  readonly address: string;
  readonly port: number;
  /** Questions since the start: `name type`. */
  readonly questions: readonly string[];
  stop(): Promise<void>;
}

const TYPES: Readonly<Record<number, "A" | "AAAA" | "TXT">> = { 1: "A", 28: "AAAA", 16: "TXT" };

/**
 * A small authoritative DNS server over UDP (RFC 1035): enough to answer what a probe asks, each
 * name `delayMs` after it was asked for.
 */
export async function startNameServer(
  zone: Zone,
  delayMs: (name: string) => number = () => 0,
): Promise<NameServer> {
  const socket = createSocket("udp4");
  const questions: string[] = [];
  socket.on("message", (query, from) => {
    const { name, type, end } = readQuestion(query);
    const typeName = TYPES[type];
    questions.push(`${name} ${typeName ?? type}`);
    const known = zone[name];
    if (known === "silent") return;
    const records = known && typeName ? (known[typeName] ?? []) : [];
    const isFailing = known?.fails === true || (typeName !== undefined && known?.fails === typeName);
    const code = known === undefined ? 3 : isFailing ? 2 : 0;
    const answers = (isFailing ? [] : records).map((record) =>
      Buffer.concat([Buffer.from([0xc0, 12]), answerBody(type, record)]),
    );
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(0x8580 | code, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(answers.length, 6);
    const reply = Buffer.concat([header, query.subarray(12, end), ...answers]);
    const delay = delayMs(name);
    if (delay === 0) socket.send(reply, from.port, from.address);
    else setTimeout(() => socket.send(reply, from.port, from.address), delay);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const { port } = socket.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    port,
    questions,
    stop: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join(".").toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

/** Type, class IN, TTL 60, the data. */
function answerBody(type: number, record: string): Buffer {
  const data =
    type === 1
      ? Buffer.from(record.split(".").map(Number))
      : type === 28
        ? ipv6Bytes(record)
        : Buffer.concat([Buffer.from([record.length]), Buffer.from(record)]);
  const head = Buffer.alloc(10);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(1, 2);
  head.writeUInt32BE(60, 4);
  head.writeUInt16BE(data.length, 8);
  return Buffer.concat([head, data]);
}

function ipv6Bytes(address: string): Buffer {
  const [left = "", right = ""] = address.split("::");
  const words = (text: string) =>
    text === "" ? [] : text.split(":").map((word) => Number.parseInt(word, 16));
  const [before, after] = [words(left), words(right)];
  const all = [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
  return Buffer.from(all.flatMap((word) => [word >> 8, word & 0xff]));
}
