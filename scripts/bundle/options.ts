import type { BuildOptions } from "esbuild";
import { LEAVE_OUT } from "./plugins.ts";

/**
 * How esbuild makes a function's one file. The ES modules of the AWS SDK load fastest, and everything that every run uses is
 * in it (docs/decisions/bundles.md).
 */
export const BUNDLE_OPTIONS = {
  bundle: true,
  minify: true,
  platform: "node",
  target: "node24",
  format: "cjs",
  mainFields: ["module", "main"],
  plugins: [...LEAVE_OUT],
  logLevel: "silent",
} satisfies BuildOptions;
