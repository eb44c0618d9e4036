// The HTTP status by which the Docker Engine says that something is so already, or is not there.

/** 304: it is in that state already. 404: no such thing. 409: in conflict, as a kill of what does not run. */
export function isEngineStatus(thrown: unknown, ...statuses: readonly number[]): boolean {
  const status = thrown instanceof Error && 'statusCode' in thrown ? thrown.statusCode : undefined;
  return typeof status === 'number' && statuses.includes(status);
}
