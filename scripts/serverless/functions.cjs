const { configOf } = require("./config-of-stage.cjs");

/** The functions of every automation: what its function.yml says, and the events that follow from the config. */
module.exports = configOf((config, stage, root) => {
  const { functionFiles } = require("../stack/function-files.ts");
  const files = functionFiles(root);
  const declared = config.automations.flatMap((automation) => {
    const events = automation.events(stage);
    return automation.functions.map((name) => {
      const file = files.get(name);
      if (!file) throw new Error(`functions/: no function.yml declares ${name}, which its descriptor names.`);
      return [name, { ...file, events: [...file.events, ...(events[name] ?? [])] }];
    });
  });
  return Object.fromEntries(declared);
});
