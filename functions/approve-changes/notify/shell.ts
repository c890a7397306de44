import { createHash } from "node:crypto";
import { escapeHtml } from "../../../shared/html/escape-html.ts";

/** Text colours have a contrast of 4.5 : 1 and more on both backgrounds, and colour alone distinguishes no button. */
const STYLE = `
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--text:#1a1f27;--soft:#525c6a;--edge:#d5dae1;--approve:#1f6f4a;--reject:#a3241c;--on:#fff;--focus:#1f4fb0}
@media(prefers-color-scheme:dark){:root{--bg:#0f1318;--card:#171c23;--text:#e6eaef;--soft:#a3adba;--edge:#3a4450;--approve:#7fd6ab;--reject:#f79a9a;--on:#101418;--focus:#8fb4ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:42rem;margin:0 auto;padding:1.5rem 1rem 3rem}
h1{font-size:1.5rem;line-height:1.3;margin:0 0 .25rem;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:1.5rem 0 .5rem}
p{margin:.5rem 0}
.soft{color:var(--soft)}
.card{background:var(--card);border:1px solid var(--edge);border-radius:.6rem;padding:1rem;margin:1rem 0}
.card h2:first-child{margin-top:0}
ul{margin:.25rem 0;padding-left:1.1rem;overflow-wrap:anywhere}
table{width:100%;border-collapse:collapse}
th,td{text-align:left;vertical-align:top;padding:.35rem .75rem .35rem 0;border-bottom:1px solid var(--edge);overflow-wrap:anywhere}
th{font-weight:400;color:var(--soft)}
label{display:block;font-weight:600;margin-bottom:.25rem}
input{width:100%;font:inherit;color:inherit;background:var(--bg);border:1px solid var(--soft);border-radius:.4rem;padding:.6rem .75rem}
.buttons{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1rem}
button{font:inherit;font-weight:600;flex:1 1 10rem;min-height:2.9rem;border-radius:.4rem;border:2px solid transparent;padding:.5rem 1rem;cursor:pointer}
.approve{background:var(--approve);color:var(--on)}
.reject{background:transparent;color:var(--reject);border-color:var(--reject)}
.notice{border-left:.4rem solid var(--reject)}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
`.replace(/\n/g, "");

const styleHash = createHash("sha256").update(STYLE).digest("base64");

/** Nothing is loaded from anywhere, nothing frames it, and the signature in its address goes to no other site. */
export const HEADERS: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-robots-tag": "noindex",
};

/** @param body as HTML, escaped where it has to be */
export const shell = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escapeHtml(title.replaceAll("->", "→"))} · Reflex</title><style>${STYLE}</style></head><body><main>${body}</main></body></html>`;
