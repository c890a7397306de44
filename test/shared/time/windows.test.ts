import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Misconfigured } from "../../../shared/lambda/errors.ts";
import { isOpen, nextOccurrence, occurrenceAt, parseWindow } from "../../../shared/time/windows.ts";

const HOUR = 3_600_000;
const at = (iso: string) => Date.parse(iso);
const spoken = (occurrence: { start: number; end: number } | undefined) =>
  occurrence && `${new Date(occurrence.start).toISOString()} ${new Date(occurrence.end).toISOString()}`;

describe("a weekly window", () => {
  const office = parseWindow("Mon-Fri 08:00-20:00 Asia/Tokyo");

  test("is open from its start, in its own zone", () => {
    expect(spoken(occurrenceAt(office, at("2026-03-02T23:00:00Z")))).toBe(
      "2026-03-02T23:00:00.000Z 2026-03-03T11:00:00.000Z",
    );
  });
  test("is closed a millisecond before its start", () => {
    expect(isOpen(office, at("2026-03-02T23:00:00Z") - 1)).toBe(false);
  });
  test("is closed at its end", () => {
    expect(isOpen(office, at("2026-03-03T11:00:00Z"))).toBe(false);
  });
  test("is closed on the days it does not name", () => {
    expect(isOpen(office, at("2026-03-07T03:00:00Z"))).toBe(false);
  });
  test("opens next on Monday when asked on Friday evening", () => {
    expect(spoken(nextOccurrence(office, at("2026-03-06T12:00:00Z")))).toBe(
      "2026-03-08T23:00:00.000Z 2026-03-09T11:00:00.000Z",
    );
  });
  test("without days is every day", () => {
    const nightly = parseWindow("02:00-03:00 UTC");
    for (let day = 1; day <= 7; day++) expect(isOpen(nightly, at(`2026-03-0${day}T02:30:00Z`))).toBe(true);
  });
  test("of a whole day is open from midnight to midnight", () => {
    const sunday = parseWindow("sun 00:00-24:00 America/New_York");
    expect(spoken(occurrenceAt(sunday, at("2026-07-05T12:00:00Z")))).toBe(
      "2026-07-05T04:00:00.000Z 2026-07-06T04:00:00.000Z",
    );
  });
  test("takes a range of days over the week's end", () => {
    const window = parseWindow("Sat-Mon,Wed 10:00-11:00 UTC");
    const open = [1, 2, 3, 4, 5, 6, 7].filter((day) => isOpen(window, at(`2026-03-0${day}T10:30:00Z`)));
    // 1 March 2026 is a Sunday.
    expect(open).toEqual([1, 2, 4, 7]);
  });
});

describe("a window over midnight", () => {
  const night = parseWindow("Fri 22:00-06:00 Europe/Berlin");

  test("is open before midnight of the day it starts", () => {
    expect(isOpen(night, at("2026-01-09T22:30:00Z"))).toBe(true);
  });
  test("is open after midnight, on the next day", () => {
    expect(isOpen(night, at("2026-01-10T04:59:59Z"))).toBe(true);
  });
  test("is not open in the early hours of the day it starts", () => {
    expect(isOpen(night, at("2026-01-09T03:00:00Z"))).toBe(false);
  });
});

describe("on the day the clocks change", () => {
  test("a night that loses an hour is an hour shorter", () => {
    const night = parseWindow("Sat 22:00-06:00 Europe/Berlin");
    expect(spoken(occurrenceAt(night, at("2026-03-29T00:30:00Z")))).toBe(
      "2026-03-28T21:00:00.000Z 2026-03-29T04:00:00.000Z",
    );
  });
  test("a night that gains an hour is an hour longer", () => {
    const night = parseWindow("Sat 22:00-06:00 Europe/Berlin");
    expect(spoken(occurrenceAt(night, at("2026-10-25T00:30:00Z")))).toBe(
      "2026-10-24T20:00:00.000Z 2026-10-25T05:00:00.000Z",
    );
  });
  test("a start that is jumped over is the jump", () => {
    const early = parseWindow("Sun 02:30-04:00 America/New_York");
    expect(spoken(occurrenceAt(early, at("2026-03-08T07:30:00Z")))).toBe(
      "2026-03-08T07:00:00.000Z 2026-03-08T08:00:00.000Z",
    );
  });
  test("an end that is jumped over is the jump", () => {
    const early = parseWindow("Sun 01:00-02:30 America/New_York");
    expect(spoken(occurrenceAt(early, at("2026-03-08T06:30:00Z")))).toBe(
      "2026-03-08T06:00:00.000Z 2026-03-08T07:00:00.000Z",
    );
  });
  test("a window wholly in the lost hour does not open", () => {
    const lost = parseWindow("Sun 02:15-02:45 America/New_York");
    expect(spoken(nextOccurrence(lost, at("2026-03-02T00:00:00Z")))).toBe(
      "2026-03-15T06:15:00.000Z 2026-03-15T06:45:00.000Z",
    );
  });
  test("the hour that comes twice is inside both times", () => {
    const window = parseWindow("Sun 01:00-01:30 America/New_York");
    expect(spoken(occurrenceAt(window, at("2026-11-01T05:45:00Z")))).toBe(
      "2026-11-01T05:00:00.000Z 2026-11-01T06:30:00.000Z",
    );
  });
  test("a half-hour change is right too", () => {
    const window = parseWindow("Sun 00:00-06:00 Australia/Lord_Howe");
    expect(spoken(occurrenceAt(window, at("2026-10-03T16:00:00Z")))).toBe(
      "2026-10-03T13:30:00.000Z 2026-10-03T19:00:00.000Z",
    );
  });
  test("a day whose midnight is jumped over begins at the jump", () => {
    const day = parseWindow("Sun 00:00-24:00 Africa/Cairo");
    const friday = parseWindow("Fri 00:00-24:00 Africa/Cairo");
    // Egypt jumps from Friday 00:00 to 01:00 at the end of April.
    expect(spoken(occurrenceAt(friday, at("2026-04-24T10:00:00Z")))).toBe(
      "2026-04-23T22:00:00.000Z 2026-04-24T21:00:00.000Z",
    );
    expect(isOpen(day, at("2026-04-24T10:00:00Z"))).toBe(false);
  });
});

