import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";

/**
 * An AWS package that is imported by `import()` comes from Lambda's runtime: the clients of shared/aws/runtime-clients.ts, and
 * where the SDK would look for credentials outside Lambda. In the bundle each of these would keep all modules it shares
 * with others from being reduced to what is used (docs/decisions/bundles.md).
 */
const fromRuntime: Plugin = {
  name: "aws-packages-from-runtime",
  setup: ({ onResolve }) =>
    onResolve({ filter: /^@(aws-sdk|smithy)\// }, ({ path, kind }) =>
      kind === "dynamic-import" ? { path, external: true } : undefined,
    ),
};

/** By what a package imports, what it gets in its place: each is loaded with the package, and never called here. */
const NEVER_CALLED: readonly { readonly filter: RegExp; readonly contents: string }[] = [
  {
    // Kinesis' client is made with event streams in it, which only SubscribeToShard uses.
    filter: /^@smithy\/core\/event-streams$/,
    contents:
      "export const eventStreamSerdeProvider = () => undefined; export const resolveEventStreamSerdeConfig = (config) => config;",
  },
  {
    // Kinesis' client would speak HTTP/2; shared/aws/client-options.ts gives every client HTTP/1.1.
    filter: /^node:http2$/,
    contents: `export default { constants: {}, connect() { throw new Error("HTTP/2 is not in the bundle"); } };`,
  },
  {
    // X-Ray's way to follow what is open: shared/tracing/context.ts takes its place.
    filter: /^cls-hooked(\/context)?$/,
    contents: "module.exports = {};",
  },
];

const withoutWhatIsNeverCalled: Plugin = {
  name: "without-what-is-never-called",
  setup({ onResolve, onLoad }) {
    for (const [index, { filter, contents }] of NEVER_CALLED.entries()) {
      const namespace = `never-called-${index}`;
      onResolve({ filter }, ({ path, kind }) =>
        kind === "dynamic-import" ? undefined : { path, namespace },
      );
      onLoad({ filter: /./, namespace }, () => ({ contents }));
    }
  },
};

/**
 * EKS' client describes each operation as `{ [_ht]: … }`, where `_ht` is the constant "http". For esbuild a key that is a variable
 * may do something when it is read, and the operation stays; with the constant in its place it goes unless it is used.
 */
const unusedOperations: Plugin = {
  name: "unused-operations",
  setup: ({ onLoad }) =>
    onLoad({ filter: /client-[\w-]+[\\/]dist-es[\\/]schemas[\\/]schemas_\d+\.js$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const constants = new Map(
        [...source.matchAll(/^const (_\w+) = ("[^"]*");$/gm)].map(([, name, text]) => [name, text]),
      );
      return {
        contents: source.replaceAll(/\[(_\w+)\]:/g, (key, name) =>
          constants.has(name) ? `[${constants.get(name)}]:` : key,
        ),
      };
    }),
};

/** What is left out of every bundle. */
export const LEAVE_OUT: readonly Plugin[] = [withoutWhatIsNeverCalled, fromRuntime, unusedOperations];
