import type { AwsRequest } from "../service.ts";

/**
 * Names this machine has for itself. The sandbox listens on 127.0.0.1 only; a `Host` of another name is a page
 * elsewhere whose name was pointed at this machine (DNS rebinding).
 */
const OWN_HOSTS: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

type Request = Pick<AwsRequest, "method" | "headers">;

/** Whether the request is signed and so is an AWS call, or one that a person or a page reads. */
type Kind = "call" | "read";

/**
 * Why a request comes from a web page of another site; undefined where it does not. Any page a person has open can send
 * requests to this machine, signed ones too: any access key is let in here. A browser says by `Origin` and
 * `Sec-Fetch-Site` where a request comes from, and no page can change these; AWS clients send neither.
 *
 * A link on another site may lead here: to what is read, since that page cannot see what is shown.
 */
export function crossSite(request: Request, kind: Kind): string | undefined {
  const { headers } = request;
  const host = headers.host ?? "";
  if (!OWN_HOSTS.has(host.replace(/:\d+$/, ""))) {
    return `Host: found "${host}", expected 127.0.0.1 or localhost with the sandbox's port`;
  }
  const { origin } = headers;
  if (origin !== undefined && origin !== `http://${host}`) {
    return `Origin: found "${origin}", expected "http://${host}" or none: no other site may use the sandbox`;
  }
  const from = headers["sec-fetch-site"];
  if (from === undefined || from === "same-origin" || isOpened(request, kind)) return undefined;
  return `Sec-Fetch-Site: found "${from}", expected "same-origin" or none: no other site may use the sandbox`;
}

/** A page that a person opens: by its address or a link, at the top and not in a frame. */
function isOpened({ method, headers }: Request, kind: Kind): boolean {
  return (
    kind === "read" &&
    (method === "GET" || method === "HEAD") &&
    headers["sec-fetch-mode"] === "navigate" &&
    headers["sec-fetch-dest"] === "document"
  );
}
