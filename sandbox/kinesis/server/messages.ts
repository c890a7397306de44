/** What the thread is given. */
export interface KinesisWorkerData {
  readonly shared: SharedArrayBuffer;
  /** The path of kinesis-local's program. */
  readonly mainFile: string;
}

/** Said for each port it listens on: the one it asked for and the one it got. */
export interface Listening {
  readonly asked: number;
  readonly port: number;
}
