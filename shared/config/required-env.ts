import { Misconfigured } from "../lambda/errors.ts";

/** A variable of the function's environment that `serverless.yml` sets. */
export function requiredEnv(name: string, env: NodeJS.ProcessEnv = process.env): string {
  const value = env[name];
  if (value) return value;
  throw new Misconfigured(
    `the environment variable ${name} is not set: serverless.yml sets it for this function`,
  );
}
