import { patternOf } from "../events/pattern.ts";
import type { Published, Subscription } from "./topic.ts";

/** Whether a subscription's FilterPolicy lets a message through. */
export function passesFilter({ attributes }: Subscription, published: Published): boolean {
  const policy = attributes.get("FilterPolicy") ?? "";
  if (policy === "" || policy === "{}") return true;
  const matches = patternOf(JSON.parse(policy));
  if (attributes.get("FilterPolicyScope") === "MessageBody") return matches(bodyOf(published.message));
  return matches(Object.fromEntries(attributeValues(published)));
}

/** A body that is no JSON passes no filter on the body. */
function bodyOf(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}

function attributeValues({ attributes }: Published): [string, unknown][] {
  return Object.entries(attributes).map(([name, { Type, Value }]) => {
    if (Type === "Number") return [name, Number(Value)];
    return [name, Type === "String.Array" ? bodyOf(Value) : Value];
  });
}
