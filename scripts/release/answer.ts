/** What a function of a stage answered, when it was asked what it would do. */
export interface Asked {
  readonly name: string;
  readonly region: string;
  readonly event: object;
  readonly failed: boolean;
  readonly answer: unknown;
}

/** @param home the stage's region, which is not named */
export function answerText({ name, region, event, failed, answer }: Asked, home: string): string {
  const where = region === home ? name : `${name} in ${region}`;
  const text = typeof answer === "string" ? answer : JSON.stringify(answer, undefined, 2);
  return `${failed ? "FAILED" : "ok"}  ${where}  ${JSON.stringify(event)}\n${text.replace(/^/gm, "    ")}\n`;
}

/** The last line, for a person. */
export function answeredText(functions: readonly Asked[], stage: string): string {
  const answered = functions.filter(({ failed }) => !failed);
  return `${answered.length} of ${functions.length} functions of stage ${stage} answered.`;
}
