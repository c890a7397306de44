import * as z from "zod/mini";

/** An address, without credentials in it. */
export const httpUrl = z
  .string()
  .check(z.regex(/^https?:\/\/[^\s/]+(\/\S*)?$/, "an address such as https://hooks.example.com/reflex"));
