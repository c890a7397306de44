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

/** The page of the runbook for each automation; all others stand in the runbook itself. */
const PAGES: Readonly<Record<string, string>> = {
  "check-sites": "runbook/check-sites.md",
  "drain-nodes": "runbook/drain-nodes.md",
  "scale-node-pools": "runbook/node-pools.md",
};

/** A notification with links to where to read on: the runbook and the dashboard of the config, and its trace. */
export function withLinks(
  one: SingleNotification,
  { links = {} }: Pick<NotifyConfig, "links">,
  { partition, region }: LinkPlace,
): SingleNotification {
  const { runbook, dashboard } = links;
  const host = CONSOLES[partition] ?? "console.aws.amazon.com";
  const added = [
    ...(runbook === undefined
      ? []
      : [
          {
            text: "Runbook",
            href: `${runbook.replace(/\/$/, "")}/${PAGES[one.automation] ?? "runbook.md"}`,
          },
        ]),
    ...(dashboard === undefined ? [] : [{ text: "Dashboard", href: dashboard }]),
    ...(one.traceId === undefined
      ? []
      : [
          {
            text: "Trace",
            href: `https://${region}.${host}/cloudwatch/home?region=${region}#xray:traces/${one.traceId}`,
          },
        ]),
  ];
  return added.length === 0 ? one : { ...one, links: [...(one.links ?? []), ...added] };
}
