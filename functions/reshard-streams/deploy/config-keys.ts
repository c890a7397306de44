import type { KeyTable } from "../../../shared/automation/key-table.ts";

/** What each key of the section means. The README's tables and the JSON Schema are made from it. */
export const configKeys: readonly KeyTable[] = [
  {
    marker: "policy",
    at: "*",
    keys: {
      max: { default: "required", meaning: "The most open shards that Reflex gives the stream." },
      ignore: {
        meaning:
          "`true` leaves the stream, or the streams of this pattern, alone even if a later pattern matches.",
      },
      min: {
        default: "1",
        meaning:
          "The fewest open shards that Reflex leaves the stream. (headroom 4, as many as a stream on demand begins with, or fewer where `max` or `create` is less)",
      },
      mode: {
        default: "the file's `mode`",
        meaning:
          "`act` changes the stream. `ask` needs a person's approval for each change ([how](../../docs/approvals.md)). `observe` decides and notifies and changes nothing. Or one for each direction: `{ scaleOut: act, scaleIn: ask }`.",
      },
      askFor: {
        meaning: "With `ask`: how long a person has to answer. Without an answer nothing is changed.",
      },
      prefer: {
        meaning:
          "`cost`, `balanced` or `headroom`. It sets the defaults of the keys below that name them. [What each costs and refuses](../../docs/decisions/resharding.md).",
      },
      targetUtilisation: {
        default: "0.8",
        meaning:
          "A change chooses the smallest shard count of which the peak uses at most this share. At most 0.9 x `scaleOutAt`, so that a scale-in does not lead to a scale-out. (cost 0.85, headroom 0.6)",
      },
      scaleOutAt: {
        default: "0.9",
        meaning:
          "The stream scales out when the use of the widest shard is above this share or soon will be. The alarm has the same threshold. (cost 0.95, headroom 0.75)",
      },
      windows: {
        meaning:
          '`{ during, min?, max? }`, for example `{ during: "Mon-Fri 08:00-18:00 Europe/Berlin", min: 8 }`; the first open window replaces `min` and `max`. No scale-in goes below the `min` of one that opens within an hour.',
      },
      scaleOutMinutes: { meaning: "Scale-out decides by the busiest of the last so many minutes." },
      lookBackMinutes: {
        default: "60",
        meaning: "Scale-in decides by the busiest of the last so many minutes. At most 60. (cost 30)",
      },
      scaleInCooldownMinutes: {
        default: "30",
        meaning:
          "How long after a scale-out no scale-in is made. After a scale-in, no UpdateShardCount scales in for the same time. (cost 20, headroom 60)",
      },
      scanIntervalMinutes: {
        default: "10",
        meaning:
          "The longest time between two observations, even if no alarm fires. A rise that `forecast` predicts, and a window that opens or closes, are observed in time. (5 where there is no alarm: a stream of a pattern, or with `reads`)",
      },
      maxIteratorAgeSeconds: {
        meaning:
          "While consumers are further behind than this, the stream does not scale in: fewer shards mean fewer Lambda consumers.",
      },
      scaleOutOnAge: {
        meaning:
          "`true` scales out by half while consumers are further behind than `maxIteratorAgeSeconds`: more shards mean more Lambda consumers. You are notified if it does not help.",
      },
      reserveForScaleOut: {
        default: "4",
        meaning: "How many of the 10 daily calls of UpdateShardCount are kept for scale-out. (cost 3)",
      },
      refusalPrice: {
        default: "125",
        meaning:
          "What it costs to refuse one shard's worth of records for a minute, in shard-minutes. If scaling in led to refused records that cost more than it saved, it is not tried again for hours. If jumps of the last four days cost more than shards kept for them, they are kept. (cost 20, headroom 1000)",
      },
      keptShareOfPeak: {
        default: "0.1",
        meaning:
          "The stream keeps at least this share of the shards that the largest jump of the last eight days needs: a quarter of an hour with more than twice the demand of the hour before it. From a tenth, the next jump like it takes four doublings; with 1 it is refused nothing. (cost 0, headroom 1)",
      },
      forecast: {
        meaning:
          "Scales out before a rise that the demand of a day (`daily`) or a week (`weekly`) ago predicts. `off` never does. The forecast counts while most of the rises that it predicted came. `weekly` needs eight days of history.",
      },
      streamMode: {
        meaning:
          "What happens when another capacity mode would have been a fifth cheaper over the last week. `propose` notifies you with both prices. `switch` changes the mode (with `mode: act`), at most twice in 24 hours, which is AWS's limit.",
      },
      distribution: {
        meaning:
          "What happens to a hot key on an on-demand stream. `key` notifies you. `auto` has AWS spread records over the shards whatever their partition key. Use it only if no consumer needs the order of a key.",
      },
      reads: { meaning: "`true` counts reads (2 MiB/s a shard) and refused reads as well as writes." },
      shardMetrics: {
        meaning:
          "`true` reads the metrics of each shard to find a hot shard and a hot key. The stream needs enhanced monitoring, which AWS bills.",
      },
      "shardCapacity.bytesPerSecond": {
        meaning: "How many bytes a second a shard is assumed to take. Lower it for slow consumers.",
      },
      "shardCapacity.recordsPerSecond": { meaning: "The same in records." },
      "shardCapacity.readBytesPerSecond": { meaning: "The same for reads." },
      create: {
        meaning: "`{ shards: n }`: the stack creates this stream, and deletes it when you remove the stack.",
      },
    },
  },
];
