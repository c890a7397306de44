import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { deployment } from "../../../sandbox/fixtures/seeds.ts";
import { httpsApi, type KubernetesApi } from "../../../shared/kubernetes/api/api.ts";
import { keptOf } from "../../../shared/kubernetes/api/list/kept.ts";
import { currentVersion, forEachListed, listFromCache } from "../../../shared/kubernetes/api/list/list.ts";
import { ListReader } from "../../../shared/kubernetes/api/list/list-reader.ts";
import { NODES } from "../../../shared/kubernetes/node.ts";
import { PODS } from "../../../shared/kubernetes/pod.ts";
import { ADMIN_TOKEN, type RunningCluster, startCluster } from "../../sandbox/kubernetes/a-cluster.ts";

/** All objects of the text, given in parts of this size. */
function read(text: string, kept: ReturnType<typeof keptOf>, partBytes: number): unknown[] {
  const reader = new ListReader(kept);
  const bytes = Buffer.from(text);
  const found: unknown[] = [];
  for (let at = 0; at < bytes.length; at += partBytes) {
    found.push(...reader.read(bytes.subarray(at, at + partBytes)));
  }
  return [...found, ...reader.end()];
}

const value = fc.jsonValue({ maxDepth: 4 });
const object = fc.dictionary(fc.string(), value);

describe("a list read as it arrives", () => {
  it("property: gives the objects that are in it, wherever its text is cut", () => {
    fc.assert(
      fc.property(
        fc.array(object, { maxLength: 5 }),
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom(undefined, 2),
        fc.boolean(),
        (items, partBytes, indent, itemsFirst) => {
          const metadata = { resourceVersion: "7", note: ']}\\" [' };
          const list = itemsFirst
            ? { items, kind: "List", metadata }
            : { metadata, remaining: [1, {}], items, kind: "List" };
          const reader = new ListReader("all");
          const bytes = Buffer.from(JSON.stringify(list, undefined, indent));
          const found: unknown[] = [];
          for (let at = 0; at < bytes.length; at += partBytes) {
            found.push(...reader.read(bytes.subarray(at, at + partBytes)));
          }
          found.push(...reader.end());
          expect(found).toEqual(JSON.parse(JSON.stringify(items)));
          expect(reader.metadata).toEqual({ resourceVersion: "7" });
        },
      ),
      { numRuns: 100 },
    );
  });

  it("property: gives of each object what a shape would have read of all of it", () => {
    const inner = z.object({ a: z.optional(z.unknown()), key: z.optional(z.unknown()) });
    const shape = z.object({
      a: z.optional(z.unknown()),
      some: z._default(z.array(inner), []),
      one: z.optional(inner),
      open: z.optional(z.looseObject({})),
    });
    const part = fc.record({ a: value, key: value, other: value }, { requiredKeys: [] });
    const item = fc.record(
      { other: value, a: value, some: fc.array(part), unread: object, one: part, open: object },
      { requiredKeys: [] },
    );
    const kept = keptOf(shape);
    fc.assert(
      fc.property(fc.array(item, { maxLength: 4 }), fc.integer({ min: 1, max: 60 }), (items, partBytes) => {
        const text = JSON.stringify({ metadata: {}, items });
        const all: unknown[] = JSON.parse(text).items;
        const found = read(text, kept, partBytes);
        expect(found.map((each) => shape.parse(each))).toEqual(all.map((each) => shape.parse(each)));
        for (const each of found) expect(JSON.stringify(each)).not.toMatch(/"(unread)":/);
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    ["cut off", '{"metadata":{},"items":[{"a":1}'],
    ["no JSON", "<html>"],
    ["no list", '{"metadata":{},"items":[1]}'],
    ["broken where it is kept", '{"metadata":{},"items":[{"a":tru}]}'],
    ["empty", ""],
  ])("refuses a text that is %s", (_, text) => {
    expect(() => read(text, "all", 7)).toThrow(SyntaxError);
  });

  it.each(["null", "[]"])("takes %s for a list without objects", (items) => {
    expect(read(`{"items":${items},"metadata":{}}`, "all", 3)).toEqual([]);
  });
});

describe("a list from the API server's cache", () => {
  let running: RunningCluster | undefined;
  afterEach(async () => {
    await running?.stop();
    running = undefined;
  });

  async function connected(): Promise<RunningCluster & { api: KubernetesApi }> {
    running = await startCluster();
    const address = { name: "main", endpoint: running.server.url, ca: running.certificate.ca };
    return { ...running, api: httpsApi(address, async () => ADMIN_TOKEN) };
  }

  it("comes whole, and says of each object what a page says", async () => {
    const { api, cluster } = await connected();
    cluster.create(deployment("many", 1201, { milliCpu: 1 }));
    const notOlderThan = await currentVersion(api);
    const pods: { name: string }[] = [];
    await forEachListed(api, PODS, { notOlderThan }, (some) => void pods.push(...some));
    expect(new Set(pods.map(({ name }) => name)).size).toBe(1201);
    const nodes = await listFromCache(api, NODES, {});
    expect(nodes.map(({ name }) => name)).toEqual(["node-a", "node-b", "node-c"]);
    expect(nodes[0]?.allocatable).toEqual({ milliCpu: 2000, memory: 8 * 2 ** 30, pods: 10 });
  });

  it("is read page by page where the cache is not as new as is asked for", async () => {
    const { api, cluster } = await connected();
    cluster.create(deployment("many", 501, { milliCpu: 1 }));
    const newer = String(Number(await currentVersion(api)) + 100);
    const sizes: number[] = [];
    await forEachListed(
      api,
      PODS,
      { notOlderThan: newer, fieldSelector: "spec.nodeName!=" },
      (some) => void sizes.push(some.length),
    );
    expect(sizes).toEqual([30]);
    await forEachListed(api, PODS, { notOlderThan: newer }, (some) => void sizes.push(some.length));
    expect(sizes).toEqual([30, 500, 1]);
  });
});
