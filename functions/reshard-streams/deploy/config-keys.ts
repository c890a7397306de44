import type { KeyTable } from "../../../shared/automation/key-table.ts";

/** What each key of the section means. The README's tables and the JSON Schema are made from it. */
export const configKeys: readonly KeyTable[] = [
  {
    marker: "policy",
    at: "*",
    keys: {
      max: { default: "required", meaning: "Most open shards it is ever given." },
      ignore: {
        meaning: "This stream, or these streams, are left alone, though a later pattern would match them.",
      },
      min: { meaning: "Fewest open shards it is left with." },
      mode: {
        default: "the file's `mode`",
        meaning:
          "`act`; `ask`: a person approves each change first ([how](../../docs/approvals.md)); `observe`: decide and notify, never change the stream. Or one for each direction: `{ scaleOut: act, scaleIn: ask }`.",
      },
      askFor: { meaning: "With `ask`: how long a person has to answer. After that nothing is changed." },
      prefer: {
        meaning:
          "`cost`, `balanced` or `headroom`: the defaults of the keys below that say so. [What each costs and refuses](../../docs/decisions/resharding.md).",
      },
      targetUtilisation: {
        default: "0.75",
        meaning:
          "A change leads to the smallest count that the peak uses at most this share of. At most 0.9 x `scaleOutAt`, so that no scale-in lands where it would scale out again. (cost 0.8, headroom 0.6)",
      },
      scaleOutAt: {
        default: "0.85",
        meaning:
          "It scales out when the widest shard is used, or soon will be, above this share. The alarm has the same threshold. (cost 0.9, headroom 0.75)",
      },
      windows: {
        meaning:
          '`{ during, min?, max? }`, for example `{ during: "Mon-Fri 08:00-18:00 Europe/Berlin", min: 8 }`; the first that is open goes before `min` and `max`.',
      },
      scaleOutMinutes: { meaning: "Scale-out looks at the busiest of these last minutes." },
      lookBackMinutes: {
        default: "60",
        meaning: "Scale-in looks at the busiest of these last minutes. At most 60. (cost 30)",
      },
      scaleInCooldownMinutes: {
        default: "30",
        meaning:
          "No scale-in for so long after a scale-out, and no UpdateShardCount to scale in for so long after a scale-in. (cost 20, headroom 60)",
      },
      scanIntervalMinutes: {
        default: "10",
        meaning:
          "The stream is observed at least this often, also while no alarm fires, and in time for a rise that `forecast` predicts. (5 where no alarm could: by a pattern, with `reads`)",
      },
      maxIteratorAgeSeconds: {
        meaning:
          "No scale-in while consumers are further behind. Fewer shards also mean fewer Lambda consumers.",
      },
      scaleOutOnAge: {
        meaning:
          "Scale out by half while consumers are further behind than `maxIteratorAgeSeconds`: more shards are more Lambda consumers. Where that does not help, you are notified.",
      },
      reserveForScaleOut: {
        default: "4",
        meaning: "Of the 10 daily calls of UpdateShardCount, so many are never spent on scale-in. (cost 3)",
      },
      refusalPrice: {
        default: "200",
        meaning:
          "What refusing one shard's worth of records for a minute costs, in shard-minutes. A scale-in whose return refused more than it saved is not repeated for hours. (cost 50, headroom 1000)",
      },
      keptShareOfPeak: {
        default: "0.1",
        meaning:
          "It is never scaled in below this share of the shards that the peak of the last days needs: from a tenth a rise takes four doublings, from a quarter two. (cost 0, headroom 0.25)",
      },
      forecast: {
        meaning:
          "Whether the demand of a day (`daily`) or a week (`weekly`) ago says when to scale out, before it is measured; `off`: never. It counts while most of the rises that it predicted came. A week's needs eight days of history.",
      },
      streamMode: {
        meaning:
          "Where another capacity mode would be a fifth cheaper over the last week: `propose` says so, with the price of each; `switch` changes it (`mode: act`), at most twice in 24 hours, as AWS allows.",
      },
      distribution: {
        meaning:
          "What becomes of a hot key on an on-demand stream. `key`: you are notified. `auto`: AWS spreads records over the shards whatever their partition key; only for consumers that need no order by key.",
      },
      reads: { meaning: "Count reads (2 MiB/s a shard) and refused reads as well as writes." },
      shardMetrics: {
        meaning:
          "Read each shard's own metrics, to find a hot shard and a hot key. Needs enhanced monitoring on the stream, which AWS bills.",
      },
      "shardCapacity.bytesPerSecond": {
        meaning: "What a shard is taken to take. Lower it for slow consumers.",
      },
      "shardCapacity.recordsPerSecond": { meaning: "The same, in records." },
      "shardCapacity.readBytesPerSecond": { meaning: "The same, for reads." },
      create: { meaning: "`{ shards: n }`: the stack creates this stream, and removes it when it goes." },
    },
  },
];
