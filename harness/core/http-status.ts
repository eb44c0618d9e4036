// Errors of the Docker Engine's client carry the HTTP status that the engine answered with.

export function httpStatusOf(thrown: unknown): number | undefined {
  const status = thrown instanceof Error && 'statusCode' in thrown ? thrown.statusCode : undefined;
  return typeof status === 'number' ? status : undefined;
}
