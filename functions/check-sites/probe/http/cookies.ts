import type { Head } from "./answer.ts";
import { trimmed } from "./head.ts";

/** A cookie that a site has set in a chain of redirects. */
interface Cookie {
  readonly name: string;
  readonly value: string;
  /** The host it is for; `isHostOnly`: and for none below it. */
  readonly domain: string;
  readonly isHostOnly: boolean;
  readonly path: string;
  readonly isSecure: boolean;
}

/** A chain keeps this many: a site cannot make the next request grow without end. */
const MOST_COOKIES = 50;
const MAX_BYTES = 4096;

/**
 * The cookies of one probe's chain of redirects: some sites set one and redirect to themselves. Nothing is kept
 * from one probe to the next. RFC 6265 5.3 and 5.4; of expiry only whether a cookie is taken back.
 */
export class CookieJar {
  #cookies: readonly Cookie[] = [];

  /** Keeps what an answer of `url` has set: the bytes of each `set-cookie`, in Latin-1. */
  take(url: URL, { setCookies, headers: { date } }: Pick<Head, "setCookies" | "headers">): void {
    for (const text of setCookies) {
      const cookie = readCookie(text, url);
      if (!cookie) continue;
      const others = this.#cookies.filter((known) => !isSame(known, cookie));
      this.#cookies = (isTakenBack(text, date) ? others : [...others, cookie]).slice(-MOST_COOKIES);
    }
  }

  /** The value of the header `cookie` for `url`; undefined without any. */
  headerFor(url: URL): string | undefined {
    const fitting = this.#cookies.filter((cookie) => fits(cookie, url));
    return fitting.length === 0 ? undefined : fitting.map(({ name, value }) => `${name}=${value}`).join("; ");
  }
}

function readCookie(text: string, { hostname, pathname }: URL): Cookie | undefined {
  if (text.length > MAX_BYTES) return undefined;
  const [pair = "", ...attributes] = text.split(";").map(trimmed);
  const equals = pair.indexOf("=");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a header must not have them.
  if (equals <= 0 || /[\x00-\x1f\x7f]/.test(pair)) return undefined;
  const domain = attributeOf(attributes, "domain")?.replace(/^\./, "").toLowerCase();
  // A site can set cookies for itself and for what is above it, but for no whole top-level domain.
  if (domain && !(isBelow(hostname, domain) && domain.includes("."))) return undefined;
  const path = attributeOf(attributes, "path");
  return {
    name: trimmed(pair.slice(0, equals)),
    value: trimmed(pair.slice(equals + 1)),
    domain: domain || hostname,
    isHostOnly: !domain,
    path: path?.startsWith("/") ? path : pathname.replace(/\/[^/]*$/, "") || "/",
    isSecure: attributes.some((attribute) => /^secure$/i.test(attribute)),
  };
}

function attributeOf(attributes: readonly string[], name: string): string | undefined {
  const found = attributes.findLast((attribute) => attribute.toLowerCase().startsWith(`${name}=`));
  return found?.slice(name.length + 1).trim();
}

/** A server that does not say what time it is takes cookies back with a date of long ago. */
const LONG_AGO = "2000-01-01T00:00:00Z";

/** `Max-Age=0`, or without a `Max-Age` an `Expires` in the past, by the clock of the server: the cookie is deleted. */
function isTakenBack(text: string, date = LONG_AGO): boolean {
  const attributes = text.split(";").slice(1).map(trimmed);
  const maxAge = attributeOf(attributes, "max-age");
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return Number(maxAge) <= 0;
  return Date.parse(attributeOf(attributes, "expires") ?? "") <= Date.parse(date);
}

function isSame(one: Cookie, other: Cookie): boolean {
  return one.name === other.name && one.domain === other.domain && one.path === other.path;
}

function fits(
  { domain, isHostOnly, path, isSecure }: Cookie,
  { protocol, hostname, pathname }: URL,
): boolean {
  if (isSecure && protocol !== "https:") return false;
  if (isHostOnly ? hostname !== domain : !isBelow(hostname, domain)) return false;
  return pathname === path || pathname.startsWith(path.endsWith("/") ? path : `${path}/`);
}

function isBelow(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}
