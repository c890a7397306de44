import { messageOf } from "../../shared/errors/message-of.ts";
import type { Account } from "../account.ts";
import type { AwsRequest, AwsResponse } from "../service.ts";
import { type Action, Refused } from "./actions/action.ts";
import { advanceClock } from "./actions/advance-clock.ts";
import { breakSite } from "./actions/break-site.ts";
import { deliverAlarmTwice } from "./actions/deliver-alarm-twice.ts";
import { onCall } from "./actions/on-call.ts";
import { addPendingPods, removePods } from "./actions/pods.ts";
import { sendBurst } from "./actions/send-burst.ts";
import { warnSpot } from "./actions/warn-spot.ts";
import { buildDocument, type PageDocument } from "./document.ts";
import { factsOf } from "./facts.ts";
import type { PageFixtures } from "./fixtures.ts";
import { mayNotAct } from "./own-origin.ts";
import { buildState } from "./state/build.ts";

const STATE = "/_reflex/state";
const ACTIONS = "/_reflex/actions/";

/**
 * Serves the account's page at its endpoint: `/`, what it shows at `/_reflex/state`, and its buttons at
 * `/_reflex/actions/<name>`. Other unsigned requests keep AWS's answer.
 */
export function servePage(account: Account, fixtures: PageFixtures = {}): void {
  const { clock } = account;
  const { sites = [], clusters = [], interrupt } = fixtures;
  const facts = factsOf(account, fixtures);
  const actions: readonly Action[] = [
    sendBurst(account, () => account.resources.some(({ type }) => type === "AWS::Kinesis::Stream")),
    deliverAlarmTwice(account),
    breakSite(sites),
    addPendingPods(clusters),
    removePods(clusters),
    warnSpot(interrupt),
    advanceClock(clock),
    onCall(account),
  ];
  let document: PageDocument | undefined;

  account.onUnsigned(async (request) => {
    const { method, path, query } = request;
    const isRead = method === "GET" || method === "HEAD";
    // With an action it is a call by AWS's Query protocol that somebody forgot to sign.
    const isPage = isRead && path === "/" && !query.has("Action");
    if (!isPage && !path.startsWith("/_reflex/")) return undefined;
    const problem = isRead ? undefined : mayNotAct(request);
    if (problem !== undefined) return json(403, { problem });
    if (isPage) {
      document ??= buildDocument();
      return page(document);
    }
    if (isRead && path === STATE) {
      const available = actions.filter((action) => action.available()).map(({ name }) => name);
      return json(200, buildState(await facts(), available, query.get("trace") ?? undefined));
    }
    if (method === "POST" && path.startsWith(ACTIONS)) return act(path.slice(ACTIONS.length), request);
    return json(404, { problem: `There is no ${method} ${path}.` });
  });

  async function act(name: string, { body }: AwsRequest): Promise<AwsResponse> {
    const action = actions.find((one) => one.name === name);
    if (!action?.available()) return json(404, { problem: `There is nothing here to ${name}.` });
    try {
      return json(200, { done: await action.run(JSON.parse(body.toString())) });
    } catch (error) {
      if (error instanceof Refused || error instanceof SyntaxError)
        return json(400, { problem: error.message });
      // AWS's no, for example to a stream that is gone: as it was said.
      return json(502, { problem: messageOf(error) });
    }
  }
}

const COMMON = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

function json(status: number, body: object): AwsResponse {
  return { status, headers: { ...COMMON, "content-type": "application/json" }, body: JSON.stringify(body) };
}

function page({ html, policy }: PageDocument): AwsResponse {
  return {
    status: 200,
    headers: {
      ...COMMON,
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policy,
      "referrer-policy": "no-referrer",
    },
    body: html,
  };
}
