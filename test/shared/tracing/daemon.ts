import { createSocket } from "node:dgram";

/** A subsegment as it comes over the wire, as far as the tests look at it. */
export interface Document {
  readonly id: string;
  readonly name: string;
  readonly trace_id?: string;
  readonly parent_id?: string;
  readonly type?: string;
  readonly namespace?: string;
  readonly start_time: number;
  readonly end_time?: number;
  readonly in_progress?: boolean;
  readonly fault?: boolean;
  readonly error?: boolean;
  readonly throttle?: boolean;
  readonly annotations?: Readonly<Record<string, unknown>>;
  readonly metadata?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly cause?: {
    readonly exceptions?: readonly {
      readonly id: string;
      readonly message: string;
      readonly remote?: boolean;
    }[];
  };
  readonly aws?: Readonly<Record<string, unknown>>;
  readonly http?: {
    readonly request?: Readonly<Record<string, string>>;
    readonly response?: { readonly status: number; readonly content_length?: number };
  };
  readonly subsegments?: readonly Document[];
}

/** The X-Ray daemon's end of the wire: UDP, a header line and a document in each datagram. */
export interface Daemon {
  readonly address: string;
  /** Waits until the outermost subsegment with this name has come; answers with all that came until then. */
  until(name: string): Promise<Document[]>;
  stop(): void;
}

export async function startDaemon(): Promise<Daemon> {
  const socket = createSocket("udp4");
  let came: Document[] = [];
  socket.on("message", (datagram) => {
    const [header = "", body = ""] = datagram.toString("utf8").split("\n", 2);
    const { format, version } = JSON.parse(header);
    if (format !== "json" || version !== 1) throw new Error(`The daemon does not know the header ${header}`);
    came.push(JSON.parse(body));
    socket.emit("document");
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return {
    address: `127.0.0.1:${socket.address().port}`,
    until: async (name) => {
      while (!came.some((document) => document.name === name)) {
        await new Promise<void>((resolve) => socket.once("document", resolve));
      }
      const all = came;
      came = [];
      return all;
    },
    stop: () => socket.close(),
  };
}

/** The documents and all that is nested in them, each with the id of the one around it. */
export function flat(documents: readonly Document[], parent?: string): Document[] {
  return documents.flatMap((document) => [
    { ...document, ...(parent !== undefined && { parent_id: parent }) },
    ...flat(document.subsegments ?? [], document.id),
  ]);
}
