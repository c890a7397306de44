import type { SingleNotification } from "./events-of.ts";

/** The page of each automation, below docs/. Its headings are the codes of what it notifies of. */
const PAGES: Readonly<Record<string, string>> = {
  "check-sites": "runbook/check-sites.md",
  "deliver-notifications": "runbook/deliver-notifications.md",
  "drain-nodes": "runbook/drain-nodes.md",
  "reshard-streams": "runbook/reshard-streams.md",
  "scale-node-pools": "runbook/node-pools.md",
};
const RUNBOOK = "runbook.md";

/** What every automation may notify of, by the code. */
const SHARED_CODES: Readonly<Record<string, string>> = {
  "waits-for-approval": "a-change-waits-for-approval",
  rejected: "a-change-waits-for-approval",
  lapsed: "a-change-waits-for-approval",
  overtaken: "a-change-waits-for-approval",
  RetryLater: "resource-not-served",
  Blocked: "resource-not-served",
  Misconfigured: "resource-not-served",
};

/** The heading for an incident, as a path below docs/: `runbook/reshard-streams.md#at-max`. */
export function headingOf(automation: string, { key, code }: { key: string; code: string }): string {
  if (key === "would") return `${RUNBOOK}#stop-it`;
  const shared = SHARED_CODES[code];
  if (shared !== undefined) return `${RUNBOOK}#${shared}`;
  // A drain has many reasons, and few ways to end.
  return `${PAGES[automation] ?? RUNBOOK}#${automation === "drain-nodes" ? key : code}`;
}

/** Where a person reads what to do: of a change that was made, how it is undone. */
export function runbookOf({ runbook, state, automation }: Readable): string {
  if (runbook !== undefined) return runbook;
  return state === "action" ? `${RUNBOOK}#undo-a-change` : (PAGES[automation] ?? RUNBOOK);
}

type Readable = Pick<SingleNotification, "runbook" | "state" | "automation" | "links">;

const LINK = "Runbook";
export const hasRunbookLink = ({ links = [] }: Pick<Readable, "links">): boolean =>
  links.some(({ text }) => text === LINK);

/** With the link to its heading, where the config says at which address docs/ can be read. */
export function withRunbook<One extends Readable>(one: One, base: string | undefined): One {
  if (!base || hasRunbookLink(one)) return one;
  const href = `${base.replace(/\/$/, "")}/${runbookOf(one)}`;
  return { ...one, links: [...(one.links ?? []), { text: LINK, href }] };
}