describe("a one-off window", () => {
  const window = parseWindow("2026-03-28 22:00 - 2026-03-29 06:00 Europe/Berlin");

  test("is open between its two moments, the clock change counted", () => {
    expect(spoken(occurrenceAt(window, at("2026-03-29T00:00:00Z")))).toBe(
      "2026-03-28T21:00:00.000Z 2026-03-29T04:00:00.000Z",
    );
  });
  test("is closed a year later", () => {
    expect(isOpen(window, at("2027-03-29T00:00:00Z"))).toBe(false);
  });
  test("is next while it lies ahead", () => {
    expect(nextOccurrence(window, at("2026-01-01T00:00:00Z"))).toEqual({
      start: at("2026-03-28T21:00:00Z"),
      end: at("2026-03-29T04:00:00Z"),
    });
  });
  test("is never next once it has begun", () => {
    expect(nextOccurrence(window, at("2026-03-28T21:00:00Z"))).toBeUndefined();
  });
});

describe("a text that is no window is refused with its reason", () => {
  test.each([
    ["whenever", 'expected "Mon-Fri'],
    ["Mon-Fry 08:00-20:00 UTC", '"Mon-Fry" is no day'],
    ["Mon-Tue-Wed 08:00-20:00 UTC", '"Mon-Tue-Wed" is no day'],
    ["Mon 08:00-25:00 UTC", '"25:00" is no time of day'],
    ["Mon 24:00-25:00 UTC", '"24:00" is no time of day'],
    ["Mon 08:60-09:00 UTC", '"08:60" is no time of day'],
    ["Mon 08:00-08:00 UTC", "differs from the start"],
    ["Mon 08:00-20:00 Mars/Olympus", '"Mars/Olympus" is no IANA time zone'],
    ["Mon 08:00-20:00 +09:00", '"+09:00" is no IANA time zone'],
    ["2026-02-30 22:00 - 2026-03-01 06:00 UTC", '"2026-02-30" is no date'],
    ["2026-03-02 22:00 - 2026-03-01 06:00 UTC", "later than the start"],
  ])("%s", (text, why) => {
    expect(() => parseWindow(text)).toThrow(Misconfigured);
    expect(() => parseWindow(text)).toThrow(why);
  });
});

describe("for every window, zone and moment", () => {
  const zones = [
    "UTC",
    "Asia/Tokyo",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
  ];
  const minute = fc.integer({ min: 0, max: 1439 });
  const clock = (value: number) =>
    `${String(Math.floor(value / 60)).padStart(2, "0")}:${String(value % 60).padStart(2, "0")}`;
  const window = fc
    .tuple(minute, minute, fc.constantFrom(...zones))
    .filter(([from, to]) => from !== to)
    .map(([from, to, zone]) => ({
      from,
      to,
      zone,
      window: parseWindow(`${clock(from)}-${clock(to)} ${zone}`),
    }));
  const moment = fc.integer({ min: at("2024-01-01T00:00:00Z"), max: at("2030-01-01T00:00:00Z") });

  test("a moment whose wall clock reads inside the window is inside it", () => {
    fc.assert(
      fc.property(window, moment, ({ from, to, zone, window }, when) => {
        const [hours = "", minutes = ""] = new Intl.DateTimeFormat("en-GB", {
          timeZone: zone,
          hour: "2-digit",
          minute: "2-digit",
        })
          .format(when)
          .split(":");
        const reading = Number(hours) * 60 + Number(minutes);
        const reads = from < to ? from <= reading && reading < to : reading >= from || reading < to;
        // The other way round fails only in the hour that comes twice, where the window does not close.
        return !reads || isOpen(window, when);
      }),
      { numRuns: 500 },
    );
  });
  test("the next occurrence starts later than asked, within two days, and is open then", () => {
    fc.assert(
      fc.property(window, moment, ({ window }, when) => {
        const next = nextOccurrence(window, when);
        if (!next) return false;
        return next.start > when && next.start - when <= 49 * HOUR && isOpen(window, next.start);
      }),
    );
  });
});
