import type { Resource } from "./resource.ts";

/**
 * Nested stacks for one kind of resource, of which the config can name more than fit into a stack. Which of them a resource
 * is in follows from its logical id alone, so that it never moves: a resource that changed its stack would be deleted in
 * the one and refused in the other, since its name is taken.
 *
 * Only what can be lost is put there. What has data stays in the stack itself, where it can be imported again.
 */
export interface NestedStacks {
  /** The beginning of their logical ids. */
  readonly name: string;
  /** How many there are at most. Another number moves resources: it stays as it is. */
  readonly count: number;
}

/** By the key of `Metadata`, until the stack is packaged (scripts/template/nested/nested-stacks.ts). */
export const NESTED_IN = "NestedIn";

/** The resources, to be put into nested stacks. */
export function nestedIn(
  stacks: NestedStacks,
  resources: Readonly<Record<string, Resource>>,
): Record<string, Resource> {
  return Object.fromEntries(
    Object.entries(resources).map(([id, resource]) => [id, markNested(stacks, resource)]),
  );
}

/** One resource, to be put into a nested stack. */
export const markNested = (stacks: NestedStacks, resource: Resource): Resource => ({
  ...resource,
  Metadata: { ...Object(resource.Metadata), [NESTED_IN]: stacks },
});
