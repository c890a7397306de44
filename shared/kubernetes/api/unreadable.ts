import * as z from "zod/mini";
import { messageOf } from "../../errors/message-of.ts";

/** An object that cannot be read: it has something that this version does not know. */
export interface Unreadable {
  /** The resource, for example `pods`. */
  readonly kind: string;
  /** `namespace/name`, or the name. */
  readonly id: string;
  /** Where in the object, and what was expected there. */
  readonly why: string;
}

const identityShape = z.lazy(() =>
  z.object({
    metadata: z.object({ namespace: z.optional(z.string()), name: z.string() }),
  }),
);

/** What to say of an object that `error` was thrown about. Throws the error again where it is not known of which. */
export function unreadable(kind: string, object: unknown, error: unknown): Unreadable {
  const identity = identityShape.safeParse(object);
  if (!identity.success) throw error;
  const { namespace, name } = identity.data.metadata;
  return { kind, id: namespace === undefined ? name : `${namespace}/${name}`, why: messageOf(error) };
}
