// Node runs TypeScript as it is, but not below node_modules: installed as a package, Reflex strips the types itself.
const { readFileSync } = require("node:fs");
const { registerHooks, stripTypeScriptTypes } = require("node:module");
const { fileURLToPath } = require("node:url");

registerHooks({
  load(url, context, nextLoad) {
    if (!/^file:.*\/node_modules\/.*\.ts$/.test(url)) return nextLoad(url, context);
    const source = stripTypeScriptTypes(readFileSync(fileURLToPath(url), "utf8"));
    return { format: "module", source, shortCircuit: true };
  },
});
