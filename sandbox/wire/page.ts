import { AwsError } from "./error.ts";

/** A `NextToken`: the place in the list at which the next page starts. */
export function encodePageToken(start: number): string {
  return Buffer.from(`start:${start}`).toString("base64url");
}

/** @throws {AwsError} InvalidNextToken for one this sandbox did not give */
export function decodePageToken(token: string | undefined): number {
  if (token === undefined || token === "") return 0;
  const start = Buffer.from(token, "base64url")
    .toString()
    .match(/^start:(\d+)$/)?.[1];
  if (start === undefined)
    throw new AwsError("InvalidNextToken", `"${token}" is no token of an earlier answer.`);
  return Number(start);
}

/** One page of a list, and the token of the next where there is one. */
export function page<Item>(items: readonly Item[], token: string | undefined, size: number) {
  const start = decodePageToken(token);
  const end = start + size;
  return { items: items.slice(start, end), nextToken: end < items.length ? encodePageToken(end) : undefined };
}
