import type { TestProject } from "vitest/node";
import { packageService } from "../../../sandbox/template/package-service.ts";
import { packageEverything } from "./everything.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** What `serverless package` wrote by config/dev.yml, for `startAccount`. */
    packageDir: string;
    /** And by everything.yml. */
    everythingDir: string;
  }
}

/** Packages the service once for all end-to-end tests: `inject("packageDir")`. */
export default async function packageOnce(project: TestProject): Promise<() => void> {
  const [dev, everything] = await Promise.all([packageService(), packageEverything()]);
  project.provide("packageDir", dev.dir);
  project.provide("everythingDir", everything.dir);
  return () => {
    dev.remove();
    everything.remove();
  };
}
