/**
 * An API server of a large cluster over HTTPS: lists in pages where a limit is given, otherwise whole and as they are
 * made, compressed where that is asked for.
 */
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createGzip } from "node:zlib";
import { createCertificate } from "../../sandbox/kubernetes/api-server/certificate.ts";
import { csiNodeObject, nodeName, nodeObject, PODS_PER_NODE, podObject } from "./large-cluster.ts";

export interface LargeCluster {
  readonly nodes: number;
  /** Of the pods that the cluster has, how many wait for a node; 0 to 1. */
  readonly waiting: number;
}

export interface LargeApiServer {
  readonly endpoint: string;
  /** PEM. */
  readonly ca: string;
  /** What was asked for since the start. */
  readonly counts: { calls: number; bytes: number };
  stop(): Promise<void>;
}

interface List {
  readonly size: number;
  readonly item: (index: number) => object;
}

/** The pods that wait come last. */
function listsOf({ nodes, waiting }: LargeCluster): (resource: string, fieldSelector: string) => List {
  const pods = nodes * PODS_PER_NODE;
  const bound = Math.round(pods * (1 - waiting));
  const boundPod = (index: number) => podObject(index, { node: nodeName(index % nodes) });
  const waitingPod = (index: number) => podObject(bound + index, { node: undefined });
  const anyPod = (index: number) => (index < bound ? boundPod(index) : waitingPod(index - bound));
  return (resource, fieldSelector) => {
    if (resource === "nodes") return { size: nodes, item: nodeObject };
    if (resource === "csinodes") return { size: nodes, item: csiNodeObject };
    if (resource !== "pods") return { size: 0, item: () => ({}) };
    if (fieldSelector.includes("spec.nodeName!=")) return { size: bound, item: boundPod };
    if (fieldSelector.includes("spec.nodeName=,")) return { size: pods - bound, item: waitingPod };
    return { size: pods, item: anyPod };
  };
}

export async function startLargeApiServer(cluster: LargeCluster): Promise<LargeApiServer> {
  const { ca, key, cert } = await createCertificate();
  const lists = listsOf(cluster);
  const counts = { calls: 0, bytes: 0 };
  const server = createServer({ key, cert }, (request, response) => {
    counts.calls += 1;
    const { pathname, searchParams } = new URL(request.url ?? "/", "https://127.0.0.1");
    const { size, item } = lists(pathname.split("/").at(-1) ?? "", searchParams.get("fieldSelector") ?? "");
    const from = Number(searchParams.get("continue") ?? 0);
    const limit = Number(searchParams.get("limit") ?? 0) || size;
    const to = Math.min(size, from + limit);
    const text = Readable.from(counted(listText(item, from, to, size), counts));
    const zipped = /gzip/.test(request.headers["accept-encoding"] ?? "");
    response.setHeader("content-type", "application/json");
    if (zipped) response.setHeader("content-encoding", "gzip");
    const steps = zipped
      ? pipeline(text, createGzip({ level: constants.Z_BEST_SPEED }), response)
      : pipeline(text, response);
    steps.catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `https://127.0.0.1:${port}`,
    ca,
    counts,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** As an API server writes it: the metadata first. */
function* listText(item: (index: number) => object, from: number, to: number, size: number) {
  const metadata = { resourceVersion: "2000000", ...(to < size && { continue: String(to) }) };
  yield `{"kind":"List","apiVersion":"v1","metadata":${JSON.stringify(metadata)},"items":[`;
  const AT_ONCE = 50;
  for (let start = from; start < to; start += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, to - start) }, (_, at) =>
      JSON.stringify(item(start + at)),
    );
    yield (start === from ? "" : ",") + some.join(",");
  }
  yield "]}\n";
}

function* counted(parts: Iterable<string>, counts: { bytes: number }): Generator<Buffer> {
  for (const part of parts) {
    const bytes = Buffer.from(part);
    counts.bytes += bytes.length;
    yield bytes;
  }
}
