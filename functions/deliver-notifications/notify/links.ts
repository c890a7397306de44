import { withRunbook } from "../../../shared/notify/runbook.ts";
import type { NotifyConfig } from "../../../shared/routes/routes.ts";
import type { SingleNotification } from "../model.ts";

/** Where the function runs: the consoles of AWS have a host for each partition. */
export interface LinkPlace {
  readonly partition: string;
  readonly region: string;
}

const CONSOLES: Readonly<Record<string, string>> = {
  "aws-cn": "console.amazonaws.cn",
  "aws-us-gov": "console.amazonaws-us-gov.com",
};

/** @param page what follows the console's `#` */
export const consoleLink = (text: string, page: string, { partition, region }: LinkPlace) => ({
  text,
  href: `https://${region}.${CONSOLES[partition] ?? "console.aws.amazon.com"}/cloudwatch/home?region=${region}#${page}`,
});

/** A notification with links to where to read on: the runbook and the dashboard of the config, and its trace. */
export function withLinks(
  one: SingleNotification,
  { links = {} }: Pick<NotifyConfig, "links">,
  place: LinkPlace,
): SingleNotification {
  const { runbook, dashboard } = links;
  const added = [
    ...(dashboard === undefined ? [] : [{ text: "Dashboard", href: dashboard }]),
    ...(one.traceId === undefined ? [] : [consoleLink("Trace", `xray:traces/${one.traceId}`, place)]),
  ];
  const read = withRunbook(one, runbook);
  return added.length === 0 ? read : { ...read, links: [...(read.links ?? []), ...added] };
}
