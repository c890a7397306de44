import { references } from "./intrinsics.ts";
import type { Template } from "./template.ts";

/**
 * The logical ids in an order in which each comes after those it refers to or depends on; among these, in
 * the template's order.
 *
 * @throws {Error} naming the resources of a circular dependency
 */
export function creationOrder(resources: Template["Resources"]): string[] {
  const order: string[] = [];
  const done = new Set<string>();

  const visit = (id: string, path: readonly string[]): void => {
    if (done.has(id)) return;
    if (path.includes(id)) {
      const circle = [...path.slice(path.indexOf(id)), id].join(" -> ");
      throw new Error(`The template's resources depend on one another in a circle: ${circle}.`);
    }
    const resource = resources[id];
    if (!resource) return;
    const dependsOn = [resource.DependsOn ?? []].flat();
    for (const other of [...dependsOn, ...references(resource.Properties)]) visit(other, [...path, id]);
    done.add(id);
    order.push(id);
  };

  for (const id of Object.keys(resources)) visit(id, []);
  return order;
}
