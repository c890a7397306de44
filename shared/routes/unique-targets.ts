import type { Route } from "./routes.ts";
import type { Target } from "./targets.ts";

/** Every target of these routes, each once; nobody is none. */
export const uniqueTargets = (routes: readonly Pick<Route, "to">[]): readonly Target[] => [
  ...new Map(
    routes.flatMap(({ to }) => to.flatMap((one) => (one.none ? [] : [[one.key, one] as const]))),
  ).values(),
];
