import type { TestProject } from "vitest/node";
import { packageService } from "../../sandbox/package-service.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** What `serverless package` wrote, for `startAccount`. */
    packageDir: string;
  }
}

/** Packages the service once for all end-to-end tests: `inject("packageDir")`. */
export default async function packageOnce(project: TestProject): Promise<() => void> {
  const built = await packageService();
  project.provide("packageDir", built.dir);
  return built.remove;
}
