/**
 * Ready-to-paste calls for the data of one source: Autoplot, curl, Python (das2py), IDL (das2dlm).
 *
 * Contract: pure text from facts, the same in the server and in the page (where they follow the form), so no Node API here. Whatever
 * the facts hold, the text is one harmless call: addresses are percent-encoded, quotes of the languages included.
 *
 *     address  = BASE "?server=dataset&dataset=" ID "&start_time=" T "&end_time=" T [ "&resolution=" S | "&interval=" S ]
 *                [ "&params=" WORDS ] [ "&ascii=1" ]                                                 server-protocol 4.1
 *     Autoplot = "vap+das2server:" BASE "?dataset=" ID "&start_time=" T "&end_time=" T [ "&interval=" S ] [ "&" WORDS ]
 *
 * WORDS are joined by %20: Autoplot sends a + on as a character of the word. libdas2, below das2py and das2dlm, refuses any address with
 * a port, so there das2py reads what curl fetches.
 */

/** Texts as they stand in the form, empty where nothing is given. */
export interface FormTexts {
  readonly start: string;
  readonly end: string;
  /** Seconds. */
  readonly resolution: string;
  /** Seconds; of sources that need an interval, else empty. */
  readonly interval: string;
  /** Words of the reader. */
  readonly params: string;
  readonly ascii: boolean;
}

/** What is asked for. */
export interface DataQuestion extends FormTexts {
  /** Own URL of the server that has the data. */
  readonly baseUrl: string;
  readonly id: string;
}

export interface Call {
  /** Key of the call in the page. */
  readonly name: 'autoplot' | 'curl' | 'python' | 'idl';
  readonly title: string;
  /** Where to paste it. */
  readonly hint: string;
  readonly text: string;
}

/** A value of a query: what `encodeURIComponent` leaves and a shell or a string would mind is encoded too. */
function encodeValue(text: string): string {
  return encodeURIComponent(text.replace(/[\ud800-\udfff]/gu, '\ufffd'))
    .replace(/['()*!]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%2F', '/')
    .replaceAll('%3A', ':');
}

/** An address of the configuration, which may hold anything. */
function encodeBase(text: string): string {
  return text.replace(/[^A-Za-z0-9:/?#@%._~\-[\]=&+,]/gu, encodeValue);
}

/** The address of the data. */
export function dataAddress(question: DataQuestion): string {
  const { baseUrl, id, start, end, resolution, interval, params, ascii } = question;
  const pairs: [string, string][] = [
    ['server', 'dataset'],
    ['dataset', id],
    ['start_time', start],
    ['end_time', end],
    ['resolution', resolution],
    ['interval', interval],
    ['params', params],
    ['ascii', ascii ? '1' : ''],
  ];
  const query = pairs.filter(([, value]) => value !== '').map(([key, value]) => `${key}=${encodeValue(value)}`);
  return `${encodeBase(baseUrl)}?${query.join('&')}`;
}

/** All calls, in the order in which pages show them. */
export function calls(question: DataQuestion): Call[] {
  const binary = dataAddress({ ...question, ascii: false });
  const name = question.id.slice(question.id.lastIndexOf('/') + 1).replace(/[^A-Za-z0-9._+-]/g, '_');
  const port = hasPort(question.baseUrl);
  return [
    { name: 'autoplot', title: 'Autoplot', hint: 'Paste into the address bar', text: autoplotAddress(question) },
    {
      name: 'curl',
      title: 'curl',
      hint: 'In a shell',
      text: `curl -f -o '${name}.${question.ascii ? 'd2t' : 'd2s'}' '${dataAddress(question)}'`,
    },
    {
      name: 'python',
      title: 'Python',
      hint: 'With das2py 3 (older ones return the list alone)',
      text: `import das2\n\nheader, datasets = das2.${pythonRead(binary, port)}\nprint(datasets[0])`,
    },
    {
      name: 'idl',
      title: 'IDL',
      hint: port ? 'With das2dlm, which needs an address without a port' : 'With das2dlm',
      text: `query = das2c_readhttp('${binary}')\nds = das2c_datasets(query, 0)\nprint, das2c_dsinfo(ds)`,
    },
  ];
}

function hasPort(baseUrl: string): boolean {
  return /^https?:\/\/[^/?#]*:\d+(?:[/?#]|$)/i.test(baseUrl);
}

function pythonRead(address: string, port: boolean): string {
  return port ? `read_cmd(\n    'curl -fs "${address}"'\n)` : `read_http(\n    "${address}"\n)`;
}

/** Autoplot takes whatever it does not know for reader words, and looks for a resolution itself. */
function autoplotAddress({ baseUrl, id, start, end, interval, params }: DataQuestion): string {
  const words = params
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => encodeValue(word).replaceAll('%3D', '='));
  const parts = [`dataset=${encodeValue(id)}`, `start_time=${encodeValue(start)}`, `end_time=${encodeValue(end)}`];
  if (interval !== '') parts.push(`interval=${encodeValue(interval)}`);
  if (words.length > 0) parts.push(words.join('%20'));
  return `vap+das2server:${encodeBase(baseUrl)}?${parts.join('&')}`;
}
