import type { Groups } from "../groups.ts";

/** One operation of EC2 Auto Scaling on the account's groups, by its parsed or raw input. */
export type GroupsOperation = (groups: Groups, input: unknown) => object | undefined;
