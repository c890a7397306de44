import { validateHeaderName, validateHeaderValue } from "node:http";
import * as z from "zod/mini";
import { isSecretRef, reference, type SecretRef } from "../../../shared/secrets/secret-ref.ts";

/** A text, or a reference to a secret. */
export const textOrReference = z.union([z.string(), reference]);

/** Headers whose value is a credential, by the words in their names: it may only stand here as a reference. */
const CREDENTIAL =
  /(^|[-_])(auth|authorization|token|secret|api-?key|access-?key|password|passwd|credentials?|session|signature|cookie)([-_]|$)/i;

/** Headers that the probe itself must set. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "transfer-encoding",
  "upgrade",
]);

/** The headers of a request, by name. */
export const headers = z.record(z.string(), textOrReference).check((payload) => {
  const seen = new Map<string, string>();
  for (const [name, value] of Object.entries(payload.value)) {
    const twin = seen.get(name.toLowerCase());
    const problem = twin ? `one header of this name: ${twin} is the same` : headerProblem(name, value);
    seen.set(name.toLowerCase(), name);
    if (problem)
      payload.issues.push({ code: "custom", input: payload.value, path: [name], message: problem });
  }
});

function headerProblem(name: string, value: string | SecretRef): string | undefined {
  const lower = name.toLowerCase();
  if (OWN_HEADERS.has(lower)) return "another header: this one the probe sets itself";
  try {
    validateHeaderName(name);
    if (!isSecretRef(value)) validateHeaderValue(name, value);
  } catch {
    return "a header's name and a value without line breaks";
  }
  return CREDENTIAL.test(name) && !isSecretRef(value)
    ? "a reference, { ssm: /name } or { secret: name }: credentials do not stand in the config"
    : undefined;
}
