import type { StateStore } from "../../../functions/deliver-notifications/act/state-store.ts";

/** What is kept, in memory; `step` stands for each of the two calls of a change. */
export function createMemoryStates<State>(
  initial: State,
  step: () => Promise<void> = async () => {},
  states: Map<string, State> = new Map(),
): StateStore<State> {
  return {
    async update(name, change) {
      await step();
      const { after, result } = change(states.get(name) ?? initial);
      states.set(name, after);
      await step();
      return result;
    },
  };
}
