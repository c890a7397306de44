import type { Context, PageStatus } from "./context.ts";
import { header } from "./header.ts";
import { alarmsSection } from "./panels/alarms.ts";
import { commandsSection } from "./panels/commands.ts";
import { nodePoolsSection } from "./panels/node-pools.ts";
import { onCallSection } from "./panels/on-call.ts";
import { sitesSection } from "./panels/sites.ts";
import { storesSection } from "./panels/stores.ts";
import { streamsSection } from "./panels/streams.ts";
import { timelineSection } from "./panels/timeline.ts";
import { type Child, h } from "./parts/dom.ts";
import { tracesSection } from "./traces/traces.ts";

/** The whole page. Parts the account does not have are left out. */
export function layout(context: Context | undefined, status: PageStatus): Child[] {
  if (!context) return [header(undefined, status)];
  const { streams, sites, clusters, tables = [], queues = [], alarms } = context.state;
  return [
    header(context, status),
    h(
      "main",
      {},
      h(
        "div",
        { class: "resources" },
        context.can("on-call") && onCallSection(context),
        streams && streamsSection(context, streams),
        clusters && nodePoolsSection(context, clusters),
        sites && sitesSection(context, sites),
        h(
          "div",
          { class: "pair" },
          tables.length + queues.length > 0 && storesSection(tables, queues),
          alarms && alarmsSection(context, alarms),
        ),
        tracesSection(context),
        commandsSection(),
      ),
      timelineSection(context),
    ),
  ];
}
