// What is said of a fault's parameters, checked and completed.
import { UsageError } from '../core/errors.ts';
import type { Fault, FaultParams, Parameter } from '../core/fault.ts';
import { unknownName } from '../core/suggest.ts';

/**
 * @param given as a scenario says it, or as text from a command line
 * @throws UsageError that says which parameter, and what was expected
 */
export function completeParams(fault: Pick<Fault, 'name' | 'parameters'>, given: FaultParams): FaultParams {
  const known = fault.parameters ?? {};
  for (const name of Object.keys(given)) {
    if (!(name in known)) throw unknownName(`parameter of ${fault.name}`, name, Object.keys(known));
  }
  return Object.fromEntries(
    Object.entries(known).map(([name, parameter]) => {
      const value = given[name] ?? parameter.default;
      if (value === undefined) {
        throw new UsageError(`${fault.name} needs ${name}: ${parameter.summary}`);
      }
      return [name, checked(`${name} of ${fault.name}`, parameter, value)];
    }),
  );
}

function checked(
  what: string,
  parameter: Parameter,
  given: string | number | boolean,
): string | number | boolean {
  const { values, min = -Infinity, max = Infinity } = parameter;
  const value = asMeant(parameter, given);
  if (values && !values.includes(String(value))) {
    throw new UsageError(`${what} is ${values.join(', ')}; not "${String(given)}"`);
  }
  if (isNumeric(parameter) && !(typeof value === 'number' && value >= min && value <= max)) {
    const range = Number.isFinite(min) || Number.isFinite(max) ? ` from ${min} to ${max}` : '';
    throw new UsageError(`${what} is a number${range}; not "${String(given)}"`);
  }
  if (typeof parameter.default === 'boolean' && typeof value !== 'boolean') {
    throw new UsageError(`${what} is true or false; not "${String(given)}"`);
  }
  return value;
}

/** Text from a command line as the number or truth value that it stands for. */
function asMeant(parameter: Parameter, given: string | number | boolean): string | number | boolean {
  if (typeof given !== 'string') return given;
  if (isNumeric(parameter) && given.trim() !== '') {
    const number = Number(given);
    return Number.isNaN(number) ? given : number;
  }
  if (typeof parameter.default === 'boolean') {
    if (given === 'true') return true;
    if (given === 'false') return false;
  }
  return given;
}

function isNumeric({ default: value, min, max }: Parameter): boolean {
  return typeof value === 'number' || min !== undefined || max !== undefined;
}
