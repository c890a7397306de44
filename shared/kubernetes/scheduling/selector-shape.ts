import * as z from "zod/mini";

/** The API's `LabelSelector`. */
export const labelSelectorShape = z.lazy(() =>
  z.object({
    matchLabels: z._default(z.record(z.string(), z.string()), {}),
    matchExpressions: z._default(
      z.array(
        z.object({
          key: z.string(),
          operator: z.enum(["In", "NotIn", "Exists", "DoesNotExist"]),
          values: z._default(z.array(z.string()), []),
        }),
      ),
      [],
    ),
  }),
);
