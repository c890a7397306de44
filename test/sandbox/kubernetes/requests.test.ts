import { request } from "node:https";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { budget, deployment } from "../../../sandbox/fixtures/seeds.ts";
import type { Caller } from "../../../sandbox/kubernetes/api-server/access.ts";
import { objectOf } from "../../../sandbox/kubernetes/api-server/protobuf.ts";
import { ADMIN_TOKEN, admin, type RunningCluster, startCluster } from "./a-cluster.ts";

let running: RunningCluster;

beforeAll(async () => {
  running = await startCluster({ authenticate: (token) => admin(token) ?? readers.get(token) });
  running.cluster.create(deployment("web", 6), budget("web", 6));
  await running.clock.advance(10_000);
});
afterAll(() => running.stop());

/** Somebody who may read nodes and evict pods. */
const readers = new Map<string, Caller>([
  [
    "reader",
    {
      name: "reader",
      rules: [
        { apiGroups: [""], resources: ["nodes"], verbs: ["get", "list"] },
        { apiGroups: [""], resources: ["pods/eviction"], verbs: ["create"] },
      ],
    },
  ],
]);

const Answer = z.looseObject({
  kind: z.string(),
  metadata: z._default(
    z.looseObject({ continue: z.optional(z.string()), resourceVersion: z.optional(z.string()) }),
    {},
  ),
  items: z._default(
    z.array(
      z.looseObject({
        metadata: z.looseObject({ name: z.string() }),
        spec: z.optional(z.unknown()),
        status: z.optional(z.unknown()),
      }),
    ),
    [],
  ),
  spec: z.optional(z.unknown()),
  status: z.optional(z.unknown()),
});

interface Sent {
  readonly token?: string;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
}

/** A request as Kubernetes' own clients send it: over TLS that the cluster's certificate authority signs. */
function send(
  method: string,
  path: string,
  { token = ADMIN_TOKEN, body, contentType, accept = "application/json" }: Sent = {},
) {
  const headers = {
    Accept: accept,
    Authorization: `Bearer ${token}`,
    ...(body !== undefined && { "Content-Type": contentType ?? "application/json" }),
  };
  const { promise, resolve, reject } = Promise.withResolvers<{ code: number | undefined; text: string }>();
  const sent = request(
    new URL(path, running.server.url),
    { method, headers, ca: running.certificate.ca },
    async (response) => {
      const chunks = await response.toArray();
      resolve({ code: response.statusCode, text: Buffer.concat(chunks).toString("utf8") });
    },
  );
  sent.on("error", reject).end(body === undefined ? undefined : JSON.stringify(body));
  return promise.then(({ code, text }) => ({ code, answer: Answer.parse(JSON.parse(text)) }));
}

const NODES = "/api/v1/nodes";

