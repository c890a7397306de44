import { regionOf } from "./region.ts";

/** The options every command for a stage takes, for `parseArgs`. */
export const STAGE_OPTIONS = {
  stage: { type: "string", default: "dev" },
  region: { type: "string" },
  profile: { type: "string" },
} as const;

/** Which stage, where. */
export interface StageOptions {
  readonly stage: string;
  /** For the options of an AWS client. Credentials and endpoint are found as the SDK finds them. */
  readonly aws: { readonly region: string; readonly profile?: string };
}

/**
 * The stage of these arguments. Commands that are started from here on get the same region and profile by the
 * environment.
 *
 * @throws {Error} where no region is set anywhere
 */
export async function stageOptions({
  stage,
  region: given,
  profile,
}: {
  readonly stage: string;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
}): Promise<StageOptions> {
  const region = await regionOf({ region: given, profile });
  process.env.AWS_REGION = region;
  if (profile !== undefined) process.env.AWS_PROFILE = profile;
  return { stage, aws: { region, ...(profile !== undefined && { profile }) } };
}
