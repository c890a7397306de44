import type { AlarmStateName, AlarmView } from "../state/state.ts";
import { actionButton } from "./button.ts";
import type { Context } from "./context.ts";
import { h, type View } from "./dom.ts";
import { mark, type Tone } from "./mark.ts";
import { clockTime } from "./words.ts";

const TONES: Readonly<Record<AlarmStateName, Tone>> = { OK: "good", ALARM: "bad", INSUFFICIENT_DATA: "none" };
const WORDS: Readonly<Record<AlarmStateName, string>> = {
  OK: "OK",
  ALARM: "ALARM",
  INSUFFICIENT_DATA: "no data",
};

export function alarmMark({ state, reason }: Pick<AlarmView, "state" | "reason">): View {
  return mark(TONES[state], WORDS[state], reason);
}

/** The alarms that watch no stream. */
export function alarmsSection(context: Context, alarms: readonly AlarmView[]): View {
  return h(
    "section",
    { key: "alarms", "aria-labelledby": "alarms" },
    h("h2", { id: "alarms" }, "Other alarms"),
    h(
      "table",
      {},
      h(
        "thead",
        {},
        h("tr", {}, h("th", {}, "Alarm"), h("th", {}, "State"), h("th", {}, "Since"), h("th", {})),
      ),
      h(
        "tbody",
        {},
        alarms.map((alarm) =>
          h(
            "tr",
            { key: alarm.name, title: alarm.description },
            h("td", { class: "id" }, alarm.name),
            h("td", {}, alarmMark(alarm)),
            h("td", {}, clockTime(alarm.since)),
            h("td", { class: "number" }, alarm.wakes && deliverTwice(context, alarm)),
          ),
        ),
      ),
    ),
  );
}

export function deliverTwice(context: Context, { name }: AlarmView, label = "Deliver it twice"): View {
  return actionButton(context, "deliver-alarm-twice", { alarm: name }, label, {
    title: `${name} goes to ALARM, and the functions it wakes get the event twice at once`,
  });
}
