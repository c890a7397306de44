import { expect, test, vi } from "vitest";
import { createClock } from "../../../sandbox/clock/clock.ts";
import { Mappings } from "../../../sandbox/event-source-mapping/mappings.ts";
import type { Properties } from "../../../sandbox/service.ts";

const STREAM = "arn:aws:kinesis:us-east-1:000000000000:stream/orders";
const API = "/2015-03-31/event-source-mappings";

/** Mappings of two functions, and what the one of `land` was changed to. */
async function twoMappings() {
  const mappings = new Mappings(createClock({ speed: 0, start: 0 }), "us-east-1");
  const update = vi.fn(async (_: Properties) => undefined);
  const create = mappings.kept(async (ref) => ({ ref, update, remove: async () => {} }));
  const made = await create("Land", {
    FunctionName: "reflex-dev-land",
    EventSourceArn: STREAM,
    Enabled: "true",
  });
  await create("Other", { FunctionName: "reflex-dev-land-more", EventSourceArn: STREAM });
  const call = async (method: string, path: string, body?: object) => {
    const [at = "", query] = path.split("?");
    const answered = await mappings.answer({
      ...{ method, path: at, query: new URLSearchParams(query), headers: {}, region: "us-east-1" },
      body: Buffer.from(body ? JSON.stringify(body) : ""),
    });
    return answered && { status: answered.status, body: JSON.parse(String(answered.body)) };
  };
  return { made, update, call };
}

test("are listed by the function's name or ARN, with state and UUID", async () => {
  const { made, call } = await twoMappings();
  const mapping = {
    ...{ UUID: made.ref, EventSourceArn: STREAM, State: "Enabled" },
    FunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:reflex-dev-land",
  };
  for (const name of ["reflex-dev-land", encodeURIComponent(mapping.FunctionArn)]) {
    const listed = await call("GET", `${API}?FunctionName=${name}`);
    expect(listed?.body).toEqual({ EventSourceMappings: [expect.objectContaining(mapping)] });
  }
  expect((await call("GET", API))?.body.EventSourceMappings).toHaveLength(2);
  expect((await call("GET", `${API}?EventSourceArn=another`))?.body).toEqual({ EventSourceMappings: [] });
  expect(await call("GET", "/2015-03-31/functions")).toBeUndefined();
});

test("one is disabled, and says so from then on", async () => {
  const { made, update, call } = await twoMappings();
  const disabled = { UUID: made.ref, State: "Disabled" };
  expect(await call("PUT", `${API}/${made.ref}`, { Enabled: false })).toEqual({
    status: 202,
    body: expect.objectContaining(disabled),
  });
  expect(update).toHaveBeenCalledWith({
    ...{ FunctionName: "reflex-dev-land", EventSourceArn: STREAM, Enabled: false },
  });
  expect((await call("GET", `${API}/${made.ref}`))?.body).toMatchObject(disabled);
});

test("what is not simulated, or not there, is refused", async () => {
  const { made, call } = await twoMappings();
  await expect(call("PUT", `${API}/${made.ref}`, { BatchSize: 5 })).rejects.toThrow(/Enabled/);
  await made.remove?.();
  await expect(call("GET", `${API}/${made.ref}`)).rejects.toThrow("does not exist");
});
