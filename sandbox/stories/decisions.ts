import * as z from "zod/mini";

const decision = { trigger: z.string(), verdict: z.string(), did: z.string(), reasons: z.array(z.string()) };

const { did: _, ...decisionOnStream } = { ...decision, action: z.string() };

const drain = z.looseObject({ node: z.string(), reason: z.string(), did: z.string() });

/** What reshard-streams, scale-node-pools and drain-nodes answer, as far as it is shown. */
const result = z.looseObject({
  nodes: z._default(z.array(drain), []),
  streams: z._default(z.array(z.looseObject({ stream: z.string(), ...decisionOnStream })), []),
  pools: z._default(z.array(z.looseObject({ pool: z.string(), ...decision })), []),
});

/** Prints each decision with its reasons; one that only repeats the last is counted, not printed again. */
export function createDecisionPrinter(say: (who: string, line: string) => void) {
  const last = new Map<string, { text: string; repeated: number }>();
  return (functionName: string, payload: string): void => {
    const parsed = result.safeParse(JSON.parse(payload));
    if (!parsed.success) return;
    const who = functionName.replace(/^reflex-[^-]+-/, "");
    for (const { node, reason, did } of parsed.data.nodes) say(who, `${node} (${reason}): ${did}`);
    const decisions = [
      ...parsed.data.streams.map(({ stream, action, ...rest }) => ({
        resource: stream,
        did: action,
        ...rest,
      })),
      ...parsed.data.pools.map(({ pool, ...rest }) => ({ resource: pool, ...rest })),
    ];
    for (const { resource, trigger, verdict, did, reasons } of decisions) {
      const key = `${functionName}/${resource}`;
      const text = `${verdict}, ${did}`;
      const before = last.get(key);
      if (before?.text === text) {
        before.repeated += 1;
        continue;
      }
      const repeated =
        before && before.repeated > 0 ? `(${before.text}: ${before.repeated} more times) ` : "";
      last.set(key, { text, repeated: 0 });
      say(who, `${repeated}woken by ${trigger}: ${verdict}; did ${did}`);
      for (const reason of reasons) say("", `because ${reason}`);
    }
  };
}
