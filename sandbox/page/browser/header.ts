import type { Context, PageStatus } from "./context.ts";
import { actionButton } from "./parts/button.ts";
import { h, type View } from "./parts/dom.ts";
import { clockTime, dateOf } from "./parts/words.ts";

/** The account, its clock, and what the last button did. */
export function header(context: Context | undefined, status: PageStatus): View {
  const { answering } = status;
  return h(
    "header",
    { class: "top" },
    h("h1", {}, "Reflex ", h("span", {}, "sandbox")),
    h("p", { class: "muted" }, "account 000000000000, us-east-1"),
    context && clock(context),
    h(
      "p",
      { class: answering ? "live" : "live lost", role: "status" },
      answering ? (context ? "live" : "loading …") : "the sandbox does not answer",
    ),
    actionStatus(status),
  );
}

/** What the last button did, or that it is being done: moving the clock on runs everything that falls due. */
function actionStatus({ lastAction, working }: PageStatus): View {
  const text = lastAction
    ? `${lastAction.failed ? "Not done: " : ""}${lastAction.text.split("\n")[0]}`
    : "The result of each button appears here.";
  return h(
    "p",
    {
      class: lastAction?.failed && !working ? "last-action failed" : "last-action",
      role: "status",
      title: working ? undefined : lastAction?.text,
    },
    working ? "Working …" : text,
    working && h("progress", { "aria-label": "Waiting for the sandbox" }),
  );
}

function clock(context: Context): View {
  const { now, speed } = context.state.clock;
  const pace = speed === 0 ? "paused" : speed === 1 ? "in real time" : `${speed} times as fast as real time`;
  const minutes = [1, 10];
  return h(
    "div",
    { class: "clock" },
    h(
      "time",
      { datetime: new Date(now).toISOString() },
      `${dateOf(now)} `,
      h("b", {}, clockTime(now)),
      " UTC",
    ),
    h("span", { class: "muted" }, pace),
    h(
      "span",
      { role: "group", "aria-label": "Advance the sandbox's clock", class: "buttons" },
      minutes.map((count) =>
        actionButton(context, "advance-clock", { minutes: count }, `+${count} min`, {
          key: String(count),
          title: `Advance the sandbox's clock by ${count} min: everything that falls due in that time happens now`,
        }),
      ),
    ),
  );
}
