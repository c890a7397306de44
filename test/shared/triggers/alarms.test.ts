import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeTriggers } from "../../../shared/triggers/decode.ts";
import { parseTime } from "../../../shared/triggers/event-shape.ts";
import { changed, changedMessage, sample } from "./sample.ts";

describe("an alarm by SNS", () => {
  it("names the same metrics in whatever order AWS lists them", () => {
    const metricsOf = (event: unknown) =>
      new Set(decodeTriggers(event).flatMap((one) => (one.kind === "alarm" ? one.metrics : [])));
    const inOrder = metricsOf(sample("alarm-sns-metric-math"));
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }), (order) => {
        const event = changedMessage("alarm-sns-metric-math", ({ Trigger }) => {
          Trigger.Metrics = order.map((at) => Trigger.Metrics[at]);
        });
        expect(metricsOf(event)).toEqual(inOrder);
      }),
    );
  });

  it("may have null where AWS has nothing to say", () => {
    const event = changedMessage("alarm-sns-single-metric", ({ Trigger }) => {
      Trigger.Dimensions = null;
      Trigger.Metrics = null;
    });
    expect(decodeTriggers(event)).toMatchObject([{ metrics: [{ name: "IncomingRecords", dimensions: {} }] }]);
  });

  it("of a composite alarm asks for nothing", () => {
    const event = changedMessage("alarm-sns-metric-math", (message) => {
      message.AlarmRule = "ALARM(a) OR ALARM(b)";
      delete message.Trigger;
    });
    expect(decodeTriggers(event)).toEqual([{ kind: "nothing", why: expect.stringContaining("composite") }]);
  });

  it("without any metric is still an alarm: whoever is woken says that it names nothing", () => {
    const event = changedMessage("alarm-sns-metric-math", (message) => {
      delete message.Trigger;
    });
    expect(decodeTriggers(event)).toMatchObject([{ kind: "alarm", metrics: [] }]);
  });
});

describe("an alarm whose action is the function", () => {
  it("of a composite alarm asks for nothing", () => {
    const event = changed("alarm-direct", ({ alarmData }) => {
      alarmData.configuration = { alarmRule: "ALARM(a)" };
    });
    expect(decodeTriggers(event)).toEqual([{ kind: "nothing", why: expect.stringContaining("composite") }]);
  });

  it("asks for nothing when one contributor of a Metrics Insights alarm changed", () => {
    const event = changed("alarm-direct", ({ alarmData }) => {
      alarmData.alarmContributor = { id: "6d44", attributes: { StreamName: "sample" } };
      delete alarmData.previousState;
    });
    expect(decodeTriggers(event)).toEqual([{ kind: "nothing", why: expect.stringContaining("contributor") }]);
  });
});

describe("a trigger by hand", () => {
  it.each(["stream", "site", "nodePool"])("names a %s", (of) => {
    expect(decodeTriggers({ [of]: "shop" })).toEqual([{ kind: "manual", of, name: "shop" }]);
  });

  it("can ask only what would be done, in any order of its keys", () => {
    expect(decodeTriggers({ mode: "observe", site: "shop" })).toEqual([
      { kind: "manual", of: "site", name: "shop", mode: "observe" },
    ]);
  });

  it("cannot order what the config forbids", () => {
    expect(() => decodeTriggers({ stream: "orders", mode: "act" })).toThrow(
      'mode: found "act", expected "observe" or nothing',
    );
  });
});

describe("AWS's times", () => {
  it.each([
    "2022-07-14T19:06:51.921+0000",
    "2022-07-14T19:06:51.921Z",
    "2022-07-14T21:06:51.921+0200",
    "2022-07-14T19:06:51.921+00:00",
  ])("%s is read", (text) => {
    expect(parseTime(text, "the test")).toBe(Date.UTC(2022, 6, 14, 19, 6, 51, 921));
  });
});
