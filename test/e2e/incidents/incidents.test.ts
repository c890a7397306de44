import { afterAll, beforeAll, expect, test } from "vitest";
import { segmentsOf } from "../../../sandbox/xray/traces.ts";
import { type Ended, isInstalled } from "../traces/on-call/docs-shell.ts";
import type { Command, Incident, Repair } from "./incident.ts";
import { INCIDENTS, ROUNDS } from "./scenes/incidents.ts";
import { streamRefused } from "./scenes/stream-refused.ts";
import { sweepCrashed } from "./scenes/sweep-crashed.ts";
import { type IncidentsWorld, type Message, startIncidentsWorld } from "./world.ts";

const MINUTE = 60_000;

interface Played {
  /** ms since the epoch. */
  readonly began: number;
  /** What people heard until it was repaired. */
  readonly heard: readonly Message[];
  /** What the runbook's command showed of the cause, and what the one that repairs it answered. */
  readonly looked: Ended;
  readonly repaired?: Ended | undefined;
}

let world: IncidentsWorld;
let calm: readonly Message[] = [];
const played = new Map<Incident, Played>();
/** By what was run: two incidents of one minute may have one command. */
const answers = new Map<string, Promise<Ended>>();

function run({ written, values }: Command): Promise<Ended> {
  const script = Object.entries(values).reduce(
    (text, [name, value]) => text.replaceAll(name, value),
    written,
  );
  const key = `${world.now()} ${script}`;
  const answer = answers.get(key) ?? world.shell.run(script);
  answers.set(key, answer);
  return answer;
}

beforeAll(async () => {
  world = await startIncidentsWorld();
  await world.minutes(3);
  calm = world.heard();
  for (const [index, { incidents, minutes }] of ROUNDS.entries()) {
    const from = world.heard().length;
    const began = new Map<Incident, number>();
    const repairs: Repair[] = [];
    for (const incident of incidents) {
      began.set(incident, world.now());
      repairs.push(await incident.begin(world));
    }
    await world.minutes(minutes);
    const heard = world.heard().slice(from);
    for (const [incident, at] of began) {
      const looked = await run(incident.look);
      const repaired = incident.repair && (await run(incident.repair));
      played.set(incident, { ...{ began: at, heard, looked }, ...(repaired && { repaired }) });
    }
    for (const repair of repairs) repair();
    // So that it is over before the next round begins.
    if (index < ROUNDS.length - 1) await world.minutes(3);
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

const HAS_AWS = isInstalled("aws");
const isRun = ({ look }: Incident): boolean => HAS_AWS || !look.written.startsWith("aws ");

test.skipIf(HAS_AWS)("the runbook's commands of the AWS CLI are not run: this machine has none", () => {});

test.each(INCIDENTS.filter(isRun))(
  "$component: $failure: the runbook's command shows the cause, and the one that repairs it does",
  (incident) => {
    const { look, repair } = incident;
    const { looked, repaired } = played.get(incident) ?? expect.unreachable("it was not played");
    expect(looked).toEqual({ code: 0, output: expect.stringMatching(look.says) });
    if (repair) expect(repaired).toEqual({ code: 0, output: expect.stringMatching(repair.says) });
  },
);

test("what is repaired says that it is over", () => {
  const over = world.heard().filter(({ who, what }) => who === "notification" && /over after/.test(what));
  expect(over.map(({ what }) => what.split(":")[0])).toEqual(
    expect.arrayContaining(["stream/orders", "node-pool/workers"]),
  );
});

test("meanwhile Reflex is stopped, and goes on, by the runbook's commands", async () => {
  const { shell } = world;
  const paused = await shell.run(`npx reflex pause all --for 2h --why "the deploy of 2 o'clock" --stage dev`);
  expect(paused).toEqual({ code: 0, output: expect.stringMatching(/^everything is paused until /) });
  const status = await shell.run("npx reflex status --stage dev");
  expect(status.output).toMatch(/Paused:\n {2}everything is paused until .*: the deploy of 2 o'clock/);
  expect(await shell.run("npx reflex resume all --stage dev")).toMatchObject({ code: 0 });
});

test("the notification of a refusal has the trace of the run that was refused, many looks later too", () => {
  const { began, heard } = played.get(streamRefused) ?? expect.unreachable("it was not played");
  const refusal = heard.find(({ what }) => /^stream\/payments: .*AccessDenied/.test(what));
  const trace = world.account.xray.traces().find(({ id }) => id === refusal?.traceId);
  const refused = (trace ? segmentsOf(trace) : []).filter(({ error }) => error);
  expect(JSON.stringify(refused)).toContain("AccessDenied");
  // The first of them: later looks were refused as well.
  expect(Math.abs((trace?.documents[0]?.start_time ?? 0) * 1000 - began)).toBeLessThanOrEqual(MINUTE);
});

test("one crashed run pages nobody", () => {
  const { heard } = played.get(sweepCrashed) ?? expect.unreachable("it was not played");
  expect(heard.filter(({ who }) => who === "page")).toEqual([]);
});
