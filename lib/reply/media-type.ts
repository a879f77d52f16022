/**
 * Media types of files by extension, and how they are offered (server-protocol 3.11).
 */

export interface MediaType {
  readonly contentType: string;
  /** For browsers, where it differs. */
  readonly browserType?: string;
  readonly disposition?: 'attachment' | 'inline';
}

const TEXT = 'text/plain; charset=utf-8';

const MEDIA_TYPES: Readonly<Record<string, MediaType>> = {
  d2s: { contentType: 'application/vnd.das2.das2stream', disposition: 'attachment' },
  d2t: { contentType: 'text/vnd.das2.das2stream; charset=utf-8', browserType: TEXT, disposition: 'inline' },
  qds: { contentType: 'application/vnd.das2.qstream', disposition: 'attachment' },
  qdst: { contentType: 'text/vnd.das2.qstream; charset=utf-8', browserType: TEXT, disposition: 'inline' },
  qdt: { contentType: 'text/vnd.das2.qstream; charset=utf-8', browserType: TEXT, disposition: 'inline' },
  vap: { contentType: 'application/x-autoplot-vap+xml', disposition: 'attachment' },
  csv: { contentType: 'text/csv', disposition: 'attachment' },
  png: { contentType: 'image/png' },
  jpg: { contentType: 'image/jpeg' },
  jpeg: { contentType: 'image/jpeg' },
  gif: { contentType: 'image/gif' },
  svg: { contentType: 'image/svg+xml' },
  webp: { contentType: 'image/webp' },
  ico: { contentType: 'image/vnd.microsoft.icon' },
  css: { contentType: 'text/css' },
  js: { contentType: 'text/javascript; charset=utf-8' },
  mjs: { contentType: 'text/javascript; charset=utf-8' },
  html: { contentType: 'text/html; charset=utf-8' },
  htm: { contentType: 'text/html; charset=utf-8' },
  txt: { contentType: TEXT },
  md: { contentType: TEXT },
  json: { contentType: 'application/json; charset=utf-8' },
  xml: { contentType: 'text/xml; charset=utf-8' },
  xsl: { contentType: 'text/xml; charset=utf-8' },
  pdf: { contentType: 'application/pdf' },
  woff2: { contentType: 'font/woff2' },
};

/** The type of a file by its name; undefined for extensions that are not known. */
export function mediaTypeOf(name: string): MediaType | undefined {
  const extension = /\.([A-Za-z0-9]+)$/.exec(name)?.[1]?.toLowerCase();
  return extension !== undefined && Object.hasOwn(MEDIA_TYPES, extension) ? MEDIA_TYPES[extension] : undefined;
}

/** `Content-Disposition` for a file name; characters that would need quoting become `_`, and 150 bytes are enough. */
export function disposition(kind: 'attachment' | 'inline', name: string): string {
  const safe = name.replace(/[^A-Za-z0-9._+-]/g, '_');
  const dot = safe.lastIndexOf('.');
  const extension = dot > 0 && safe.length - dot <= 10 ? safe.slice(dot) : '';
  return `${kind}; filename="${safe.length > 150 ? safe.slice(0, 150 - extension.length) + extension : safe}"`;
}
