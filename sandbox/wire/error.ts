/** An error as a service of AWS answers it: the client sees `code` as the error's name. */
export class AwsError extends Error {
  /** The error's shape in AWS's model, for example `ResourceNotFoundException`. */
  readonly code: string;
  readonly status: number;
  /** The older Query code where it differs from the shape's name, for example `InvalidParameterValue`. */
  readonly queryCode: string;

  constructor(code: string, message: string, options: { status?: number; queryCode?: string } = {}) {
    super(message);
    this.name = "AwsError";
    this.code = code;
    this.status = options.status ?? 400;
    this.queryCode = options.queryCode ?? code;
  }
}
