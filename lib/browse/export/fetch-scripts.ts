/**
 * Scripts that fetch a list of records, for the tools that people have (browse-export 9.2).
 *
 * Contract: pure. Addresses are encoded and file names made of keys, so no text of a request can end a string of the script.
 */

/** One file to fetch. */
export interface FetchItem {
  readonly file: string;
  readonly url: string;
}

export const LANGUAGES = ['curl', 'wget', 'python', 'idl', 'matlab', 'julia'] as const;
export type Language = (typeof LANGUAGES)[number];

const ENDINGS: Readonly<Record<Language, string>> = {
  curl: 'sh',
  wget: 'sh',
  python: 'py',
  idl: 'pro',
  matlab: 'm',
  julia: 'jl',
};

/** The name of a script's file. */
export function scriptFileName(language: Language): string {
  return `fetch.${ENDINGS[language]}`;
}

/** The script. It fetches into the folder where it is run, one file after the other, and ends at the first failure. */
export function fetchScript(language: Language, items: readonly FetchItem[]): string {
  const lines = items.map(({ file, url }) => ({
    file,
    url: url.replaceAll("'", '%27').replaceAll('"', '%22').replaceAll('$', '%24'),
  }));
  const each = (line: (item: FetchItem) => string): string => lines.map((item) => `${line(item)}\n`).join('');
  switch (language) {
    case 'curl':
      return `#!/bin/sh\nset -e\n${each(({ file, url }) => `curl -fsS -o '${file}' '${url}'`)}`;
    case 'wget':
      return `#!/bin/sh\nset -e\n${each(({ file, url }) => `wget -q -O '${file}' '${url}'`)}`;
    case 'python':
      return `from urllib.request import urlretrieve\n\nfiles = [\n${each(({ file, url }) => `    ('${file}', '${url}'),`)}]\nfor name, url in files:\n    urlretrieve(url, name)\n    print(name)\n`;
    case 'idl':
      return `pro fetch\n  url = obj_new('IDLnetUrl')\n${each(({ file, url }) => `  name = url->get(url='${url}', filename='${file}')`)}  obj_destroy, url\nend\n`;
    case 'matlab':
      return each(({ file, url }) => `websave('${file}', '${url}');`);
    case 'julia':
      return `using Downloads\n\n${each(({ file, url }) => `Downloads.download("${url}", "${file}")`)}`;
  }
}
