import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compileSite } from "../../../functions/check-sites/config/site.ts";
import { requestsFrom } from "../../../functions/check-sites/triggers.ts";
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
