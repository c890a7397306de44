import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Condition, IncidentEvent, Incidents } from "../../../shared/incidents/incident.ts";
import {
  type Finding,
  OVER_AFTER_MS,
  REMIND_AFTER_MS,
  transition,
} from "../../../shared/incidents/transition.ts";

const RESOURCE = "stream/orders";
const MINUTE = 60_000;
const NOON = Date.UTC(2026, 10, 21, 12);

const atMax: Condition = {
  key: "size",
  code: "at-max",
  text: "the stream is at its max of 2 shards and refuses writes",
  severity: "critical",
};
const found = (...conditions: Condition[]): Finding => ({ conditions, judged: "all" });
const UNKNOWN: Finding = { conditions: [], judged: "listed" };

/** One run a minute from noon on, each with what it found; the events by the minute they came in. */
function play(minutes: number, findingAt: (minute: number) => Finding) {
  let state: Incidents = {};
  const events: (readonly [minute: number, event: IncidentEvent])[] = [];
  for (let minute = 0; minute <= minutes; minute += 1) {
    const step = transition(RESOURCE, state, findingAt(minute), NOON + minute * MINUTE);
    state = step.after;
    events.push(...step.events.map((event) => [minute, event] as const));
  }
  return { state, events, kinds: events.map(([minute, { kind }]) => `${minute}: ${kind}`) };
}

const OVER = OVER_AFTER_MS / MINUTE;
const REMIND = REMIND_AFTER_MS / MINUTE;

describe("an incident", () => {
  it("begins once, is reminded of once a day, and ends once its condition stays away", () => {
    const { kinds, events, state } = play(REMIND + 100, (minute) =>
      minute < REMIND + 10 ? found(atMax) : found(),
    );
    expect(kinds).toEqual(["0: begin", `${REMIND}: reminder`, `${REMIND + 10 + OVER}: end`]);
    expect(new Set(events.map(([, { incident }]) => incident.id)).size).toBe(1);
    expect(events.map(([, { id }]) => id.split("/").at(-1))).toEqual(["1", "2", "3"]);
    expect(events.at(-1)?.[1].incident).toMatchObject({
      since: NOON,
      clearSince: NOON + (REMIND + 10) * MINUTE,
    });
    expect(state).toEqual({});
  });

  it("that comes again the same day is another one, with an id of its own", () => {
    const { kinds, events } = play(500, (minute) => (minute < 10 || minute >= 300 ? found(atMax) : found()));
    expect(kinds).toEqual(["0: begin", `${10 + OVER}: end`, "300: begin"]);
    expect(events[0]?.[1].incident.id).not.toBe(events[2]?.[1].incident.id);
  });

  it("of a condition that comes and goes is one, and is not over in between", () => {
    const { kinds } = play(120, (minute) => (minute % 4 === 0 ? found(atMax) : found()));
    expect(kinds).toEqual(["0: begin"]);
  });

  it("whose cause changes says so, with what it was before; not again when the causes alternate", () => {
    const denied = { ...atMax, code: "denied", text: "AccessDenied" };
    const { kinds, events } = play(60, (minute) => found(minute >= 20 && minute % 2 === 0 ? denied : atMax));
    expect(kinds).toEqual(["0: begin", "20: change"]);
    expect(events[1]?.[1]).toMatchObject({ previousText: atMax.text, incident: { code: "denied" } });
  });

  it("with the same code and another cause, or a higher severity, says so too", () => {
    const first = { ...atMax, cause: "LimitExceeded", severity: "warning" as const };
    expect(play(5, (minute) => found(minute < 3 ? first : { ...first, cause: "Denied" })).kinds).toEqual([
      "0: begin",
      "3: change",
    ]);
    expect(play(5, (minute) => found(minute < 3 ? first : { ...first, severity: "critical" })).kinds).toEqual(
      ["0: begin", "3: change"],
    );
  });

  it("of a text with other numbers in it is the same", () => {
    expect(play(30, (minute) => found({ ...atMax, text: `${minute} writes refused` })).kinds).toEqual([
      "0: begin",
    ]);
  });

  it("waits for as long as its condition may last, and nobody hears of a shorter one", () => {
    const slow = { ...atMax, onlyAfterMs: 15 * MINUTE };
    expect(play(60, (minute) => (minute % 20 < 14 ? found(slow) : found())).kinds).toEqual([]);
    expect(play(60, () => found(slow)).kinds).toEqual(["15: begin"]);
  });

  it("is not over because a run could not look", () => {
    expect(play(60, (minute) => (minute < 10 ? found(atMax) : UNKNOWN)).kinds).toEqual(["0: begin"]);
  });

  it("of an event has no end, and is not repeated within the day", () => {
    const would = { ...atMax, kind: "event" as const };
    expect(play(REMIND - 1, (minute) => (minute % 60 < 10 ? found(would) : found())).kinds).toEqual([
      "0: begin",
    ]);
  });

  it("does not change what it is given, whatever is found: begin, then changes and reminders, then one end", () => {
    const finding = fc.record({
      conditions: fc.uniqueArray(
        fc.record({
          key: fc.constantFrom("a", "b"),
          code: fc.constantFrom("x", "y"),
          text: fc.constant("t"),
          severity: fc.constantFrom("critical" as const, "warning" as const),
        }),
        { selector: ({ key }) => key },
      ),
      judged: fc.constantFrom("all" as const, "listed" as const),
    });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(finding, fc.integer({ min: 1, max: 2_000 })), { maxLength: 60 }),
        (runs) => {
          let state: Incidents = {};
          let now = NOON;
          const log = new Map<string, IncidentEvent[]>();
          for (const [one, minutes] of runs) {
            now += minutes * MINUTE;
            const frozen = structuredClone(state);
            const { after, events } = transition(RESOURCE, state, one, now);
            expect(state).toEqual(frozen);
            for (const event of events)
              log.set(event.incident.id, [...(log.get(event.incident.id) ?? []), event]);
            state = after;
          }
          for (const events of log.values()) {
            expect(events.map(({ incident }) => incident.sequence)).toEqual(events.map((_, at) => at + 1));
            expect(events.map(({ kind }, at) => (kind === "begin") === (at === 0))).not.toContain(false);
            expect(events.slice(0, -1).map(({ kind }) => kind)).not.toContain("end");
          }
        },
      ),
    );
  });
});
