import type { TimelineEntry } from "../../state/state.ts";
import type { Context } from "../context.ts";
import { actionButton } from "../parts/button.ts";
import { h, type View } from "../parts/dom.ts";
import { mark } from "../parts/mark.ts";
import { minuteOf } from "../parts/words.ts";

/** The commands of a person on call, with what the last one printed. */
export function onCallSection(context: Context): View {
  const { answer, state } = context;
  const wide = state.pauses.filter(({ scope }) => !scope.includes("/"));
  return h(
    "section",
    { key: "on-call", class: "on-call", "aria-labelledby": "on-call" },
    h("h2", { id: "on-call" }, "On call"),
    h(
      "div",
      { class: "buttons" },
      actionButton(context, "on-call", { command: "status" }, "Status"),
      actionButton(context, "on-call", { command: "what-changed" }, "What changed in the last hour"),
      wide.map(({ scope, until }) => mark("warn", `${scope} is paused until ${minuteOf(until)}`)),
    ),
    answer &&
      h(
        "pre",
        {
          class: answer.failed ? "answer failed" : "answer",
          tabindex: 0,
          "aria-label": "What the last command printed",
        },
        answer.text,
      ),
  );
}

/** What a person on call can ask of a resource, and do to it; whether it is paused. */
export function onCallButtons(context: Context, resource: string): View | false {
  if (!context.can("on-call")) return false;
  const paused = context.state.pauses.find(({ scope }) => scope === resource);
  const button = (command: string, label: string) =>
    actionButton(context, "on-call", { command, resource }, label, {
      key: command,
      "aria-label": `${label}: ${resource}`,
    });
  return h(
    "span",
    { class: "buttons", "data-on-call": resource, role: "group", "aria-label": `On call: ${resource}` },
    button("why", "Why"),
    paused ? button("resume", "Resume") : button("pause", "Pause 1 h"),
    paused && mark("warn", `paused until ${minuteOf(paused.until)}`, paused.why),
  );
}

export const undoButton = (context: Context, { undo, title, resource = "" }: TimelineEntry): View | false =>
  undo !== undefined &&
  actionButton(context, "on-call", { command: "undo", id: undo }, "Undo", {
    "aria-label": `Undo ${title} of ${resource}`,
  });
