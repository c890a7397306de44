import type { SecretRef } from "../secrets/secret-ref.ts";
import type { NotifyConfig } from "./routes.ts";
import { secretsOf } from "./targets.ts";
import { uniqueTargets } from "./unique-targets.ts";

/** Every secret that is read to notify people: those of targets, and what links are signed with. */
export const secretRefs = ({ routes, approvals }: NotifyConfig): readonly SecretRef[] => [
  ...uniqueTargets(routes).flatMap(secretsOf),
  ...(approvals ? [approvals.secret] : []),
];
