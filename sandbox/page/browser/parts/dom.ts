/**
 * The page is written anew from the state at every answer; `show` changes only what differs, so that focus,
 * scrolling, open details and what a person chose in a field stay as they are.
 */

export type Child = View | string | number | undefined | false | readonly Child[];

export interface View {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly on: Listeners;
  readonly key: string | undefined;
  readonly children: readonly Child[];
}

type Attribute = string | number | boolean | undefined;
type Listeners = Readonly<Record<string, (event: Event) => void>>;

export interface Properties {
  /** Distinguishes siblings, so that each keeps its element when their order changes. */
  readonly key?: string;
  readonly on?: Listeners;
  /** An attribute; `true` is one without a value, `false` and `undefined` are none. */
  readonly [attribute: string]: Attribute | Listeners;
}

/** An element as it should be. */
export function h(tag: string, properties: Properties = {}, ...children: readonly Child[]): View {
  const { key, on = {}, ...rest } = properties;
  const attributes = Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [name, typeof value === "object" ? undefined : value]),
  );
  return { tag, attributes, on, key, children };
}

/** What an element was made from, and what it does. */
interface Shown {
  view: View;
  readonly bound: Set<string>;
}

const shown = new WeakMap<Element, Shown>();

/** Makes the content of `parent` what `children` say. */
export function show(parent: Element, children: readonly Child[]): void {
  const wanted = flat(children);
  const reusable = reusableIn(parent);
  const nodes = wanted.map((child) => {
    const old = take(reusable, child);
    return old ? updated(old, child) : created(child, parent);
  });
  for (const left of reusable) left.remove();
  let place = parent.firstChild;
  for (const node of nodes) {
    if (node === place) place = place.nextSibling;
    else parent.insertBefore(node, place);
  }
}

function flat(children: readonly Child[]): (View | string)[] {
  return children.flatMap((child): (View | string)[] => {
    if (child === undefined || child === false) return [];
    if (isList(child)) return flat(child);
    return [typeof child === "number" ? String(child) : child];
  });
}

function isList(child: Child): child is readonly Child[] {
  return Array.isArray(child);
}

function reusableIn(parent: Element): Set<ChildNode> {
  return new Set(parent.childNodes);
}

/** An old node of the same kind: by key where the child has one, else the first of its tag without one. */
function take(nodes: Set<ChildNode>, child: View | string): ChildNode | undefined {
  for (const node of nodes) {
    const before = node instanceof Element ? shown.get(node)?.view : undefined;
    const fits =
      typeof child === "string"
        ? node instanceof Text
        : before !== undefined && before.tag === child.tag && before.key === child.key;
    if (!fits) continue;
    nodes.delete(node);
    return node;
  }
  return undefined;
}

function updated(node: ChildNode, child: View | string): ChildNode {
  if (typeof child === "string") {
    if (node.nodeValue !== child) node.nodeValue = child;
  } else if (node instanceof Element) apply(node, child);
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

function created(child: View | string, parent: Element): ChildNode {
  if (typeof child === "string") return document.createTextNode(child);
  const isSvg = child.tag === "svg" || (parent.namespaceURI === SVG && parent.tagName !== "foreignObject");
  const element = isSvg ? document.createElementNS(SVG, child.tag) : document.createElement(child.tag);
  apply(element, child);
  return element;
}

function apply(element: Element, view: View): void {
  const before = shown.get(element);
  const now = before ?? { view, bound: new Set<string>() };
  setAttributes(element, before?.view.attributes ?? {}, view.attributes);
  now.view = view;
  shown.set(element, now);
  for (const type of Object.keys(view.on)) {
    if (now.bound.has(type)) continue;
    now.bound.add(type);
    element.addEventListener(type, (event) => now.view.on[type]?.(event));
  }
  show(element, view.children);
}

/** Only what changed since the last time: what a person or the browser changed meanwhile is left. */
function setAttributes(element: Element, before: View["attributes"], after: View["attributes"]): void {
  for (const name of Object.keys({ ...before, ...after })) {
    const value = after[name];
    if (value === before[name]) continue;
    if (value === undefined || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
}
