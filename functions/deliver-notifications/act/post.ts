import { asFailure } from "../../../shared/aws/failure.ts";
import { Blocked, Misconfigured, type ReflexError, RetryLater } from "../../../shared/lambda/errors.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { BlockedAddress, type HttpPost, type HttpReply } from "../../../shared/net/http-post.ts";
import { redactor } from "../../../shared/secrets/redactor.ts";
import { inRemoteCall } from "../../../shared/tracing/remote-call.ts";

export interface PostRequest {
  /** May be a secret: a webhook's address is all that protects it. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Posts to a target; resolves when it was taken. @throws {ReflexError} which names the target and no address */
export type Post = (target: string, request: PostRequest, run: Run) => Promise<void>;

/** A receiver that asked to be left alone for so long. */
export class TooManyRequests extends RetryLater {
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number, resource: string) {
    super(message, { resource });
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

const LONGEST_REPLY = 200;

export function createPost(httpPost: HttpPost): Post {
  return async (target, { url, headers, body }, run) => {
    const address = URL.parse(url);
    if (!address || !/^https?:$/.test(address.protocol)) {
      throw new Misconfigured(`${target}: the secret is no http(s) address: nothing was sent`, {
        resource: target,
      });
    }
    const reply = await inRemoteCall(
      address.hostname,
      { target },
      async () => {
        try {
          return await httpPost({ url: address, headers, body }, run.signal);
        } catch (error) {
          throw notSent(error, target);
        }
      },
      (answer) => ({
        url: address.origin,
        method: "POST",
        status: answer.status,
        ...(isTaken(answer) ? {} : { failed: `answered ${answer.status}` }),
      }),
    );
    const failure = refusalOf(reply, target, url);
    if (failure) throw failure;
  };
}

/**
 * A refusal may come as a success: Teams' webhooks answer 200 and "Webhook message delivery failed", PagerDuty's `status` is not
 * `success`, and a proxy or a portal before the target answers with a page.
 */
const isTaken = ({ status, text }: HttpReply): boolean =>
  status >= 200 &&
  status < 300 &&
  !/^\s*<(?:!doctype|html)\b|message delivery failed/i.test(text) &&
  !isInvalid(text);

function isInvalid(text: string): boolean {
  const [, status = "success"] = /^\s*\{[^{}]*"status"\s*:\s*"([^"]*)"/.exec(text) ?? [];
  return /^invalid|^error|^fail/i.test(status);
}

function refusalOf(reply: HttpReply, target: string, url: string): ReflexError | undefined {
  if (isTaken(reply)) return undefined;
  const { status, retryAfterSeconds, text } = reply;
  const said = redactor([url, URL.parse(url)?.pathname ?? url])(text).slice(0, LONGEST_REPLY);
  const what = `${target} answered ${status}${said === "" ? "" : ` (${said})`}: the notification stays in the queue`;
  if (status === 429 || status === 503) return new TooManyRequests(what, retryAfterSeconds, target);
  if (status < 300 || status === 408 || status >= 500) return new RetryLater(what, { resource: target });
  return new Blocked(`${what}; it is tried again for a day`, { resource: target });
}

/** Errors of the network name the address: only what happened is kept. */
function notSent(error: unknown, target: string): ReflexError {
  if (error instanceof BlockedAddress) {
    return new Misconfigured(`${target}: ${error.message}: nothing was sent`, { resource: target });
  }
  const name = error instanceof Error ? error.name : "Unknown";
  const code = error instanceof Error && "code" in error ? ` ${String(error.code)}` : "";
  if (name === "TimeoutError" || name === "AbortError") {
    return new RetryLater(`${target} gave no answer in time: the notification stays in the queue`, {
      resource: target,
    });
  }
  if (name === "TypeError" || name === "ReferenceError") return asFailure(error, "POST", target);
  return new RetryLater(`${target} cannot be reached (${name}${code}): the notification stays in the queue`, {
    resource: target,
  });
}
