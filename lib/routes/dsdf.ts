/**
 * `server=dsdf`: the description of one source as a stream header (server-protocol 3.2).
 *
 *   [00]LLLLLL<stream>CRLF
 *     <properties key="value" … />CRLF
 *   </stream>
 *
 * Contract: framing is exact to the byte, since Autoplot takes the length from the tag and others look for a literal `<stream>`.
 * `rename` redirects, `server` does not, and nobody is asked for credentials: descriptions are public.
 */
import { joinBytes, utf8Bytes } from '../bytes.js';
import { Das2Error } from '../error.js';
import { bytesReply, TEXT_TYPE } from '../reply/build-reply.js';
import type { Reply } from '../reply/reply.js';
import { macroParameters, missingParameter } from '../request/data-parameters.js';
import type { Request } from '../request/request.js';
import type { ServerContext } from '../server/context.js';
import { definitionOf } from '../source/definition/definition-file.js';
import { descriptionAttributes } from '../source/definition/description.js';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '"': '&quot;',
  "'": '&apos;',
  '<': '&lt;',
  '>': '&gt;',
};

/** Answers the description of the source named by `dataset` or, as old links have it, by the path. */
export async function describeSource(context: ServerContext, request: Request): Promise<Reply> {
  const asked = request.parameters.get('dataset') ?? request.path.slice(1);
  if (asked === '') throw missingParameter(request.parameters, 'dataset', 'the id of a data source');
  return describe(context, request, asked);
}

/** Answers the description of one source. Errors: `noSuchSource`, `sourceDefinition`. */
export async function describe(context: ServerContext, request: Request, asked: string): Promise<Reply> {
  const { configuration, sources } = context;
  const found = sources.get(asked);
  context.notes.dataset = found.id;
  const definition = definitionOf(sources, found);
  if (definition.entries.has('rename')) {
    // Few sources have moved, and what is known of a source beyond its text takes time to load.
    const [{ sourceOf }, { redirectFor }] = await Promise.all([
      import('../source/source-definitions.js'),
      import('../server/redirect.js'),
    ]);
    const source = sourceOf(sources, found.id, macroParameters(request));
    const redirect = redirectFor(context, request, { source, asked, question: 'description' });
    if (redirect !== undefined) return redirect;
  }
  const attributes = descriptionAttributes(definition, {
    id: found.id,
    file: found.file,
    configuration,
    request: macroParameters(request),
  });
  return bytesReply(request, descriptionPacket(attributes), {
    contentType: request.isBrowser ? TEXT_TYPE : 'text/vnd.das2.das2stream',
  });
}

/** The packet that describes a source; names must be XML names. */
function descriptionPacket(attributes: ReadonlyMap<string, string>): Uint8Array {
  let properties = '';
  for (const [name, value] of attributes) properties += ` ${name}="${escapeValue(value)}"`;
  const content = utf8Bytes(`<stream>\r\n  <properties${properties} />\r\n</stream>`);
  if (content.length > 999_999) {
    throw new Das2Error('sourceDefinition', 'the definition of this data source is too long to be sent');
  }
  return joinBytes(utf8Bytes(`[00]${String(content.length).padStart(6, '0')}`), content);
}

function escapeValue(value: string): string {
  return value.replace(/[&"'<>]/g, (character) => ESCAPES[character] ?? character);
}
