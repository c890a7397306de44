import { answerRequest, closedBecause } from "../../../shared/approvals/answer-request.ts";
import { verifyLink } from "../../../shared/approvals/link.ts";
import type { Answer, ApprovalRequest } from "../../../shared/approvals/request.ts";
import { Misconfigured } from "../../../shared/lambda/errors.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { answeredPage, askPage, type Page, refusalPage } from "../notify/pages.ts";
import { HEADERS } from "../notify/shell.ts";
import type { PageRequest } from "../triggers.ts";
import type { Dependencies } from "./dependencies.ts";

/** As a function URL takes it. */
export interface HttpResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const LONGEST_NAME = 80;

/**
 * Shows what a link stands for; takes the answer of its form. Only a POST with an answer changes anything: scanners of
 * mails and previews of chats follow links.
 */
export async function answerPage(request: PageRequest, run: Run, deps: Dependencies): Promise<HttpResponse> {
  const page = await pageFor(request, run, deps);
  return {
    statusCode: page.status,
    headers: { ...HEADERS, ...(page.status === 405 && { allow: "GET, HEAD, POST" }) },
    body: request.method === "HEAD" ? "" : page.html,
  };
}

async function pageFor(request: PageRequest, run: Run, deps: Dependencies): Promise<Page> {
  const { method, query } = request;
  if (!["GET", "HEAD", "POST"].includes(method))
    return refusalPage(405, "This page is read, or its form is sent.");
  const now = run.clock.now();
  const link = verifyLink(query, await readSecret(run, deps), now);
  if ("refused" in link) {
    return link.refused === "forged"
      ? refusalPage(403, "This link is not one that Reflex has made, or a part of it is missing.")
      : refusalPage(410, "This link has expired: nobody answered in time, and nothing was changed.");
  }
  return method === "POST" ? answer(link.id, request, run, deps) : show(link.id, run, deps);
}

/** The request as it stands. @param notice what was wrong with the form that was sent */
async function show(id: string, run: Run, { requests }: Dependencies, notice?: string): Promise<Page> {
  const request = await requests.find(id, run.signal);
  const closed = closedBecause(request, run.clock.now());
  return closed === undefined && request ? askPage(request, notice) : closedPage(request, closed);
}

async function answer(
  id: string,
  { form, sourceIp }: PageRequest,
  run: Run,
  deps: Dependencies,
): Promise<Page> {
  const said = saidIn(form);
  const name = nameIn(form);
  if (!said || name === "") {
    return show(id, run, deps, "Nothing was answered: write your name, and choose one of the two buttons.");
  }
  // The link is all that is known of them: the name is what they say, and the trail says so.
  const by = `link/${sourceIp}/${name} (by link)`;
  const answered = await answerRequest(id, { said, by, at: run.clock.now() }, deps.requests, run.signal);
  if (answered.kind === "refused") return closedPage(answered.request, answered.why);
  run.log.info(`${said} by link`, { resource: answered.request.resource, request: id, by });
  return answeredPage(answered.request, said);
}

const closedPage = (request: ApprovalRequest | undefined, why = ""): Page =>
  refusalPage(409, `This request takes no answer any more: ${why}.`, request);

function saidIn(form: URLSearchParams | undefined): Answer["said"] | undefined {
  const given = form?.get("answer");
  return given === "approved" || given === "rejected" ? given : undefined;
}

/** A name as it can stand in a log and in a path of words. */
const nameIn = (form: URLSearchParams | undefined): string =>
  (form?.get("name") ?? "")
    .replace(/[\p{C}\s/]+/gu, " ")
    .trim()
    .slice(0, LONGEST_NAME);

/** @throws {Misconfigured} where there is no secret: then a link cannot be distinguished from a forged one */
async function readSecret(run: Run, { credentials, secret }: Dependencies): Promise<string> {
  if (!secret) throw new Misconfigured("notify.approvals is not in the config: no link is believed");
  return (await credentials.read([secret], run.clock.now(), run.signal)).valueOf(secret);
}
