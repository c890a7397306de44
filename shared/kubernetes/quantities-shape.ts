import * as z from "zod/mini";

/** A resource list. The API server writes strings; whatever else made the object may have written numbers. */
export const quantitiesShape = z._default(
  z.record(z.string(), z.union([z.string(), z.pipe(z.number(), z.transform(String))])),
  {},
);
