// The HTTP status by which the Docker Engine says that something is so already, or is not there.
import { httpStatusOf } from '../core/http-status.ts';

/** 304: it is in that state already. 404: no such thing. 409: in conflict, as a kill of what does not run. */
export function isEngineStatus(thrown: unknown, ...statuses: readonly number[]): boolean {
  const status = httpStatusOf(thrown);
  return status !== undefined && statuses.includes(status);
}
