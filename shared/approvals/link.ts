import { createHmac, timingSafeEqual } from "node:crypto";
import { Misconfigured } from "../lambda/errors.ts";

/** A shorter secret can be guessed. */
const LEAST_SECRET_CHARACTERS = 16;
const KEYS = { request: "request", expires: "expires", signature: "signature" } as const;

/** What a link stands for. */
export interface LinkTarget {
  readonly id: string;
  /** ms since the epoch. */
  readonly expiresAt: number;
}

/** The request that a link is for, or why it is not to be believed. */
export type VerifiedLink = { readonly id: string } | { readonly refused: "forged" | "expired" };

/** The address of the page that shows a request and takes the answer. It is good until the request lapses. */
export function approvalLink(base: string, { id, expiresAt }: LinkTarget, secret: string): string {
  const url = new URL(base);
  url.searchParams.set(KEYS.request, id);
  url.searchParams.set(KEYS.expires, String(expiresAt));
  url.searchParams.set(KEYS.signature, signatureOf(id, String(expiresAt), secret));
  return url.href;
}

/** @param now ms since the epoch */
export function verifyLink(query: URLSearchParams, secret: string, now: number): VerifiedLink {
  const id = query.get(KEYS.request) ?? "";
  const expires = query.get(KEYS.expires) ?? "";
  const signature = query.get(KEYS.signature) ?? "";
  const given = Buffer.from(signature);
  const right = Buffer.from(signatureOf(id, expires, secret));
  if (given.length !== right.length || !timingSafeEqual(given, right)) return { refused: "forged" };
  return Number(expires) > now ? { id } : { refused: "expired" };
}

/** @throws {Misconfigured} for a secret that is too short to sign with */
function signatureOf(id: string, expires: string, secret: string): string {
  if (secret.length < LEAST_SECRET_CHARACTERS) {
    throw new Misconfigured(
      `notify.approvals.secret: found ${secret.length} characters, expected at least ${LEAST_SECRET_CHARACTERS}: no link is signed with it or believed`,
    );
  }
  return createHmac("sha256", secret).update(`reflex-approval\n${id}\n${expires}`).digest("base64url");
}
