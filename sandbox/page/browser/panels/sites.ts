import type { SiteStateName, SiteView } from "../../state/state.ts";
import type { Context } from "../context.ts";
import { chosen } from "../parts/button.ts";
import { h, type View } from "../parts/dom.ts";
import { mark, type Tone } from "../parts/mark.ts";
import { chart, steps } from "../parts/minute-chart.ts";
import { clockTime, span } from "../parts/words.ts";
import { onCallButtons } from "./on-call.ts";

const TONES: Readonly<Record<SiteStateName, Tone>> = {
  UP: "good",
  DEGRADED: "warn",
  DOWN: "bad",
  UNKNOWN: "none",
  "NOT CHECKED": "none",
};

/** Checks in the strip. */
const SHOWN = 30;
const DAY = 86_400_000;

export function sitesSection(context: Context, sites: readonly SiteView[]): View {
  const isOurs = sites.some(({ behaviours }) => behaviours);
  return h(
    "section",
    { key: "sites", "aria-labelledby": "sites" },
    h("h2", { id: "sites" }, "Sites"),
    h(
      "table",
      { class: "sites" },
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", {}, "Site"),
          h("th", {}, "State"),
          h("th", { class: "wide" }, "Last checks"),
          h("th", { class: "wide" }, "Response"),
          h("th", {}, "Result"),
          isOurs && h("th", {}, "Behaviour"),
        ),
      ),
      h(
        "tbody",
        {},
        sites.map((site) => siteRow(context, site)),
      ),
    ),
  );
}

function siteRow(context: Context, site: SiteView): View {
  const { name, state, since, recent, findings, durationMs, durations } = site;
  const slowest = Math.max(1, ...durations.map((value) => value ?? 0));
  return h(
    "tr",
    { key: name, "data-site": name, "data-state": state },
    h("th", { scope: "row", class: "id" }, name),
    h(
      "td",
      {},
      mark(TONES[state], state.toLowerCase()),
      since !== undefined && h("span", { class: "muted since" }, `since ${clockTime(since)}`),
      onCallButtons(context, `site/${name}`),
    ),
    h("td", { class: "wide" }, checks(recent)),
    h(
      "td",
      { class: "wide" },
      h("span", { class: "number" }, durationMs === undefined ? "–" : span(durationMs)),
      durations.length > 0 &&
        chart(durations.length, `Response times of the last hour`, steps(durations, slowest, "line")),
    ),
    h("td", { class: "found" }, findings[0] ?? certificateOf(site, context.state.clock.now)),
    site.behaviours && h("td", { class: "breaker" }, breaker(context, site)),
  );
}

function certificateOf({ certificateValidTo, state }: SiteView, now: number): View {
  const text =
    certificateValidTo === undefined
      ? state === "UP"
        ? "as expected"
        : ""
      : `as expected; certificate valid for ${Math.floor((certificateValidTo - now) / DAY)} days`;
  return h("span", { class: "muted" }, text);
}

/** One mark a check: low when it was well, half for degraded, full height for down. */
function checks(recent: string): View {
  const letters = [...recent.slice(-SHOWN)];
  const counts = { U: 0, G: 0, D: 0 };
  const names = { U: "up", G: "degraded", D: "down" };
  const isLetter = (letter: string): letter is keyof typeof counts => letter in counts;
  const offset = SHOWN - letters.length;
  const shapes = letters.filter(isLetter).map((letter, index) => {
    counts[letter] += 1;
    const height = { U: 4, G: 10, D: 16 }[letter];
    return h("rect", {
      class: `check ${names[letter]}`,
      x: (offset + index) * 4,
      y: 16 - height,
      width: 3,
      height,
    });
  });
  const label = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([letter, count]) => `${count} ${isLetter(letter) ? names[letter] : ""}`)
    .join(", ");
  return h(
    "svg",
    {
      class: "checks",
      viewBox: `0 0 ${SHOWN * 4} 16`,
      role: "img",
      "aria-label": `Last checks: ${label || "none"}`,
    },
    shapes,
  );
}

function breaker(context: Context, { name, behaviours = [], behaves }: SiteView): View[] {
  const field = `behaviour-${name}`;
  return [
    h("label", { class: "hidden", for: field }, `How ${name} behaves`),
    h(
      "select",
      { id: field },
      behaviours.map(({ id, label }) => h("option", { value: id, selected: id === behaves }, label)),
    ),
    h(
      "button",
      {
        type: "button",
        "data-action": "break-site",
        on: { click: () => context.act("break-site", { site: name, behaviour: chosen(field) }) },
      },
      "Set",
    ),
  ];
}
