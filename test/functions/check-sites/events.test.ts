import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compileSite } from "../../../functions/check-sites/config/site.ts";
import { requestsFrom } from "../../../functions/check-sites/triggers.ts";
import { Misconfigured } from "../../../shared/lambda/errors.ts";
import { decodeTriggers } from "../../../shared/triggers/decode.ts";

const compiled = compileSite("shop", { url: "https://shop.example.com" });
const list = "site" in compiled ? [compiled.site] : [];
const sample = (name: string): unknown => JSON.parse(readFileSync(`events/check-sites-${name}.json`, "utf8"));
const wanted = (name: string) => requestsFrom(decodeTriggers(sample(name)), list, 1000);

test("there is a test here for every sample event", () => {
  const files = readdirSync("events").filter((file) => file.startsWith("check-sites-"));
  expect(files.sort()).toEqual([
    "check-sites-by-hand.json",
    "check-sites-schedule-part.json",
    "check-sites-schedule.json",
    "check-sites-unknown.json",
  ]);
});
test("the schedule asks for all sites, at its own time", () => {
  expect(wanted("schedule")).toMatchObject({
    tick: Date.parse("2026-11-21T12:06:00Z"),
    part: { number: 1, of: 1 },
    sites: [{ name: "shop" }],
  });
});
test("the schedule of a part asks for that part", () => {
  expect(wanted("schedule-part")).toMatchObject({ part: { number: 2, of: 4 }, sites: [] });
});
test("a person asks for one site, now", () => {
  expect(wanted("by-hand")).toMatchObject({ tick: 1000, sites: [{ name: "shop" }] });
});
test("what is no trigger is an error that names what was seen", () => {
  expect(() => wanted("unknown")).toThrow(/website/);
});
test("an alarm, whatever it watches, asks for all sites", () => {
  const alarm = JSON.parse(readFileSync("events/reshard-streams-alarm-direct.json", "utf8"));
  expect(requestsFrom(decodeTriggers(alarm), list, 1000)).toMatchObject({
    tick: 1000,
    sites: [{ name: "shop" }],
  });
});
test("a composite alarm, which asks for nothing, says why", () => {
  const alarm = JSON.parse(readFileSync("events/reshard-streams-composite-alarm.json", "utf8"));
  expect(requestsFrom(decodeTriggers(alarm), list, 1000)).toEqual({
    ignored: [expect.stringContaining("composite")],
  });
});

const sites = ["a", "b", "c"].flatMap((name) => {
  const one = compileSite(name, { url: `https://${name}.example.com` });
  return "site" in one ? [one.site] : [];
});
const byHand = (name: string, mode?: "observe") => ({
  ...{ kind: "manual" as const, of: "site", name },
  ...(mode && { mode }),
});

test("a schedule's rule takes its own part of the list, and one without a part all of it", () => {
  const asked = (rule: string) => {
    const requests = requestsFrom([{ kind: "schedule", at: 5, rule }], sites, 1000);
    return "sites" in requests ? [requests.tick, requests.part, requests.sites.map(({ name }) => name)] : [];
  };
  expect(asked("sites-1-of-2")).toEqual([5, { number: 1, of: 2 }, ["a", "c"]]);
  expect(asked("sites-2-of-2")).toEqual([5, { number: 2, of: 2 }, ["b"]]);
  expect(asked("sites-11-of-12")).toEqual([5, { number: 11, of: 12 }, []]);
  expect(asked("sites")).toEqual([5, { number: 1, of: 1 }, ["a", "b", "c"]]);
  expect(asked("sites-1-of-2-old")).toEqual([5, { number: 1, of: 1 }, ["a", "b", "c"]]);
});
test("one person who only asks makes the whole run ask only", () => {
  expect(requestsFrom([byHand("a"), byHand("b")], sites, 1000)).toEqual({
    ...{ tick: 1000, sites: [sites[0], sites[1]] },
  });
  expect(requestsFrom([byHand("a"), byHand("b", "observe")], sites, 1000)).toMatchObject({ mode: "observe" });
});
test.each([
  [{ kind: "manual" as const, of: "stream", name: "a" }, '{ "stream": "a" }'],
  [byHand("z"), '{ "site": "z" }'],
])("a person who names no site of the config is told so", (trigger, found) => {
  expect(() => requestsFrom([trigger], sites, 1000)).toThrow(
    `found ${found}, expected a site of the config: nothing was checked`,
  );
});
test("an alarm beside a trigger that asks for nothing asks for all sites, as one part", () => {
  const alarm = JSON.parse(readFileSync("events/reshard-streams-alarm-direct.json", "utf8"));
  const triggers = [{ kind: "nothing" as const, why: "it is muted" }, ...decodeTriggers(alarm)];
  expect(requestsFrom(triggers, sites, 1000)).toEqual({ tick: 1000, part: { number: 1, of: 1 }, sites });
});
test("only what asks for nothing says why", () => {
  const failure = new Misconfigured("record 1 is not JSON");
  const triggers = [
    { kind: "nothing" as const, why: "it is muted" },
    { kind: "unreadable" as const, failure },
  ];
  expect(requestsFrom(triggers, sites, 1000)).toEqual({ ignored: ["it is muted"] });
});
