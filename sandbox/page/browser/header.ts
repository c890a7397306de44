import { actionButton } from "./button.ts";
import type { Context } from "./context.ts";
import { h, type View } from "./dom.ts";
import type { Around } from "./layout.ts";
import { clockTime, dateOf } from "./words.ts";

/** The account, its clock, and what the last button did. */
export function header(context: Context | undefined, { said, answering }: Around): View {
  return h(
    "header",
    { class: "top" },
    h("h1", {}, "Reflex ", h("span", {}, "sandbox")),
    h("p", { class: "muted" }, "account 000000000000, us-east-1"),
    context && clock(context),
    h(
      "p",
      { class: answering ? "live" : "live lost", role: "status" },
      answering ? (context ? "live" : "asking …") : "no answer from the sandbox",
    ),
    h(
      "p",
      { class: said?.failed ? "said failed" : "said", role: "status", title: said?.text },
      said ? `${said.failed ? "Not done: " : ""}${said.text}` : "What a button did is said here.",
    ),
  );
}

function clock(context: Context): View {
  const { now, speed } = context.state.clock;
  const pace =
    speed === 0 ? "stands still" : speed === 1 ? "in real time" : `${speed} times as fast as real time`;
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
      { role: "group", "aria-label": "Move the sandbox's clock on", class: "buttons" },
      minutes.map((count) =>
        actionButton(context, "advance-clock", { minutes: count }, `+${count} min`, {
          key: String(count),
          title: `Move the sandbox's clock on by ${count} min: what falls due on the way happens at once`,
        }),
      ),
    ),
  );
}
