import * as z from "zod/mini";
import { parse } from "../wire/parse.ts";

const TimeToLive = z.looseObject({
  TimeToLiveSpecification: z.object({ AttributeName: z.string(), Enabled: z.boolean() }),
});

const Recovery = z.looseObject({
  PointInTimeRecoverySpecification: z.looseObject({ PointInTimeRecoveryEnabled: z.boolean() }),
});

/** Operations on a table's settings `dynalite` has none for. They are answered as set, with no other effect. */
export type TableSettings = Readonly<Record<string, (table: string, input: unknown) => object>>;

export function createTableSettings(): TableSettings {
  const timeToLive = new Map<string, { AttributeName: string; Enabled: boolean }>();
  const recovery = new Map<string, boolean>();
  const backups = (table: string) => ({
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: "ENABLED",
      PointInTimeRecoveryDescription: {
        PointInTimeRecoveryStatus: recovery.get(table) ? "ENABLED" : "DISABLED",
      },
    },
  });
  return {
    UpdateTimeToLive: (table, input) => {
      const { TimeToLiveSpecification } = parse(TimeToLive, input, "ValidationException");
      timeToLive.set(table, TimeToLiveSpecification);
      return { TimeToLiveSpecification };
    },
    DescribeTimeToLive: (table) => {
      const set = timeToLive.get(table);
      if (!set?.Enabled) return { TimeToLiveDescription: { TimeToLiveStatus: "DISABLED" } };
      const { AttributeName } = set;
      return { TimeToLiveDescription: { TimeToLiveStatus: "ENABLED", AttributeName } };
    },
    UpdateContinuousBackups: (table, input) => {
      const { PointInTimeRecoverySpecification } = parse(Recovery, input, "ValidationException");
      recovery.set(table, PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled);
      return backups(table);
    },
    DescribeContinuousBackups: backups,
  };
}
