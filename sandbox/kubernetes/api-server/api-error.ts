/** An answer of the API server that is no success, with the `Status` object's fields. */
export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: number,
    reason: string,
    message: string,
    {
      details = {},
      headers = {},
    }: { details?: Record<string, unknown>; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.reason = reason;
    this.details = details;
    this.headers = headers;
  }
}

export const notFound = (resource: string, name: string): ApiError =>
  new ApiError(404, "NotFound", `${resource} "${name}" not found`, { details: { name, kind: resource } });

export const conflict = (resource: string, name: string, why: string): ApiError =>
  new ApiError(409, "Conflict", `Operation cannot be fulfilled on ${resource} "${name}": ${why}`, {
    details: { name, kind: resource },
  });

export const badRequest = (message: string): ApiError => new ApiError(400, "BadRequest", message);

/** The error as the `Status` object the API server answers. */
export const statusOf = ({ code, reason, message, details }: ApiError): object => ({
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: "Failure",
  message,
  reason,
  details,
  code,
});
