import { alarmsSection } from "./alarms.ts";
import { commandsSection } from "./commands.ts";
import type { Context, PageStatus } from "./context.ts";
import { header } from "./header.ts";
import { nodePoolsSection } from "./node-pools.ts";
import { type Child, h } from "./parts/dom.ts";
import { sitesSection } from "./sites.ts";
import { storesSection } from "./stores.ts";
import { streamsSection } from "./streams.ts";
import { timelineSection } from "./timeline.ts";
import { tracesSection } from "./traces.ts";

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
