const { mkdirSync, mkdtempSync, rmSync, writeFileSync } = require("node:fs");
const { dirname, join } = require("node:path");

/** Below the service, where what is not in a bundle is found in node_modules. */
const LOCAL = ".bundles";

/** Makes each function one file (scripts/bundle/), for a package and for `invoke local`. */
module.exports = class BundleFunctions {
  constructor(serverless, options) {
    const root = serverless.serviceDir;

    const bundles = async (names) => {
      const { bundleFunction } = require("../bundle/bundle-function.ts");
      const { packagedConfig } = require("../bundle/packaged-config.ts");
      const define = await packagedConfig(root, serverless.getProvider("aws").getStage());
      return Promise.all(
        names.map(async (name) => {
          const { handler } = serverless.service.getFunction(name);
          return { name, bundle: await bundleFunction(root, handler, define) };
        }),
      );
    };

    const pack = async (names) => {
      const { zipOf } = require("../bundle/bundle-function.ts");
      mkdirSync(join(root, ".serverless"), { recursive: true });
      for (const { name, bundle } of await bundles(names)) {
        const artifact = join(".serverless", `${name}.zip`);
        writeFileSync(join(root, artifact), zipOf(bundle));
        const declared = serverless.service.getFunction(name);
        declared.package = { ...declared.package, artifact };
      }
    };

    /** Serverless calls the handler below its folder of the service, which is the bundle's from here on. */
    const bundleHere = async (name) => {
      const [{ bundle }] = await bundles([name]);
      mkdirSync(join(root, LOCAL), { recursive: true });
      const dir = mkdtempSync(join(root, LOCAL, "invoke-local-"));
      process.once("exit", () => rmSync(dir, { recursive: true, force: true }));
      mkdirSync(dirname(join(dir, bundle.path)), { recursive: true });
      writeFileSync(join(dir, bundle.path), bundle.code);
      serverless.config.servicePath = dir;
    };

    this.hooks = {
      "before:package:createDeploymentArtifacts": () => pack(Object.keys(serverless.service.functions)),
      "before:deploy:function:packageFunction": () => pack([options.function]),
      "before:invoke:local:invoke": () => bundleHere(options.function),
    };
  }
};
