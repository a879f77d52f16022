/** Types of cgi-environment.mjs, for the tests. */
export function cgiEnvironment(variables?: Readonly<Record<string, string>>): Record<string, string>;
