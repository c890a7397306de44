import type { Sites } from "./site.ts";

/** An event of `serverless.yml`: an EventBridge rule that ticks. */
interface Schedule {
  readonly schedule: { readonly name: string; readonly description: string; readonly rate: string };
}

/**
 * One rule for each part of the list. The rule's name says which part its invocation has (wanted.ts reads it),
 * so the fan-out needs no invocation that starts others: EventBridge starts them all in the same minute.
 */
export function schedulesFor({ list, perInvocation }: Sites, stage: string): Schedule[] {
  const parts = Math.max(1, Math.ceil(list.length / perInvocation));
  return Array.from({ length: parts }, (_, index) => ({
    schedule: {
      name: `reflex-${stage}-check-sites${parts === 1 ? "" : `-${index + 1}-of-${parts}`}`,
      description: parts === 1 ? "Checks every site" : `Checks part ${index + 1} of ${parts} of the sites`,
      rate: "rate(1 minute)",
    },
  }));
}
