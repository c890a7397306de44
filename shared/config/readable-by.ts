import * as z from "zod/mini";
import { messageOf } from "../errors/message-of.ts";

/** A text that `read` can read: it is run for its errors only, and their message is what was expected. */
export const readableBy = (read: (text: string) => unknown) =>
  z.string().check((payload) => {
    try {
      read(payload.value);
    } catch (error) {
      const message = messageOf(error);
      payload.issues.push({
        code: "custom",
        input: payload.value,
        message: message.replace(/^found .*, expected /s, ""),
      });
    }
  });
