/** Who imports whom: each file with the files it imports. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/**
 * The circles of a graph: each group of files that lead to one another, sorted, and each file that imports
 * itself. Tarjan's strongly connected components.
 */
export function circlesOf(graph: ImportGraph): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const path: string[] = [];
  const circles: string[][] = [];

  const visit = (file: string): number => {
    const at = order.size;
    order.set(file, at);
    lowest.set(file, at);
    path.push(file);
    const targets = graph.get(file) ?? [];
    for (const target of targets) {
      const reached = order.has(target)
        ? path.includes(target)
          ? order.get(target)
          : undefined
        : visit(target);
      lowest.set(file, Math.min(lowest.get(file) ?? at, reached ?? at));
    }
    if (lowest.get(file) === at) {
      const group = path.splice(path.indexOf(file));
      if (group.length > 1 || targets.includes(file)) circles.push(group.sort());
    }
    return lowest.get(file) ?? at;
  };

  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return circles.sort();
}
