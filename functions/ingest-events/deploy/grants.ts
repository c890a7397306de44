import { type IngestConfig, type LandingConfig, tablesOf } from "../config/schema.ts";

/**
 * The streams the role reads, and of those with enhanced fan-out their consumers.
 * @param toArn of a stream of this account
 */
export function streamsOf<Arn>({ streams }: IngestConfig, toArn: (name: string) => Arn) {
  const named = Object.entries(streams);
  return {
    all: named.map(([name, { mapping }]) => mapping.streamArn ?? toArn(name)),
    fanOut: named.flatMap(([name, { mapping }]) => {
      if (!mapping.enhancedFanOut) return [];
      return [
        mapping.streamArn === undefined ? toArn(`${name}/consumer/*`) : `${mapping.streamArn}/consumer/*`,
      ];
    }),
  };
}

/** The roles that tables of other accounts are written by, each once. */
export function rolesOf({ tables }: IngestConfig): readonly string[] {
  const roles = Object.values(tables).map(({ roleArn }) => roleArn);
  return [...new Set(roles.filter((role) => role !== undefined))];
}

/** The names of the tables that landings of this kind write with the function's own role, each once. */
export function ownTablesOf(
  config: IngestConfig,
  isMeant?: (landing: LandingConfig) => boolean,
): readonly string[] {
  return tablesOf(config, isMeant).filter((name) => config.tables[name]?.roleArn === undefined);
}

/** The keys of yours that streams and tables are encrypted with, each once. */
export function keysOf({ streams, tables }: IngestConfig): readonly string[] {
  const ofStreams = Object.values(streams).map(({ mapping }) => mapping.kmsKeyArn);
  const ofTables = Object.values(tables).map(({ kmsKeyArn }) => kmsKeyArn);
  return [...new Set([...ofStreams, ...ofTables].filter((key) => key !== undefined))];
}
