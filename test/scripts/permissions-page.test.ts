import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { permissionsPage } from "../../scripts/permissions-page.ts";

test("docs/permissions.md is what scripts/permissions.ts makes of it (npm run permissions)", () => {
  const file = join(import.meta.dirname, "..", "..", "docs", "permissions.md");
  expect(readFileSync(file, "utf8")).toBe(permissionsPage());
});
