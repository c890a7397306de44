/**
 * AWS Query: a form in, XML out, times as ISO 8601.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */
import type { AwsError } from "./error.ts";
import { element } from "./xml.ts";

/**
 * Turns a form into nested values: `A.member.1.Name=x` is `{ A: [{ Name: "x" }] }`, and
 * `A.entry.1.key=k&A.entry.1.value=v` is `{ A: { k: "v" } }`. All scalars stay text.
 */
export function decodeQuery(form: URLSearchParams): unknown {
  const root: Node = new Map();
  for (const [name, value] of form) put(root, name.split("."), value);
  return fold(root);
}

type Node = Map<string, Node | string>;

function put(node: Node, [key = "", ...rest]: readonly string[], value: string): void {
  if (rest.length === 0) {
    node.set(key, value);
    return;
  }
  const existing = node.get(key);
  const child: Node = existing instanceof Map ? existing : new Map();
  node.set(key, child);
  put(child, rest, value);
}

function fold(node: Node | string): unknown {
  if (typeof node === "string") return node;
  const members = node.get("member");
  if (members instanceof Map) return inOrder(members).map(fold);
  const entries = node.get("entry");
  if (entries instanceof Map) return Object.fromEntries(inOrder(entries).map(toEntry));
  return Object.fromEntries([...node].map(([key, value]) => [key, fold(value)]));
}

function inOrder(numbered: Node): (Node | string)[] {
  return [...numbered].sort(([a], [b]) => Number(a) - Number(b)).map(([, value]) => value);
}

/** Maps name their parts `key`/`value`, SNS's message attributes `Name`/`Value`. */
function toEntry(entry: Node | string): [string, unknown] {
  if (typeof entry === "string") return [entry, undefined];
  const value = entry.get("value") ?? entry.get("Value");
  return [String(entry.get("key") ?? entry.get("Name")), value === undefined ? undefined : fold(value)];
}

/**
 * The XML answer of an operation: lists become `<member>`s, maps become `<entry>`s; without output there is no
 * result element.
 */
export function encodeQuery(operation: string, output: unknown, xmlNamespace: string): string {
  const result = output === undefined ? "" : element(`${operation}Result`, output);
  const metadata = element("ResponseMetadata", { RequestId: crypto.randomUUID() });
  return `<${operation}Response xmlns="${xmlNamespace}">${result}${metadata}</${operation}Response>`;
}

export function encodeQueryError(error: AwsError, xmlNamespace: string): string {
  const type = error.status < 500 ? "Sender" : "Receiver";
  const body = element("Error", { Type: type, Code: error.queryCode, Message: error.message });
  const requestId = element("RequestId", crypto.randomUUID());
  return `<ErrorResponse xmlns="${xmlNamespace}">${body}${requestId}</ErrorResponse>`;
}
