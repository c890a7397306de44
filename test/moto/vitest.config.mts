import { defineConfig } from "vitest/config";

/** `npm run test:moto`: apart from `npm test`, which needs nothing but Node. */
export default defineConfig({
  test: {
    environment: "node",
    include: ["test/moto/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 300_000,
    reporters: ["verbose"],
  },
});
