import { escapeHtml } from "../../../shared/html/escape-html.ts";
import type { SiteStatus } from "./document.ts";
import { share } from "./page/charts.ts";
import { STATE_WORDS } from "./page/shell.ts";

/** Dark enough for white letters (WCAG AA, 4.5 : 1). */
const COLOURS: Readonly<Record<SiteStatus["state"], string>> = {
  UP: "#1f7a53",
  DEGRADED: "#8a5a00",
  DOWN: "#b3261e",
  UNKNOWN: "#5b6675",
  PENDING: "#5b6675",
};

/** About the width of a letter at 11 px. */
const LETTER = 6.6;
const PADDING = 12;
const HEIGHT = 20;

/** The site's state and availability as a small image, for a README or an intranet. */
export function renderBadge({ name, state, availability }: SiteStatus): string {
  const word =
    `${STATE_WORDS[state].toLowerCase()} ${availability === undefined ? "" : share(availability)}`.trim();
  const left = Math.round(name.length * LETTER + PADDING);
  const right = Math.round(word.length * LETTER + PADDING);
  const label = escapeHtml(`${name}: ${word}`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="${HEIGHT}" role="img" aria-label="${label}"><title>${label}</title><rect width="${left}" height="${HEIGHT}" fill="#333"/><rect x="${left}" width="${right}" height="${HEIGHT}" fill="${COLOURS[state]}"/><g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11"><text x="${left / 2}" y="14">${escapeHtml(name)}</text><text x="${left + right / 2}" y="14">${escapeHtml(word)}</text></g></svg>
`;
}
