import { afterAll, beforeAll, expect, test } from "vitest";
import type { Incident, Repair } from "./incident.ts";
import { reflex } from "./reflex-command.ts";
import { INCIDENTS, ROUNDS } from "./scenes/incidents.ts";
import { sweepCrashed } from "./scenes/sweep-crashed.ts";
import { type IncidentsWorld, type Message, startIncidentsWorld } from "./world.ts";

const MINUTE = 60_000;

interface Played {
  /** ms since the epoch. */
  readonly began: number;
  /** What people heard until it was repaired. */
  readonly heard: readonly Message[];
}

let world: IncidentsWorld;
let calm: readonly Message[] = [];
const played = new Map<Incident, Played>();

beforeAll(async () => {
  world = await startIncidentsWorld();
  await world.minutes(3);
  calm = world.heard();
  for (const { incidents, minutes } of ROUNDS) {
    const from = world.heard().length;
    const began = new Map<Incident, number>();
    const repairs: Repair[] = [];
    for (const incident of incidents) {
      began.set(incident, world.now());
      repairs.push(await incident.begin(world));
    }
    await world.minutes(minutes);
    const heard = world.heard().slice(from);
    for (const repair of repairs) repair();
    for (const [incident, at] of began) played.set(incident, { began: at, heard });
    await world.minutes(3);
  }
}, 900_000);
afterAll(() => world.stop());

test("while all is well nobody hears anything", () => {
  expect(calm).toEqual([]);
});

test.each(INCIDENTS)(
  "$component: $failure: people hear of it when docs/failure-modes.md says",
  (incident) => {
    const { began, heard } = played.get(incident) ?? expect.unreachable("it was not played");
    for (const { who, what, afterMinutes } of incident.heard) {
      const said = heard.filter((message) => message.who === who).map((message) => message.what);
      const message = heard.find(
        (one) => one.who === who && (typeof what === "string" ? one.what === what : what.test(one.what)),
      );
      if (!message) expect.unreachable(`no ${who} says ${what}; they say ${said.join("; ")}`);
      else
        expect(Math.abs((message.at - began) / MINUTE - afterMinutes), `${who} ${what}`).toBeLessThanOrEqual(
          1,
        );
    }
  },
);

test.each(INCIDENTS.filter(({ silent }) => silent))(
  "$component: $failure: what would hide it, or be wrong, does not fire",
  (incident) => {
    const { heard } = played.get(incident) ?? expect.unreachable("it was not played");
    const alarms = heard.filter(({ who }) => who !== "notification").map(({ what }) => what);
    expect(alarms.filter((what) => incident.silent?.includes(what))).toEqual([]);
  },
);

test("what is repaired says that it is over, and the commands of the runbook answer", async () => {
  const over = world.heard().filter(({ who, what }) => who === "notification" && /over after/.test(what));
  expect(over.map(({ what }) => what.split(":")[0])).toEqual(
    expect.arrayContaining(["stream/orders", "node-pool/workers"]),
  );
  const why = await reflex(world.account, "why", "stream/orders", "--stage", "dev");
  expect(why).toMatchObject({ code: 0, stdout: expect.stringMatching(/decided .*\n {4}because /) });
});

test("one crashed run pages nobody", () => {
  const { heard } = played.get(sweepCrashed) ?? expect.unreachable("it was not played");
  expect(heard.filter(({ who }) => who === "page")).toEqual([]);
});
