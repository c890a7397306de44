import type { AlarmStateName, AlarmView } from "../../state/state.ts";
import type { Context } from "../context.ts";
import { actionButton } from "../parts/button.ts";
import { h, type View } from "../parts/dom.ts";
import { mark, type Tone } from "../parts/mark.ts";
import { clockTime, figure } from "../parts/words.ts";

const TONES: Readonly<Record<AlarmStateName, Tone>> = { OK: "good", ALARM: "bad", INSUFFICIENT_DATA: "none" };
const WORDS: Readonly<Record<AlarmStateName, string>> = {
  OK: "OK",
  ALARM: "ALARM",
  INSUFFICIENT_DATA: "no data",
};

export function alarmMark({ state, reason }: Pick<AlarmView, "state" | "reason">): View {
  return mark(TONES[state], WORDS[state], reason);
}

/** The alarms that watch no stream: those that fire or have no data yet, and below them those that are OK. */
export function alarmsSection(context: Context, alarms: readonly AlarmView[]): View {
  const ok = alarms.filter(({ state }) => state === "OK");
  const others = alarms.filter(({ state }) => state !== "OK");
  return h(
    "section",
    { key: "alarms", "aria-labelledby": "alarms" },
    h("h2", { id: "alarms" }, "Other alarms"),
    h(
      "div",
      { class: "card" },
      others.length === 0 && h("p", { class: "muted" }, "No alarm is firing."),
      others.map((alarm) => row(context, alarm)),
      h(
        "details",
        { key: "ok" },
        h("summary", {}, mark("good", `${ok.length} OK`)),
        ok.map((alarm) => row(context, alarm)),
      ),
    ),
  );
}

/** What the threshold means, for example `(alarm above 0.85)`. */
export function alarmCondition({
  comparison,
  threshold,
}: Pick<AlarmView, "comparison" | "threshold">): string {
  return `(alarm ${comparison} ${figure(threshold)})`;
}

function row(context: Context, alarm: AlarmView): View {
  return h(
    "p",
    { key: alarm.name, class: "alarm-row", title: alarm.description },
    alarmMark(alarm),
    h("span", { class: "id" }, alarm.name),
    h("span", { class: "muted" }, `since ${clockTime(alarm.since)}`),
    alarm.invokesFunction && deliverTwice(context, alarm),
  );
}

export function deliverTwice(context: Context, { name }: AlarmView, label = "Deliver twice"): View {
  return actionButton(context, "deliver-alarm-twice", { alarm: name }, label, {
    title: `${name} goes to ALARM, and the functions it invokesFunction get the event twice at once`,
  });
}
