import { existsSync } from "node:fs";

/** Where distributions put Chromium. */
const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
];

/** The system's Chromium; undefined where none is installed: the browser tests are then skipped, and say so. */
export const CHROMIUM = [process.env.CHROMIUM ?? "", ...PLACES].find(
  (place) => place !== "" && existsSync(place),
);

/** As root Chromium refuses to run in its sandbox; the rest keeps it from calling home. */
export const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
