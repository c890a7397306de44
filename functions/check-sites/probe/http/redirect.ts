import { cut, ProbeError } from "../net/probe-error.ts";
import type { Head } from "./answer.ts";
import type { HttpTarget, Request } from "./target.ts";

/** The statuses of redirects that are followed. */
export const FOLLOWED: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Whether the answer is a redirect, and the target wants redirects followed. */
export function isToFollow(target: HttpTarget, { status, headers }: Head): boolean {
  return target.redirects > 0 && FOLLOWED.has(status) && headers.location !== undefined;
}

/** Headers that may go to another origin: whatever else a site's config says is for that site. */
const HARMLESS: ReadonlySet<string> = new Set(["accept", "accept-language", "content-type", "user-agent"]);

/** The next request of a chain, as browsers make it (RFC 9110 15.4); credentials stay with their origin. */
export function follow(target: HttpTarget, request: Request, { status, headers }: Head): Request {
  const url = URL.parse(headers.location ?? "", request.url.href);
  if (!url) throw new ProbeError("redirect", `the redirect's location cannot be read as an address`);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new ProbeError("redirect", `a redirect to ${url.protocol} is not followed`);
  }
  url.username = "";
  url.password = "";
  const isElsewhere = url.origin !== target.url.origin;
  const becomesGet = status === 303 ? request.method !== "HEAD" : status < 303 && request.method === "POST";
  const stored = Object.entries(request.headers).filter(
    ([name]) => !(isElsewhere && !HARMLESS.has(name)) && !(becomesGet && name.startsWith("content-")),
  );
  const body = becomesGet ? undefined : request.body;
  if (body !== undefined && isElsewhere && target.isBodySecret) {
    throw new ProbeError(
      "redirect",
      `a redirect to ${url.origin} asks for the body, which is a secret: not sent there`,
    );
  }
  return {
    url,
    method: becomesGet ? "GET" : request.method,
    headers: Object.fromEntries(stored),
    ...(body !== undefined && { body }),
  };
}

/** A redirect may lead to an address of any length. */
const MAX_URL = 200;

/** An address without what may be secret in it: no query, no fragment, no credentials, nothing like a token. */
export function shown(url: URL): string {
  const path = url.pathname
    .split("/")
    .map((segment) => (TOKEN_LIKE.test(segment) ? "…" : segment))
    .join("/");
  return cut(`${url.protocol}//${url.host}${path}`, MAX_URL);
}

/** A part of a path that nobody has chosen to be read: long, with digits among its letters. */
const TOKEN_LIKE = /^(?=[^/]*\d)(?=[^/]*[A-Za-z])[\w.~%-]{20,}$/;
