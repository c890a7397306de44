import * as z from "zod/mini";

/** What reshard-streams answers, as far as it is shown. */
const result = z.looseObject({
  streams: z.array(
    z.looseObject({
      stream: z.string(),
      trigger: z.string(),
      verdict: z.string(),
      did: z.string(),
      reasons: z.array(z.string()),
    }),
  ),
});

/** Prints each decision with its reasons; one that only repeats the last is counted, not printed again. */
export function createDecisionPrinter(say: (who: string, line: string) => void) {
  const last = new Map<string, { text: string; repeated: number }>();
  return (functionName: string, payload: string): void => {
    const parsed = result.safeParse(JSON.parse(payload));
    if (!parsed.success) return;
    for (const { stream, trigger, verdict, did, reasons } of parsed.data.streams) {
      const key = `${functionName}/${stream}`;
      const text = `${verdict}, ${did}`;
      const before = last.get(key);
      if (before?.text === text) {
        before.repeated += 1;
        continue;
      }
      const repeated =
        before && before.repeated > 0 ? `(${before.text}: ${before.repeated} more times) ` : "";
      last.set(key, { text, repeated: 0 });
      say(
        functionName.replace(/^reflex-[^-]+-/, ""),
        `${repeated}woken by ${trigger}: ${verdict}; did ${did}`,
      );
      for (const reason of reasons) say("", `because ${reason}`);
    }
  };
}
