/**
 * What must hold for the tables of das2_hapi, whatever the stream (stream-format 13.7): the description is JSON, rows have what it
 * says, and in the HAPI formats their times strictly increase.
 */
import { demand } from './property.js';

interface Parameter {
  readonly name: string;
  readonly type: string;
  readonly length?: number;
  readonly size?: readonly number[];
}

const NUMBER_BYTES = 8;

const itemsOf = ({ size = [] }: Parameter): number => size.reduce((product, items) => product * items, 1);

/** Checks the output of a run that came to its end. */
export function checkHapi(args: readonly string[], output: Buffer): void {
  if (output.length === 0) return;
  const format = args.includes('--format') ? args[args.indexOf('--format') + 1] : 'table';
  if (args.includes('-n')) {
    parametersOf(output.toString());
    return;
  }
  if (format === 'json') checkJson(output.toString());
  else {
    // Where the data begin: behind the lines of the description.
    let at = 0;
    let description = '';
    while (output[at] === 0x23) {
      const end = output.indexOf(0x0a, at) + 1;
      description += output.toString('utf8', at + 1, end);
      at = end;
    }
    const parameters = args.includes('-i') ? parametersOf(description) : undefined;
    if (format === 'binary') checkBinary(parameters, output.subarray(at));
    else checkRows(parameters, output.toString('latin1', at), format as string);
  }
}

function parametersOf(text: string): readonly Parameter[] {
  const { parameters } = parsed(text) as { parameters?: readonly Parameter[] };
  demand(Array.isArray(parameters), 'a description with parameters', () => text);
  const names = new Set(parameters?.map(({ name }) => name));
  demand(names.size === parameters?.length && !names.has(''), 'parameters with names of their own', () => text);
  return parameters as readonly Parameter[];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    demand(false, 'valid JSON', () => `${error} in ${text}`);
    return undefined;
  }
}

function checkJson(text: string): void {
  const parameters = parametersOf(text);
  const { data } = parsed(text) as { data: readonly (readonly unknown[])[] };
  for (const row of data) {
    demand(row.length === parameters.length, 'a value for every parameter', () => JSON.stringify(row));
    parameters.forEach((parameter, i) => {
      if (parameter.size === undefined) return;
      const items = (row[i] as unknown[]).flat(8).length;
      demand(items === itemsOf(parameter), 'as many items as described', () => JSON.stringify([parameter, row[i]]));
    });
  }
  checkTimes(data.map(([time]) => time as string));
}

function checkBinary(parameters: readonly Parameter[] | undefined, data: Buffer): void {
  if (parameters === undefined) return;
  const sizes = parameters.map((parameter) => itemsOf(parameter) * (parameter.length ?? NUMBER_BYTES));
  const size = sizes.reduce((sum, bytes) => sum + bytes, 0);
  demand(data.length % size === 0, 'whole records', () => `${data.length} bytes in records of ${size}`);
  const length = sizes[0] as number;
  checkTimes(
    Array.from({ length: data.length / size }, (_, i) => data.toString('latin1', i * size, i * size + length)),
  );
}

function checkRows(parameters: readonly Parameter[] | undefined, text: string, format: string): void {
  const rows = text.split(format === 'table' ? '\r\n' : '\n');
  demand(rows.pop() === '', 'a line end behind the last row', () => text.slice(-80));
  const columns = parameters?.reduce((sum, parameter) => sum + itemsOf(parameter), 0) ?? rows[0]?.split(',').length;
  for (const row of rows) {
    demand(row.split(',').length === columns && !/[\r\n]/.test(row), 'a field for every column', () =>
      JSON.stringify(row),
    );
  }
  if (format === 'csv') checkTimes(rows.map((row) => row.split(',')[0] as string));
}

function checkTimes(times: readonly string[]): void {
  times.forEach((time, i) => {
    demand(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(time), 'a HAPI time', () => time);
    demand(i === 0 || time > (times[i - 1] as string), 'times that increase', () => `${times[i - 1]} ${time}`);
  });
}
