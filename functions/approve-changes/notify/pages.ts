import { changeText } from "../../../shared/approvals/next-step.ts";
import type { Answer, ApprovalRequest } from "../../../shared/approvals/request.ts";
import { escapeHtml } from "../../../shared/html/escape-html.ts";
import { minuteText } from "../../../shared/ledger/pauses.ts";
import { shell } from "./shell.ts";

/** A page with the status it is answered with. */
export interface Page {
  readonly status: number;
  readonly html: string;
}

/** The decision again, and a form to answer it. @param notice what was wrong with the form that was sent */
export function askPage(request: ApprovalRequest, notice?: string): Page {
  const { resource, change, expiresAt } = request;
  const title = `Approve ${changeText(change)} of ${resource}?`;
  const body = [
    `<h1>${shown(title)}</h1>`,
    `<p class="soft">Nothing has been changed. Without an answer until ${minuteText(expiresAt)}, nothing will be.</p>`,
    notice === undefined ? "" : `<p class="card notice" role="alert">${shown(notice)}</p>`,
    decisionCard(request),
    FORM,
  ].join("");
  return { status: notice === undefined ? 200 : 400, html: shell(title, body) };
}

const FORM = `<form method="post" class="card"><h2>Your answer</h2>
<label for="name">Your name</label><input id="name" name="name" required maxlength="80" autocomplete="name" aria-describedby="who">
<p id="who" class="soft">It is written into the audit trail, with the time and your address.</p>
<div class="buttons"><button class="approve" name="answer" value="approved">Approve the change</button>
<button class="reject" name="answer" value="rejected">Reject it</button></div></form>`;

/** What the answer leads to. */
export function answeredPage(request: ApprovalRequest, said: Answer["said"]): Page {
  const { resource, change } = request;
  const title = `${said === "approved" ? "Approved" : "Rejected"}: ${changeText(change)} of ${resource}`;
  const next =
    said === "approved"
      ? "Reflex decides anew within a minute. It makes the change only if it is still right, and a notification says what came of it. You can close this page."
      : "Nothing is changed. It is not asked for again for a day, unless more is needed. You can close this page.";
  return { status: 200, html: shell(title, `<h1>${shown(title)}</h1><p>${next}</p>`) };
}

/** Why nothing can be answered here; with the decision, where it is known. */
export function refusalPage(status: number, why: string, request?: ApprovalRequest): Page {
  const title = "Nothing was answered";
  const body = `<h1>${title}</h1><p>${shown(why)}</p>${request ? decisionCard(request) : ""}`;
  return { status, html: shell(title, body) };
}

function decisionCard({ id, automation, change, trigger, askedAt }: ApprovalRequest): string {
  const { reasons, evidence, facts, costPerMonth } = change;
  const cost = costPerMonth
    ? [["Cost a month", `$${costPerMonth.before.toFixed(2)} → $${costPerMonth.after.toFixed(2)}`]]
    : [];
  const rows = [
    ["Change", changeText(change)],
    ...cost,
    ["Asked", `${minuteText(askedAt)} by ${automation}`],
    ["Trigger", trigger],
    ["Request", id],
  ];
  const numbers =
    facts?.map(({ name, value }) => [name, value]) ??
    Object.entries(evidence).map(([name, value]) => [name, String(value ?? "not known")]);
  return [
    '<section class="card"><h2>What is to be changed</h2>',
    table(rows),
    "<h2>Why</h2>",
    `<ul>${reasons.map((reason) => `<li>${shown(reason)}</li>`).join("")}</ul>`,
    numbers.length > 0 ? `<h2>Read from</h2>${table(numbers)}` : "",
    "</section>",
  ].join("");
}

/** Escaped, with the one arrow of this page. */
const shown = (text: string): string => escapeHtml(text.replaceAll("->", "→"));

const table = (rows: readonly (readonly string[])[]): string =>
  `<table><tbody>${rows
    .map(([name = "", value = ""]) => `<tr><th scope="row">${shown(name)}</th><td>${shown(value)}</td></tr>`)
    .join("")}</tbody></table>`;
