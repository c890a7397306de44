import type { Sites } from "../config/sites.ts";

/** An event of `serverless.yml`: an EventBridge rule that ticks. */
type Schedule = {
  readonly schedule: { readonly name: string; readonly description: string; readonly rate: string };
};

/** Into how many parts the list is cut, each checked by an invocation of its own. */
export function partsOf({ list, perInvocation }: Pick<Sites, "list" | "perInvocation">): number {
  return Math.max(1, Math.ceil(list.length / perInvocation));
}

/** As it stands in the rule's name, the metric's dimension and the alarm's name. */
export function partName({ number, of }: { readonly number: number; readonly of: number }): string {
  return `${number}-of-${of}`;
}

/**
 * One rule for each part of the list. The rule's name says which part its invocation has (triggers.ts reads it),
 * so the fan-out needs no invocation that starts others: EventBridge starts them all in the same minute.
 */
export function schedulesFor(sites: Sites, stage: string): Schedule[] {
  const parts = partsOf(sites);
  return Array.from({ length: parts }, (_, index) => ({
    schedule: {
      name: `reflex-${stage}-check-sites${parts === 1 ? "" : `-${partName({ number: index + 1, of: parts })}`}`,
      description: parts === 1 ? "Checks every site" : `Checks part ${index + 1} of ${parts} of the sites`,
      rate: "rate(1 minute)",
    },
  }));
}
