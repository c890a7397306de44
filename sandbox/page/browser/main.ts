import type { State } from "../state/state.ts";
import type { ActionAnswer, Choices, Context } from "./context.ts";
import { layout } from "./layout.ts";
import { show } from "./parts/dom.ts";

const STATE = "/_reflex/state";
/** Its answers have several lines, and a place of their own. */
const ON_CALL = "on-call";
const POLL_MS = 1000;
/** Beyond this without an answer the page says so. */
const ANSWER_MS = 10_000;

const app = document.getElementById("app") ?? document.body;
let state: State | undefined;
let lastAction: ActionAnswer | undefined;
let answer: ActionAnswer | undefined;
let answering = true;
let choices: Choices = {
  traceId: traceInAddress(),
  hidden: new Set(["decision"]),
  search: "",
  cursor: undefined,
};
const busy = new Set<string>();

function render(): void {
  show(app, layout(state && contextOf(state), { lastAction, answering, working: busy.size > 0 }));
}

function contextOf(current: State): Context {
  return {
    state: current,
    choices,
    choose: (changed) => {
      choices = { ...choices, ...changed };
      render();
    },
    can: (action) => current.actions.includes(action),
    act: (action, input) => void act(action, input),
    answer,
    isBusy: (action, input) => busy.has(pressed(action, input)),
  };
}

const pressed = (action: string, input: object): string => `${action} ${JSON.stringify(input)}`;

async function act(action: string, input: object): Promise<void> {
  const id = pressed(action, input);
  busy.add(id);
  render();
  try {
    const response = await fetch(`/_reflex/actions/${action}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(input),
    });
    const reply: { done?: string; problem?: string } = await response.json();
    lastAction = {
      failed: reply.done === undefined,
      text: reply.done ?? reply.problem ?? "",
    };
    if (action === ON_CALL) answer = lastAction;
  } catch {
    lastAction = { failed: true, text: "The sandbox did not answer: is it still running?" };
  }
  busy.delete(id);
  render();
  if (action === ON_CALL) document.querySelector(".on-call")?.scrollIntoView({ block: "nearest" });
  refresh();
}

let polling = false;
let again = false;
let timer: number | undefined;

/** Asks for the state at once; if an answer is under way, again after it. */
function refresh(): void {
  if (polling) again = true;
  else void poll();
}

async function poll(): Promise<void> {
  clearTimeout(timer);
  polling = true;
  again = false;
  const { traceId } = choices;
  try {
    const query = traceId === undefined ? "" : `?trace=${encodeURIComponent(traceId)}`;
    const response = await fetch(`${STATE}${query}`, { signal: AbortSignal.timeout(ANSWER_MS) });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    state = await response.json();
    answering = true;
  } catch {
    answering = false;
  }
  polling = false;
  render();
  if (again) void poll();
  else if (!document.hidden) timer = window.setTimeout(poll, POLL_MS);
}

function traceInAddress(): string | undefined {
  return /^#trace=(.+)$/.exec(location.hash)?.[1];
}

document.addEventListener("visibilitychange", () => !document.hidden && refresh());
window.addEventListener("hashchange", () => {
  const traceId = traceInAddress();
  if (traceId === undefined) return;
  choices = { ...choices, traceId };
  refresh();
});

render();
void poll();
