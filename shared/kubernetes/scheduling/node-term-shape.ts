import * as z from "zod/mini";
import type { NodeTerm } from "./node-term.ts";

const requirements = z._default(
  z.array(
    z.object({
      key: z.string(),
      operator: z.enum(["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]),
      values: z._default(z.array(z.string()), []),
    }),
  ),
  [],
);

/** A `NodeSelector` of the API, as our terms. */
export const nodeTermsShape = z.pipe(
  z.object({
    nodeSelectorTerms: z.array(z.object({ matchExpressions: requirements, matchFields: requirements })),
  }),
  z.transform(({ nodeSelectorTerms }): readonly NodeTerm[] =>
    nodeSelectorTerms.map((term) => ({ labels: term.matchExpressions, fields: term.matchFields })),
  ),
);
