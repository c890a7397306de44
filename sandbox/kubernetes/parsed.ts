import { type Node, parseNode } from "../../shared/kubernetes/node.ts";
import { type Pod, parsePod } from "../../shared/kubernetes/pod.ts";
import type { KubeObject } from "./object.ts";

const nodes = new WeakMap<KubeObject, Node>();
const pods = new WeakMap<KubeObject, Pod>();

/** Objects are never changed in place, so each is read once. */
function once<T>(known: WeakMap<KubeObject, T>, read: (object: unknown) => T): (object: KubeObject) => T {
  return (object) => {
    const before = known.get(object);
    if (before) return before;
    const parsed = read(object);
    known.set(object, parsed);
    return parsed;
  };
}

export const asNode = once(nodes, parseNode);
export const asPod = once(pods, parsePod);
