import type { ServiceEdge, ServiceMap, ServiceNode } from "../../state/state.ts";

export const NODE = { width: 142, height: 42 } as const;
const GAP = { x: 46, y: 12 } as const;

export interface PlacedNode extends ServiceNode {
  /** Of its upper left corner. */
  readonly x: number;
  readonly y: number;
}

export interface PlacedEdge extends ServiceEdge {
  /** An SVG path from the right side of one node to the left side of the other. */
  readonly path: string;
}

export interface ServiceLayout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
}

/**
 * The map from left to right: triggers, functions (a function that another one calls to the right of it), and in
 * the last column what they call. Within a column each node stands as near to its neighbours as order allows.
 */
export function layOut({ nodes, edges }: Pick<ServiceMap, "nodes" | "edges">): ServiceLayout {
  const columnOf = columns(nodes, edges);
  const count = Math.max(0, ...columnOf.values()) + 1;
  const rows = new Map<string, number>();
  const inOrder: ServiceNode[][] = [];
  for (let column = 0; column < count; column += 1) {
    const own = nodes.filter(({ id }) => columnOf.get(id) === column);
    const weight = (node: ServiceNode): number => {
      const before = edges.filter(({ to }) => to === node.id).flatMap(({ from }) => rows.get(from) ?? []);
      return before.length === 0 ? 0 : before.reduce((sum, row) => sum + row, 0) / before.length;
    };
    const sorted = own.toSorted((a, b) => weight(a) - weight(b) || (a.name < b.name ? -1 : 1));
    for (const [row, { id }] of sorted.entries()) rows.set(id, row);
    inOrder.push(sorted);
  }
  const tallest = Math.max(1, ...inOrder.map((column) => column.length));
  const height = tallest * (NODE.height + GAP.y) - GAP.y;
  const placed = inOrder.flatMap((column, index) => {
    const own = column.length * (NODE.height + GAP.y) - GAP.y;
    return column.map(
      (node, row): PlacedNode => ({
        ...node,
        x: index * (NODE.width + GAP.x),
        y: (height - own) / 2 + row * (NODE.height + GAP.y),
      }),
    );
  });
  const byId = new Map(placed.map((node) => [node.id, node]));
  return {
    width: count * (NODE.width + GAP.x) - GAP.x,
    height,
    nodes: placed,
    edges: edges.flatMap((edge) => {
      const [from, to] = [byId.get(edge.from), byId.get(edge.to)];
      return from && to ? [{ ...edge, path: pathBetween(from, to) }] : [];
    }),
  };
}

/** Triggers are 0, functions 1 and up, what is called is one more than the last function. */
function columns(nodes: readonly ServiceNode[], edges: readonly ServiceEdge[]): Map<string, number> {
  const functions = nodes.filter(({ kind }) => kind === "function");
  const depth = new Map(functions.map(({ id }) => [id, 1]));
  // A chain is at most as long as there are functions; a circle of calls ends there too.
  for (let round = 1; round < functions.length; round += 1) {
    for (const { from, to } of edges) {
      const [caller, called] = [depth.get(from), depth.get(to)];
      if (caller === undefined || called === undefined || from === to) continue;
      if (called <= caller && caller < functions.length) depth.set(to, caller + 1);
    }
  }
  const last = Math.max(1, ...depth.values()) + 1;
  return new Map(
    nodes.map(({ id, kind }) => [
      id,
      kind === "trigger" ? 0 : kind === "function" ? (depth.get(id) ?? 1) : last,
    ]),
  );
}

function pathBetween(from: PlacedNode, to: PlacedNode): string {
  const [x1, y1] = [from.x + NODE.width, from.y + NODE.height / 2];
  const [x2, y2] = [to.x, to.y + NODE.height / 2];
  const middle = (x1 + x2) / 2;
  return `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
}
