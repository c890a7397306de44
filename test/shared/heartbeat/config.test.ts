import { describe, expect, it } from "vitest";
import { heartbeatProblems } from "../../../scripts/check-heartbeat.ts";
import {
  heartbeatOf,
  heartbeatPlaceholders,
  heartbeatSecrets,
  heartbeatSender,
} from "../../../shared/heartbeat/config.ts";

const STREAMS = { streams: { orders: { max: 4 } } };
const SITES = { sites: { list: { shop: "https://shop.example.com" } } };
const POOLS = { nodePools: { workers: { max: 3 } } };
const heartbeat = (url: unknown) => ({ monitoring: { heartbeat: { url } } });
const file = (sections: object) => ({
  name: "config/dev.yml",
  sections: { ...sections },
  placeOf: () => "config/dev.yml:3:5",
});

describe("who sends the heartbeat", () => {
  it.each([
    ["reshard-streams", { ...STREAMS, ...SITES, ...POOLS }],
    ["check-sites", { ...SITES, ...POOLS, streams: { "old-*": { ignore: true } } }],
    ["scale-node-pools", { ...POOLS, sites: { list: {} } }],
    [undefined, { ingest: { streams: { events: {} } }, streams: {} }],
  ])("is %s", (sender, sections) => {
    expect(heartbeatSender(file(sections))).toBe(sender);
  });

  it("is the one automation, and it alone may read the secret", () => {
    const config = file({ ...STREAMS, ...SITES, ...heartbeat({ ssm: "/reflex/heartbeat" }) });
    expect(heartbeatOf(config, "reshard-streams")).toMatchObject({ everyMinutes: 5 });
    expect(heartbeatOf(config, "check-sites")).toBeUndefined();
    expect(heartbeatSecrets(config, "reshard-streams")).toEqual([{ ssm: "/reflex/heartbeat" }]);
    expect(heartbeatSecrets(config, "check-sites")).toEqual([]);
    expect(heartbeatPlaceholders(config, "reshard-streams")).toEqual({
      "parameter of the heartbeat": ["reflex/heartbeat"],
      "secret of the heartbeat": [],
    });
  });

  it("reads no secret for an address that stands in the config", () => {
    const config = file({ ...STREAMS, ...heartbeat("https://monitor.example.com/ping") });
    expect(heartbeatSecrets(config, "reshard-streams")).toEqual([]);
  });
});

describe("a heartbeat that nothing would send", () => {
  const sweeps = [{ name: "reshard-streams", inUse: true }];

  it("is a problem of the config", () => {
    expect(heartbeatProblems(true, [], file({ ingest: {} }))).toEqual([
      "config/dev.yml:3:5: monitoring.heartbeat: found nothing that sweeps, expected one of the sections streams, sites, nodePools: their sweep sends it",
    ]);
  });

  it("is none where one sweeps, or no heartbeat is asked for", () => {
    expect(heartbeatProblems(true, sweeps, file(STREAMS))).toEqual([]);
    expect(heartbeatProblems(false, [], file({}))).toEqual([]);
  });
});
