/**
 * In which form a citation is sent: by `format`, else by `Accept`, else a page for browsers and text for others (citation 7, 9).
 */
import { type Citation, shortName } from '../../cite/citation/citation.js';
import { dataciteJson } from '../../cite/forms/datacite.js';
import { fullJson, jsonLd } from '../../cite/forms/record-formats.js';
import { bibtex, cslJson, ris } from '../../cite/forms/reference-formats.js';
import { versionsAddress } from '../../cite/versions-address.js';
import { Das2Error } from '../../error.js';
import { jsonReply, type ReplyOptions, textReply } from '../../reply/build-reply.js';
import type { Header } from '../../reply/headers.js';
import { disposition } from '../../reply/media-type.js';
import type { Reply } from '../../reply/reply.js';
import type { Request } from '../../request/request.js';

/** A form that is no text for people. */
export interface RecordFormat {
  readonly name: Exclude<(typeof CITATION_FORMATS)[number], 'text' | 'html'>;
}

/** Text for people: in which style, and in which language if the style knows it. */
export interface TextFormat {
  readonly name: 'text' | 'html';
  readonly style: string;
  readonly locale: string;
}

export type CitationFormat = RecordFormat | TextFormat;

/** The language of our own styles, and of all others if no other one is wanted. */
export const OWN_LOCALE = 'en-US';
const LOCALE = /^[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,3}$/i;

/** Names of the forms. */
const CITATION_FORMATS = ['text', 'bibtex', 'ris', 'csl-json', 'datacite-json', 'jsonld', 'json', 'html'] as const;

/** Endings of `/cite/<id>.<ending>`. */
export const CITATION_ENDINGS: Readonly<Record<string, (typeof CITATION_FORMATS)[number]>> = {
  txt: 'text',
  bib: 'bibtex',
  ris: 'ris',
  'csl.json': 'csl-json',
  'datacite.json': 'datacite-json',
  jsonld: 'jsonld',
  json: 'json',
  html: 'html',
};

/** A map, since the words come from clients. */
const MEDIA: ReadonlyMap<string, (typeof CITATION_FORMATS)[number]> = new Map(
  Object.entries({
    'text/html': 'html',
    'application/xhtml+xml': 'html',
    'text/x-bibliography': 'text',
    'text/plain': 'text',
    'application/x-bibtex': 'bibtex',
    'application/x-research-info-systems': 'ris',
    'application/vnd.citationstyles.csl+json': 'csl-json',
    'application/vnd.datacite.datacite+json': 'datacite-json',
    'application/vnd.schemaorg.ld+json': 'jsonld',
    'application/ld+json': 'jsonld',
    'application/json': 'json',
    'text/*': 'text',
    'application/*': 'json',
  } as const),
);

const TYPES: Readonly<Record<string, string>> = {
  bibtex: 'application/x-bibtex; charset=utf-8',
  ris: 'application/x-research-info-systems; charset=utf-8',
  'csl-json': 'application/vnd.citationstyles.csl+json',
  'datacite-json': 'application/vnd.datacite.datacite+json',
  jsonld: 'application/ld+json',
};

/** The form that an ending of a path means; undefined for any other word. */
export function formatOfEnding(ending: string): (typeof CITATION_FORMATS)[number] | undefined {
  return Object.hasOwn(CITATION_ENDINGS, ending) ? CITATION_ENDINGS[ending] : undefined;
}

/** The form that is wanted; undefined if there is no such form or style. `ending` is that of the path. Throws `illegalArgument` for a locale that is none. */
export function citationFormat(
  request: Request,
  styles: readonly string[],
  ending?: string,
): CitationFormat | undefined {
  const { parameters, headers, isBrowser } = request;
  const wanted = ending === undefined ? parameters.get('format') : formatOfEnding(ending);
  const style = parameters.get('style') ?? 'default';
  const locale = readLocale(parameters.get('locale'));
  if (wanted !== undefined || ending !== undefined) {
    const name = CITATION_FORMATS.find((known) => known === wanted);
    return name === undefined ? undefined : complete(name, { style, locale }, styles);
  }
  const accept = headers.get('accept')?.trim() ?? '';
  if (accept === '') return complete(isBrowser ? 'html' : 'text', { style, locale }, styles);
  for (const { type, own } of rankedTypes(accept)) {
    const name = type === '*/*' ? (isBrowser ? 'html' : 'text') : MEDIA.get(type);
    if (name === undefined) continue;
    const accepted = {
      style: parameters.get('style') ?? own('style') ?? 'default',
      locale: locale ?? readLocale(own('locale')),
    };
    return complete(name, accepted, styles);
  }
  return undefined;
}

