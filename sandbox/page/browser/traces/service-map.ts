import type { ServiceKind, ServiceMap } from "../../state/state.ts";
import { h, type View } from "../parts/dom.ts";
import { counted, functionName, span } from "../parts/words.ts";
import { layOut, NODE, type PlacedNode } from "./service-layout.ts";

const PAD = 4;

/** Who calls whom, as the traces show it. */
export function serviceMapView(map: ServiceMap): View {
  const { width, height, nodes, edges } = layOut(map);
  const names = new Map(nodes.map((node) => [node.id, shownName(node)]));
  const label = edges
    .map(
      ({ from, to, calls, faults }) =>
        `${names.get(from)} to ${names.get(to)}: ${calls} calls, ${faults} faults`,
    )
    .join("; ");
  return h(
    "figure",
    { class: "map", tabindex: 0 },
    h(
      "svg",
      {
        viewBox: `${-PAD} ${-PAD} ${width + 2 * PAD} ${height + 2 * PAD}`,
        width: width + 2 * PAD,
        height: height + 2 * PAD,
        role: "img",
        "aria-label": `Service map. ${label}`,
      },
      edges.map(({ from, to, calls, faults, path }) =>
        h(
          "path",
          {
            key: `${from} ${to}`,
            class: faults > 0 ? "edge faulty" : "edge",
            d: path,
            "stroke-width": Math.min(5, 1 + Math.log10(calls)).toFixed(2),
          },
          h(
            "title",
            {},
            `${names.get(from)} → ${names.get(to)}: ${counted(calls, "call")}, ${counted(faults, "fault")}`,
          ),
        ),
      ),
      nodes.map(nodeShape),
    ),
    h("figcaption", { class: "muted" }, `From the last ${counted(map.traces, "trace")}.`),
  );
}

const shownName = ({ name, kind }: { name: string; kind: ServiceKind }): string =>
  kind === "function" ? functionName(name) : name;

function nodeShape(node: PlacedNode): View {
  const { id, kind, x, y, calls, faults, meanMs } = node;
  const name = shownName(node);
  const numbers = kind === "trigger" ? "trigger" : `${counted(calls, "call")}, ${span(meanMs)}`;
  return h(
    "g",
    { key: id, class: `service ${kind}${faults > 0 ? " faulty" : ""}`, transform: `translate(${x} ${y})` },
    h("title", {}, `${name}: ${counted(calls, "call")}, ${counted(faults, "fault")}`),
    h("rect", { width: NODE.width, height: NODE.height, rx: kind === "trigger" ? NODE.height / 2 : 6 }),
    h("text", { class: "name", x: NODE.width / 2, y: 18 }, short(name)),
    h(
      "text",
      { class: "numbers", x: NODE.width / 2, y: 33 },
      faults > 0 ? `✕ ${counted(faults, "fault")} of ${calls}` : numbers,
    ),
  );
}

/** A name that fits its box. */
const short = (name: string): string => (name.length > 21 ? `${name.slice(0, 20)}…` : name);
