/**
 * Numbers in the text form of Prometheus (version 0.0.4).
 */

/** A family of numbers of one name; labels as they stand between the braces, '' for none. */
export interface MetricFamily {
  /** Without the common beginning. */
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly samples: readonly (readonly [labels: string, value: number])[];
}

/** A family of one number without labels; without any where the number is not known. */
export function oneNumber(
  type: MetricFamily['type'],
  name: string,
  help: string,
  value: number | undefined,
): MetricFamily {
  return { type, name, help, samples: value === undefined ? [] : [['', value]] };
}

/** The text; families without numbers are left out. */
export function metricsText(prefix: string, families: readonly MetricFamily[]): string {
  let text = '';
  for (const { name, type, help, samples } of families) {
    if (samples.length === 0) continue;
    text += `# HELP ${prefix}${name} ${help}\n# TYPE ${prefix}${name} ${type}\n`;
    for (const [labels, value] of samples) text += `${prefix}${name}${labels === '' ? '' : `{${labels}}`} ${value}\n`;
  }
  return text;
}
