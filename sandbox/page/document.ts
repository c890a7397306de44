import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

/** The page: one document that loads nothing, and the policy that holds it to that. */
export interface PageDocument {
  readonly html: string;
  /** For `content-security-policy`: its own script and style, its own server, nothing else, in no frame. */
  readonly policy: string;
}

const file = (name: string): string => fileURLToPath(new URL(`browser/${name}`, import.meta.url));

/** Puts style and script into the page. The script is bundled from browser/, which takes some tens of milliseconds. */
export function buildDocument(): PageDocument {
  const built = buildSync({
    entryPoints: [file("main.ts")],
    bundle: true,
    write: false,
    format: "iife",
    target: "es2022",
    minify: true,
    logLevel: "silent",
  });
  // In a script element, its end tag would end it wherever it stands.
  const script = (built.outputFiles[0]?.text ?? "").replaceAll("</script", "<\\/script");
  const style = readFileSync(file("style.css"), "utf8");
  const html = readFileSync(file("page.html"), "utf8")
    .replace("/* style */", () => style)
    .replace("/* script */", () => script);
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  return { html, policy };
}

const hashOf = (text: string): string => `sha256-${createHash("sha256").update(text).digest("base64")}`;