function readLocale(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  if (!LOCALE.test(text)) throw new Das2Error('illegalArgument', 'locale takes a language such as en-US or de-DE');
  return text;
}

function complete(
  name: (typeof CITATION_FORMATS)[number],
  { style, locale = OWN_LOCALE }: { readonly style: string; readonly locale: string | undefined },
  styles: readonly string[],
): CitationFormat | undefined {
  if (name !== 'text' && name !== 'html') return { name };
  return styles.includes(style) ? { name, style, locale } : undefined;
}

/** The media types of an Accept header, those wanted most first; `own` gives a parameter of theirs. */
export function rankedTypes(
  accept: string,
): { readonly type: string; readonly own: (name: string) => string | undefined }[] {
  return accept
    .split(',')
    .map((item, place) => {
      const [type = '', ...parameters] = item.split(';').map((part) => part.trim());
      const value = (name: string): string | undefined =>
        parameters
          .find((parameter) => parameter.toLowerCase().startsWith(`${name}=`))
          ?.slice(name.length + 1)
          .replace(/^"(.*)"$/, '$1');
      const weight = Number(value('q') ?? 1);
      return { type: type.toLowerCase(), own: value, weight: Number.isFinite(weight) ? weight : 0, place };
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight || a.place - b.place);
}

/** A citation as a record for programs. */
export function citationReply(
  request: Request,
  citation: Citation,
  format: RecordFormat,
  headers: readonly Header[],
): Reply {
  const options: ReplyOptions = { headers: [...headers, fileName(citation, format.name)] };
  const typed = (contentType: string): ReplyOptions => ({ ...options, contentType });
  const json = (value: object, contentType: string): Reply =>
    textReply(request, `${JSON.stringify(value)}\n`, typed(contentType));
  switch (format.name) {
    case 'bibtex': {
      const entry = request.parameters.get('entry') === 'dataset' ? 'dataset' : 'misc';
      return textReply(request, bibtex(citation, entry), typed(TYPES.bibtex ?? ''));
    }
    case 'ris':
      return textReply(request, ris(citation), typed(TYPES.ris ?? ''));
    case 'csl-json':
      return json(cslJson(citation), TYPES['csl-json'] ?? '');
    case 'datacite-json':
      return json(dataciteJson(citation), TYPES['datacite-json'] ?? '');
    case 'jsonld':
      return json(jsonLd(citation), TYPES.jsonld ?? '');
    case 'json':
      return jsonReply(
        request,
        fullJson(citation, versionsAddress(request.baseUrl, citation.request.dataset)),
        options,
      );
  }
}

/** The name under which programs store a form of a citation. */
function fileName(citation: Citation, format: (typeof CITATION_FORMATS)[number]): Header {
  const ending = Object.entries(CITATION_ENDINGS).find(([, name]) => name === format)?.[0] ?? '';
  return ['Content-Disposition', disposition('inline', `${shortName(citation)}.${ending}`)];
}

/** A citation as text. */
export function styledReply(
  request: Request,
  {
    citation,
    text,
    style,
    locale,
  }: { readonly citation: Citation; readonly text: string; readonly style: string; readonly locale: string },
  headers: readonly Header[],
): Reply {
  return textReply(request, `${text}\n`, {
    headers: [...headers, fileName(citation, 'text'), ['Content-Language', locale]],
    contentType: `text/x-bibliography; style=${style}; charset=utf-8`,
  });
}

/** The answer to a form that there is not: what there is. */
export function notAcceptable(request: Request, styles: readonly string[]): Reply {
  const message = 'there is no such form of a citation, or no such style';
  const value = { error: { type: 'NotAcceptable', message }, formats: CITATION_FORMATS, styles };
  return jsonReply(request, value, { status: 406 });
}