describe("the cluster's API, asked as Kubernetes' own clients ask", () => {
  it("lists nodes in pages", async () => {
    const first = await send("GET", `${NODES}?limit=2`);
    const next = new URLSearchParams({ limit: "2", continue: first.answer.metadata.continue ?? "" });
    const second = await send("GET", `${NODES}?${next}`);
    const names = [first, second].map(({ answer }) => answer.items.map(({ metadata }) => metadata.name));
    expect(names).toEqual([["node-a", "node-b"], ["node-c"]]);
  });

  it("finds the pods of a node by the field selector", async () => {
    const { answer } = await send("GET", "/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-a");
    expect(answer.items.map(({ spec }) => spec)).toEqual([
      expect.objectContaining({ nodeName: "node-a" }),
      expect.objectContaining({ nodeName: "node-a" }),
    ]);
  });

  it("patches a node, and refuses a version that is not the newest", async () => {
    const { answer } = await send("GET", `${NODES}/node-b`);
    const { resourceVersion } = answer.metadata;
    const patch = {
      body: { metadata: { resourceVersion }, spec: { unschedulable: true } },
      contentType: "application/merge-patch+json",
    };
    const patched = await send("PATCH", `${NODES}/node-b`, patch);
    expect(patched).toMatchObject({ code: 200, answer: { spec: { unschedulable: true } } });
    const refused = await send("PATCH", `${NODES}/node-b`, patch);
    expect(refused).toMatchObject({ code: 409, answer: { kind: "Status" } });
  });

  it("refuses an eviction that a budget does not allow", async () => {
    const { answer } = await send("GET", "/api/v1/namespaces/default/pods");
    const name = answer.items[0]?.metadata.name;
    const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name } };
    const evicted = await send("POST", `/api/v1/namespaces/default/pods/${name}/eviction`, { body });
    expect(evicted).toMatchObject({ code: 429, answer: { kind: "Status" } });
  });

  it("says what a budget allows", async () => {
    const { answer } = await send("GET", "/apis/policy/v1/poddisruptionbudgets");
    expect(answer.items.map(({ status }) => status)).toEqual([
      expect.objectContaining({ currentHealthy: 6, disruptionsAllowed: 0 }),
    ]);
  });

  it.each([
    ["reader", { verb: "list", resource: "nodes" }, true],
    ["reader", { verb: "patch", resource: "nodes" }, false],
    ["reader", { verb: "list", resource: "nodes", group: "metrics.k8s.io" }, false],
    ["reader", { verb: "create", resource: "pods", subresource: "eviction" }, true],
    ["reader", { verb: "create", resource: "pods" }, false],
    [ADMIN_TOKEN, { verb: "delete", resource: "nodes" }, true],
  ])(
    "answers whether %s may %o, as kubectl auth can-i asks: %s",
    async (token, resourceAttributes, allowed) => {
      const body = {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SelfSubjectAccessReview",
        spec: { resourceAttributes },
      };
      const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
      const { answer } = await send("POST", path, { token, body });
      expect(answer.status).toMatchObject({ allowed });
    },
  );
});

const PROTOBUF = "application/vnd.kubernetes.protobuf";

describe("a body in protobuf", () => {
  /** A message's field of bytes, as the wire has it. */
  const field = (number: number, bytes: Buffer | string): Buffer =>
    Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), Buffer.from(bytes)]);
  const unknown = (apiVersion: string, kind: string, ...fields: Buffer[]): Buffer =>
    Buffer.concat([
      Buffer.from("k8s\0"),
      field(1, Buffer.concat([field(1, apiVersion), field(2, kind)])),
      field(2, Buffer.concat(fields)),
    ]);
  const metadata = (name: string) => field(1, field(1, name));

  it("is the object that its JSON would be", () => {
    const options = Buffer.concat([Buffer.from([8, 30]), field(2, field(1, "uid-1")), field(5, "All")]);
    expect(objectOf(unknown("policy/v1", "Eviction", metadata("web"), field(2, options)))).toEqual({
      apiVersion: "policy/v1",
      kind: "Eviction",
      metadata: { name: "web" },
      deleteOptions: { gracePeriodSeconds: 30, preconditions: { uid: "uid-1" }, dryRun: ["All"] },
    });
    const renewed = Buffer.from([8, 0x80, 0x01]);
    const lease = unknown("coordination.k8s.io/v1", "Lease", metadata("a"), field(2, field(4, renewed)));
    expect(objectOf(lease)).toMatchObject({ spec: { renewTime: "1970-01-01T00:02:08.000Z" } });
  });

  it.each([
    ["of a kind that is not known here", unknown("v1", "Secret", metadata("a")), 415, "kind Secret"],
    [
      "with a field that is not known here",
      unknown("v1", "Namespace", field(9, "x")),
      415,
      "a field of Namespace",
    ],
    ["that is none", Buffer.from("{}"), 400, "no protobuf of Kubernetes"],
    ["that is cut off", unknown("v1", "Namespace", metadata("a")).subarray(0, -1), 400, "no protobuf"],
  ])("%s is refused, and nothing of it is left out in silence", (_, body, code, message) => {
    expect(() => objectOf(body)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });
});

it.each([
  [PROTOBUF, 406],
  [`${PROTOBUF},application/json`, 200],
  ["*/*", 200],
])("answers in JSON or not at all: of a client that takes %s with %i", async (accept, code) => {
  expect(await send("GET", "/api/v1/nodes", { accept })).toMatchObject({ code });
});
