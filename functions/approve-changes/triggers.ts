import * as z from "zod/mini";
import type { Answer } from "../../shared/approvals/request.ts";
import { Misconfigured } from "../../shared/lambda/errors.ts";
import { describeEvent, parseAs } from "../../shared/triggers/event-shape.ts";

/** A browser, by the function URL. */
export interface PageRequest {
  readonly kind: "page";
  readonly method: string;
  readonly query: URLSearchParams;
  /** What a form sent; undefined where it is none, or larger than any form here. */
  readonly form: URLSearchParams | undefined;
  readonly sourceIp: string;
}

/** Whoever may invoke the function by IAM: a custom action of a chat. */
export interface Command {
  readonly kind: "command";
  readonly id: string;
  readonly said: Answer["said"];
  /** `observe`: says how the request stands, and takes no answer. */
  readonly mode: "act" | "observe";
}

/** https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads */
const urlEvent = z.looseObject({
  version: z.literal("2.0"),
  rawQueryString: z.string(),
  headers: z._default(z.record(z.string(), z.string()), {}),
  requestContext: z.looseObject({ http: z.looseObject({ method: z.string(), sourceIp: z.string() }) }),
  body: z.optional(z.string()),
  isBase64Encoded: z._default(z.boolean(), false),
});

const id = z.string().check(z.maxLength(300));
const commandEvent = z.union([
  z.strictObject({ approve: id, mode: z.optional(z.literal("observe")) }),
  z.strictObject({ reject: id, mode: z.optional(z.literal("observe")) }),
]);

/** A name and an answer. */
const MOST_FORM_BYTES = 2048;

/** @throws {Misconfigured} for an event that is neither a request of the function URL nor `{ "approve": "<id>" }` */
export function decodeTrigger(event: unknown): PageRequest | Command {
  const seen = typeof event === "object" && event !== null ? event : {};
  if ("requestContext" in seen) return pageRequest(event);
  if ("approve" in seen || "reject" in seen) {
    const { mode = "act", ...said } = parseAs(commandEvent, event, "the answer to a request");
    return "approve" in said
      ? { kind: "command", id: said.approve, said: "approved", mode }
      : { kind: "command", id: said.reject, said: "rejected", mode };
  }
  throw new Misconfigured(
    `the event is neither a request of the function URL nor { "approve": "<id>" } or { "reject": "<id>" } (${describeEvent(event)}): nothing was answered`,
  );
}

function pageRequest(event: unknown): PageRequest {
  const { rawQueryString, headers, requestContext, body, isBase64Encoded } = parseAs(
    urlEvent,
    event,
    "the request of the function URL",
  );
  const { method, sourceIp } = requestContext.http;
  const text = body === undefined ? "" : isBase64Encoded ? Buffer.from(body, "base64").toString() : body;
  const isForm = headers["content-type"]?.startsWith("application/x-www-form-urlencoded") ?? false;
  const fits = isForm && Buffer.byteLength(text) <= MOST_FORM_BYTES;
  return {
    kind: "page",
    ...{ method, sourceIp, query: new URLSearchParams(rawQueryString) },
    form: fits ? new URLSearchParams(text) : undefined,
  };
}
