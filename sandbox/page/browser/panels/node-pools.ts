import type { ClusterView, NodeStateName, NodeView, PoolView, ZoneView } from "../../state/state.ts";
import type { Context } from "../context.ts";
import { actionButton, chosen } from "../parts/button.ts";
import { decisionLine } from "../parts/decision.ts";
import { h, type View } from "../parts/dom.ts";
import { mark, type Tone } from "../parts/mark.ts";
import { counted, figure, percent } from "../parts/words.ts";
import { onCallButtons } from "./on-call.ts";

const TONES: Readonly<Record<NodeStateName, Tone>> = {
  starting: "busy",
  ready: "good",
  "not ready": "bad",
  cordoned: "warn",
  draining: "warn",
  leaving: "none",
};

const POD_COUNTS = [10, 30, 100];
/** A zone shows at least so many places, so that a node that comes moves nothing. */
const FEWEST_PLACES = 1;
const MOST_PLACES = 8;

export function nodePoolsSection(context: Context, clusters: readonly ClusterView[]): View {
  return h(
    "section",
    { key: "node-pools", "aria-labelledby": "node-pools" },
    h("h2", { id: "node-pools" }, "Node pools"),
    clusters.map((cluster) => clusterCard(context, cluster)),
  );
}

function clusterCard(context: Context, cluster: ClusterView): View {
  const { name, pendingPods, runningPods, pools } = cluster;
  return h(
    "article",
    { key: name, class: "card", "data-cluster": name, "aria-label": `Cluster ${name}` },
    h(
      "div",
      { class: "title" },
      h("h3", { class: "id" }, name === "" ? "no cluster" : name),
      h("p", {}, h("b", { "data-running-pods": runningPods }, figure(runningPods)), " pods run"),
      mark(
        pendingPods > 0 ? "warn" : "good",
        pendingPods > 0 ? `${counted(pendingPods, "pending pod")}` : "no pending pods",
      ),
      context.can("add-pending-pods") && podControls(context, name),
    ),
    pools.map((pool) => poolPart(context, pool)),
  );
}

function podControls(context: Context, cluster: string): View {
  const field = `pods-${cluster}`;
  return h(
    "div",
    { class: "buttons" },
    h("label", { class: "hidden", for: field }, `How many pods to add to ${cluster}`),
    h(
      "select",
      { id: field },
      POD_COUNTS.map((count) => h("option", { value: count }, `${count} pods`)),
    ),
    h(
      "button",
      {
        type: "button",
        class: "primary",
        "data-action": "add-pending-pods",
        on: { click: () => context.act("add-pending-pods", { cluster, pods: Number(chosen(field)) }) },
      },
      "Add pending pods",
    ),
    actionButton(context, "remove-pods", { cluster }, "Remove them"),
  );
}

function poolPart(context: Context, pool: PoolView): View {
  const { name, desired, min, max, zones, trouble, decision } = pool;
  return h(
    "div",
    { key: name, class: "pool", "data-pool": name },
    h(
      "p",
      { class: "pool-title" },
      h("span", { class: "id" }, name),
      " ",
      h("b", { "data-desired": desired }, figure(desired)),
      ` desired`,
      h("span", { class: "muted" }, `, min ${min}, max ${max}`),
      trouble !== undefined && mark("bad", trouble),
      onCallButtons(context, `node-pool/${name}`),
    ),
    h(
      "div",
      { class: "zones" },
      zones.map((zone) => zonePart(context, zone, placesFor(pool))),
    ),
    decisionLine(decision),
  );
}

/** Places a zone shows: as many as it may have, in bounds, and never fewer than there are. */
function placesFor({ max, zones }: PoolView): number {
  const most = Math.ceil(max / Math.max(1, zones.length));
  const there = Math.max(0, ...zones.map(({ nodes }) => nodes.length));
  return Math.max(there, FEWEST_PLACES, Math.min(MOST_PLACES, most));
}

function zonePart(context: Context, { zone, nodes }: ZoneView, places: number): View {
  const empty = Array.from({ length: places - nodes.length }, (_, index) => index);
  return h(
    "div",
    { key: zone, class: "zone" },
    h("h4", {}, zone, h("span", { class: "muted" }, ` ${counted(nodes.length, "node")}`)),
    h(
      "ul",
      {},
      nodes.map((node) => nodeItem(context, node)),
      empty.map((index) => h("li", { key: `empty ${index}`, class: "place", "aria-hidden": "true" })),
    ),
  );
}

function nodeItem(context: Context, node: NodeView): View {
  const { instanceId, instanceType, spot, state, why, pods, cpu, memory } = node;
  const about = `${instanceId}, ${instanceType}${spot ? ", Spot" : ""}: ${counted(pods, "pod")}, ${percent(cpu)} of its CPU and ${percent(memory)} of its memory requested`;
  return h(
    "li",
    { key: instanceId, class: `node ${state.replace(" ", "-")}`, "data-node": instanceId, title: about },
    mark(TONES[state], why === undefined ? state : `${state}: ${why.replaceAll("-", " ")}`),
    h("span", { class: "muted" }, counted(pods, "pod")),
    spot &&
      state === "ready" &&
      context.can("warn-spot") &&
      actionButton(context, "warn-spot", { instance: instanceId }, "Spot warning", {
        title: `AWS interrupts ${instanceId} in two minutes`,
        "aria-label": `Send ${instanceId} a Spot warning`,
      }),
    fill(cpu, memory, about),
  );
}

/** How full a node is: CPU above, memory below. */
function fill(cpu: number, memory: number, label: string): View {
  return h(
    "svg",
    { class: "fill", viewBox: "0 0 100 9", preserveAspectRatio: "none", role: "img", "aria-label": label },
    h("rect", { class: "room", x: 0, y: 0, width: 100, height: 4 }),
    h("rect", { class: "taken", x: 0, y: 0, width: cpu * 100, height: 4 }),
    h("rect", { class: "room", x: 0, y: 5, width: 100, height: 4 }),
    h("rect", { class: "taken second", x: 0, y: 5, width: memory * 100, height: 4 }),
  );
}
