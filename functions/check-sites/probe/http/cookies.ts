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
 * from one probe to the next. RFC 6265 5.3 and 5.4, without expiry but for a cookie that is taken back.
 */
export class CookieJar {
  #cookies: readonly Cookie[] = [];

  /** Keeps what an answer of `url` has set. */
  take(url: URL, setCookies: readonly string[]): void {
    for (const text of setCookies) {
      const cookie = readCookie(text, url);
      if (!cookie) continue;
      const others = this.#cookies.filter((known) => !isSame(known, cookie));
      this.#cookies = (isTakenBack(text) ? others : [...others, cookie]).slice(-MOST_COOKIES);
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
  const [pair = "", ...attributes] = text.split(";").map((part) => part.trim());
  const equals = pair.indexOf("=");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a header must not have them.
  if (equals <= 0 || /[\x00-\x1f\x7f]|[^\x00-\xff]/.test(pair)) return undefined;
  const domain = attributeOf(attributes, "domain")?.replace(/^\./, "").toLowerCase();
  // A site can set cookies for itself and for what is above it, but for no whole top-level domain.
  if (domain && !(isBelow(hostname, domain) && domain.includes("."))) return undefined;
  const path = attributeOf(attributes, "path");
  return {
    name: pair.slice(0, equals).trim(),
    value: pair.slice(equals + 1).trim(),
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

/** `Max-Age=0`: the cookie is deleted. */
function isTakenBack(text: string): boolean {
  return /;\s*max-age\s*=\s*(-\d+|0)\s*(;|$)/i.test(text);
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
