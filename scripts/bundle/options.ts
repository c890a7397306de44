import type { BuildOptions } from "esbuild";

/**
 * What is not in a bundle: where the SDK would look for credentials outside Lambda, 80 KB that are never run, and what
 * only some configs need and Lambda's runtime has (docs/decisions/bundles.md).
 */
export const LEFT_OUT: readonly string[] = [
  "@aws-sdk/credential-provider-ini",
  "@aws-sdk/credential-provider-sso",
  "@aws-sdk/credential-provider-process",
  "@aws-sdk/credential-provider-web-identity",
  "@smithy/credential-provider-imds",
  "@aws-sdk/client-ec2",
  "@aws-sdk/client-lambda",
  "@aws-sdk/client-eventbridge",
  "@aws-sdk/client-s3",
  "@aws-sdk/client-sts",
  "@aws-sdk/client-ssm",
  "@aws-sdk/client-secrets-manager",
];

/** How esbuild makes a function's one file. The ES modules of the AWS SDK load fastest (docs/decisions/bundles.md). */
export const BUNDLE_OPTIONS = {
  bundle: true,
  minify: true,
  platform: "node",
  target: "node24",
  format: "cjs",
  mainFields: ["module", "main"],
  external: [...LEFT_OUT],
  logLevel: "silent",
} as const satisfies BuildOptions;
