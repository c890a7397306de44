import type { AlarmView, StreamView } from "../../state/state.ts";
import type { Context } from "../context.ts";
import { chosen } from "../parts/button.ts";
import { decisionLine } from "../parts/decision.ts";
import { type Child, h, type View } from "../parts/dom.ts";
import { mark } from "../parts/mark.ts";
import { area, bars, chart, cursorLine, HEIGHT, level, steps } from "../parts/minute-chart.ts";
import { bytes, counted, figure, minuteOf } from "../parts/words.ts";
import { alarmCondition, alarmMark, deliverTwice } from "./alarms.ts";
import { onCallButtons } from "./on-call.ts";

const MINUTE = 60_000;
/** Records of a burst, and over how many minutes they are sent. */
const BURSTS = [
  { records: 30, minutes: 2 },
  { records: 60, minutes: 3 },
  { records: 1000, minutes: 5 },
];

export function streamsSection(context: Context, streams: readonly StreamView[]): View {
  return h(
    "section",
    { key: "streams", "aria-labelledby": "streams" },
    h("h2", { id: "streams" }, "Streams"),
    streams.map((stream) => streamCard(context, stream)),
  );
}

function streamCard(context: Context, stream: StreamView): View {
  const { name, status, mode, openShards, alarms, decision } = stream;
  return h(
    "article",
    { key: name, class: "card", "data-stream": name, "aria-label": `Stream ${name}` },
    h(
      "div",
      { class: "title" },
      h("h3", { class: "id" }, name),
      h(
        "p",
        { class: "big" },
        h("b", { "data-open-shards": openShards }, figure(openShards)),
        openShards === 1 ? " open shard" : " open shards",
      ),
      mark(status === "ACTIVE" ? "good" : "busy", status),
      mode === "ON_DEMAND" && h("span", { class: "muted" }, "on demand"),
      controls(context, stream),
    ),
    lanes(context, stream),
    decisionLine(decision),
    alarms.length > 1 &&
      h(
        "p",
        { class: "muted" },
        alarms.slice(1).map((alarm) => h("span", { key: alarm.name }, `${alarm.name} `, alarmMark(alarm))),
      ),
  );
}

function controls(context: Context, { name, alarms }: StreamView): View {
  const field = `burst-${name}`;
  const [alarm] = alarms;
  return h(
    "div",
    { class: "buttons" },
    context.can("send-burst") && [
      h("label", { class: "hidden", for: field }, `How many records to send to ${name}`),
      h(
        "select",
        { id: field },
        BURSTS.map(({ records, minutes }, index) =>
          h("option", { value: index }, `${figure(records)} in ${minutes} min`),
        ),
      ),
      h(
        "button",
        {
          type: "button",
          class: "primary",
          "data-action": "send-burst",
          on: {
            click: () =>
              context.act("send-burst", { stream: name, ...(BURSTS[Number(chosen(field))] ?? BURSTS[0]) }),
          },
        },
        "Send a burst",
      ),
    ],
    alarm?.invokesFunction &&
      context.can("deliver-alarm-twice") &&
      deliverTwice(context, alarm, "Deliver alarm twice"),
    onCallButtons(context, `stream/${name}`),
  );
}

/** Traffic, open shards and the alarm over the same hour, one under the other. */
function lanes(context: Context, stream: StreamView): View {
  const { name, records, alarms } = stream;
  const count = records.length;
  const { cursor } = context.choices;
  const index = cursor?.stream === name ? cursor.index : undefined;
  const at = index ?? count - 1;
  const [alarm] = alarms;
  const read = (minute: number) => context.choose({ cursor: { stream: name, index: minute } });
  return h(
    "div",
    {
      class: "lanes",
      tabindex: 0,
      role: "group",
      "aria-label": `The last hour of ${name}. Use the left and right arrow keys to read it minute by minute.`,
      on: {
        pointermove: (event) => event instanceof PointerEvent && readAt(event, count, read),
        pointerleave: () => context.choose({ cursor: undefined }),
        blur: () => context.choose({ cursor: undefined }),
        keydown: (event) => {
          if (!(event instanceof KeyboardEvent)) return;
          const step = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
          if (step === 0) return;
          event.preventDefault();
          read(Math.min(count - 1, Math.max(0, at + step)));
        },
      },
    },
    recordsLane(stream, index),
    openShardsLane(stream, index),
    alarm && alarmLane(context, alarm, index, count),
    timeAxis(context, index),
  );
}

