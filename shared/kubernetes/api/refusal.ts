import * as z from "zod/mini";
import { Blocked } from "../../lambda/errors.ts";
import type { Answer, ApiCall } from "./call.ts";
import { type ApiStatus, KubernetesError } from "./errors.ts";

const statusShape = z.lazy(() =>
  z.object({
    reason: z.optional(z.string()),
    message: z.optional(z.string()),
    details: z.optional(
      z.object({
        causes: z.optional(
          z.array(z.object({ reason: z._default(z.string(), ""), message: z._default(z.string(), "") })),
        ),
        retryAfterSeconds: z.optional(z.number()),
      }),
    ),
  }),
);

/** The error for an answer that is no success: who has to do what, so that the next one is. */
export function refusal(cluster: string, call: ApiCall, answer: Answer): Error {
  const status = readStatus(answer);
  const what = `${call.verb} ${call.resource}`;
  const context = { call: `kubernetes:${what}` };
  if (status.status === 401) {
    return new Blocked(
      `cluster "${cluster}" does not know this function's role (401 on ${what}): ` +
        "create the access entry of docs/kubernetes/access-entry.md for it",
      context,
    );
  }
  // A namespace that is being deleted takes no new objects, evictions included: that is no missing permission.
  if (status.status === 403 && !status.causes.some(({ reason }) => reason === "NamespaceTerminating")) {
    return new Blocked(
      `cluster "${cluster}" does not let this function ${what} (403: ${status.message}): its access entry's ` +
        `group needs a ClusterRole with the verb "${call.verb}" on "${call.resource}" (docs/kubernetes/cluster-role.yaml)`,
      context,
    );
  }
  return new KubernetesError(
    `cluster "${cluster}" answered ${what} with ${status.status} ${status.reason}: ${status.message}`,
    status,
    context,
  );
}

export function readStatus(answer: Answer): ApiStatus {
  const parsed = statusShape.safeParse(parseOrNothing(answer.body));
  const { reason = "", message = "", details } = parsed.success ? parsed.data : {};
  const retryAfter = details?.retryAfterSeconds ?? Number(answer.retryAfter ?? Number.NaN);
  return {
    status: answer.status,
    reason,
    // A proxy before the API server answers with a page of text: its beginning is enough to recognise it.
    message: message || answer.body.slice(0, 200),
    causes: details?.causes ?? [],
    ...(Number.isFinite(retryAfter) && { retryAfterSeconds: retryAfter }),
  };
}

function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