/** @param index the minute that is read; the last one where it is undefined */
function recordsLane({ records, refused, bytes: taken }: StreamView, index: number | undefined): View {
  const count = records.length;
  const at = index ?? count - 1;
  const most = Math.max(1, ...records.map((value, minute) => value + (refused[minute] ?? 0)));
  return lane(
    "Records a minute",
    chart(
      count,
      `Records a minute: ${counted(records.at(-1) ?? 0, "record")} in this one, at most ${figure(most)}`,
      bars(records, most, "bar"),
      bars(refused, most, "bar refused", records),
      cursorLine(index),
    ),
    [
      h("b", {}, figure(records[at] ?? 0)),
      (refused[at] ?? 0) > 0
        ? h("span", { class: "bad" }, ` ${figure(refused[at] ?? 0)} throttled`)
        : h("span", { class: "muted" }, ` ${bytes(taken[at] ?? 0)}`),
    ],
  );
}

/** @param index the minute that is read; the last one where it is undefined */
function openShardsLane(
  { records, openShards, openShardsByMinute }: StreamView,
  index: number | undefined,
): View {
  const count = records.length;
  const most = Math.max(2, ...openShardsByMinute.map((value) => value ?? 0)) + 0.5;
  const shards = openShardsByMinute[index ?? count - 1] ?? undefined;
  return lane(
    "Open shards",
    chart(
      count,
      `Open shards: ${openShards} now`,
      area(openShardsByMinute, most, "area"),
      steps(openShardsByMinute, most, "line"),
      cursorLine(index),
    ),
    h("b", {}, shards === undefined ? "unknown" : figure(shards)),
  );
}

function alarmLane(context: Context, alarm: AlarmView, index: number | undefined, count: number): Child {
  const { threshold, values } = alarm;
  const most = Math.max(threshold * 1.25, ...values.map((value) => value ?? 0));
  const value = values[index ?? count - 1] ?? values[count - 2];
  return lane(
    h("span", { title: `${alarm.description}\n\n${alarm.reason}` }, "Alarm ", alarmMark(alarm)),
    chart(
      count,
      `The alarm ${alarm.name} is ${alarm.state}: ${alarm.reason}`,
      stateBand(context, alarm, count),
      level(threshold, most, count, "threshold"),
      steps(values, most, "line"),
      cursorLine(index),
    ),
    [
      h("b", {}, typeof value === "number" ? figure(value) : "–"),
      h("span", { class: "muted" }, ` ${alarmCondition(alarm)}`),
    ],
  );
}

/** ALARM fills the height behind the line; without data the band is dotted; OK is empty. */
function stateBand({ state: { minutes, clock } }: Context, { states }: AlarmView, count: number): View[] {
  const x = (at: number) => Math.min(count, Math.max(0, (at - minutes.from) / MINUTE));
  return states.flatMap(({ at, state }, index) => {
    if (state === "OK") return [];
    const [from, to] = [x(at), x(states[index + 1]?.at ?? clock.now)];
    return state === "ALARM"
      ? [h("path", { class: "band", d: `M${from} 0H${to}V${HEIGHT}H${from}Z` })]
      : [h("path", { class: "no-data", d: `M${from} ${HEIGHT - 1}H${to}` })];
  });
}

function lane(label: Child, drawing: View, value: Child): View {
  return h(
    "div",
    { class: "lane" },
    h("span", { class: "label" }, label),
    drawing,
    h("span", { class: "value" }, value),
  );
}

/** Quarters of an hour, or the minute that is read. */
function timeAxis({ state: { minutes } }: Context, index: number | undefined): View {
  const quarter = 15 * MINUTE;
  const first = Math.ceil(minutes.from / quarter) * quarter;
  const ticks = Array.from({ length: 4 }, (_, tick) => first + tick * quarter).filter(
    (at) => at < minutes.to,
  );
  const count = (minutes.to - minutes.from) / MINUTE;
  return h(
    "div",
    { class: "lane axis", "aria-hidden": "true" },
    h("span", { class: "label" }, index === undefined ? "UTC" : minuteOf(minutes.from + index * MINUTE)),
    h(
      "svg",
      { class: "ticks" },
      ticks.map((at) => {
        const share = (at - minutes.from) / MINUTE / count;
        return h("text", { key: String(at), x: `${share * 100}%`, y: 11 }, minuteOf(at));
      }),
    ),
    h("span", { class: "value muted" }, "last hour"),
  );
}

/** The minute under the pointer: the charts of a group begin and end at the same places. */
function readAt(event: PointerEvent, count: number, read: (minute: number) => void): void {
  const group = event.currentTarget;
  const box = group instanceof Element ? group.querySelector(".chart")?.getBoundingClientRect() : undefined;
  if (!box || box.width === 0) return;
  const minute = Math.floor(((event.clientX - box.left) / box.width) * count);
  if (minute >= 0 && minute < count) read(minute);
}
