/**
 * Checks of a HAPI server as its public verifier does them, request by request (server-internals 6.7), and those that it leaves out: the newer
 * names of keys, all formats against each other, errors.
 *
 *   const findings = await verifyHapi('http://127.0.0.1:8080/das/server/hapi');      // [] if all is well
 *
 * Contract: knows nothing of the server but its address. Every finding is one line that names request and check.
 */
import { gunzipSync } from 'node:zlib';
import { awayFromMidnight } from './away-from-midnight.js';
import { checkInfo, checkRows, type Info, NUMBER } from './hapi-form.js';

export interface HapiVerification {
  readonly findings: readonly string[];
  readonly datasets: readonly string[];
  readonly requests: number;
}

interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly headers: Headers;
  readonly bytes: Buffer;
}

/** Verifies all datasets of the catalog. `newNames`: whether keys have their newer names. */
export async function verifyHapi(base: string): Promise<HapiVerification> {
  // Some datasets end with today.
  await awayFromMidnight(240);
  return new Verifier(base).run();
}

class Verifier {
  readonly findings: string[] = [];
  readonly datasets: string[] = [];
  requests = 0;

  constructor(private readonly base: string) {}

  async run(): Promise<HapiVerification> {
    const page = await this.get('/');
    this.must(page.status === 200 && /^text\/html/.test(page.headers.get('content-type') ?? ''), '/: a page');
    const capabilities = await this.document('/capabilities');
    const formats = capabilities.outputFormats as string[];
    this.must(Array.isArray(formats) && formats.includes('csv'), '/capabilities: csv');
    this.must(
      formats.every((name) => /^(?:csv|binary|json)$/.test(name)),
      '/capabilities: formats',
    );
    const about = await this.document('/about');
    for (const key of ['id', 'title', 'contact']) this.must(typeof about[key] === 'string', `/about: ${key}`);
    await this.error('/nonsense', 400, 1400);
    await this.error('/infoX?id=x', 400, 1400);
    await this.error('/capabilities?x=SECRETKEY', 400, 1401);
    await this.error('/info', 400, 1400);
    await this.error('/info?id=no/such/thing', 404, 1406);
    await this.error('/catalog?depth=x', 400, 1413);
    await this.datasetsOfCatalog();
    return { findings: this.findings, datasets: this.datasets, requests: this.requests };
  }

  private async datasetsOfCatalog(): Promise<void> {
    const catalog = (await this.document('/catalog')).catalog as { id: string; title?: string; info?: unknown }[];
    const deep = (await this.document('/catalog?depth=all')).catalog as typeof catalog;
    this.must(catalog.length > 0, '/catalog: at least one dataset');
    this.must(new Set(catalog.map(({ id }) => id)).size === catalog.length, '/catalog: unique ids');
    for (const [i, { id, title }] of catalog.entries()) {
      this.datasets.push(id);
      this.must(title === undefined || title.length <= 40, `${id}: title of 40 characters at most`);
      this.must(!id.includes(','), `${id}: no comma`);
      await this.dataset(id, deep[i]?.info);
    }
  }

  private async dataset(id: string, deepInfo: unknown): Promise<void> {
    const query = `dataset=${encodeURIComponent(id)}`;
    const info = (await this.document(`/info?${query}`)) as unknown as Info;
    const older = await this.document(`/info?id=${encodeURIComponent(id)}`);
    this.same(older, info, `${id}: /info by both names of the key`);
    const { HAPI: _version, status: _status, ...bare } = info;
    this.same(deepInfo, bare, `${id}: info of the deep catalog`);
    checkInfo(info, (ok, what) => this.must(ok, `${id}: info: ${what}`));
    for (const [i, parameter] of info.parameters.entries()) {
      if (i === 0) continue;
      const part = (await this.document(`/info?${query}&parameters=${parameter.name}`)) as unknown as Info;
      const wanted = { ...info, parameters: [info.parameters[0], parameter] };
      this.same(part, wanted, `${id}: /info for ${parameter.name} alone`);
      if (i > 2) break;
    }
    await this.data(id, info);
    await this.dataErrors(id, info);
  }

  /** The records of the sample range in every form. */
  private async data(id: string, info: Info): Promise<void> {
    const must = (ok: boolean, what: string): void => this.must(ok, `${id}: data: ${what}`);
    const [begin, end] = [info.sampleStartDate ?? info.startDate, info.sampleStopDate ?? info.stopDate];
    const older = `id=${encodeURIComponent(id)}&time.min=${begin}&time.max=${end}`;
    const newer = `dataset=${encodeURIComponent(id)}&start=${begin}&stop=${end}`;
    const all = await this.get(`/data?${older}`);
    const text = all.bytes.toString();
    must(all.status === 200 && all.headers.get('content-type') === 'text/csv', `status ${all.status}, text/csv`);
    must(/^\d/.test(text) && text.endsWith('\n') && !text.endsWith('\n\n') && !text.includes('\r'), 'frame of CSV');
    must(all.headers.get('access-control-allow-origin') === '*', 'CORS');
    const rows = text
      .slice(0, -1)
      .split('\n')
      .map((line) => line.split(','));
    const widths = info.parameters.map(({ size }) => (size ?? []).reduce((a, b) => a * b, 1));
    const width = widths.reduce((a, b) => a + b, 0);
    must(rows.length > 1 && rows.length <= 1000, `${rows.length} records in the sample`);
    must(
      rows.every((row) => row.length === width),
      'columns',
    );
    checkRows(info, rows, must);
    for (const [what, query] of Object.entries({
      'newer names': newer,
      'ordinal days': `dataset=${encodeURIComponent(id)}&start=${ordinal(begin)}&stop=${ordinal(end)}`,
      'parameters= is all': `${newer}&parameters=`,
      'all names': `${newer}&parameters=${info.parameters.map(({ name }) => name).join(',')}`,
      csv: `${newer}&format=csv`,
    })) {
      must((await this.get(`/data?${query}`)).bytes.equals(all.bytes), what);
    }
    const coded = await this.get(`/data?${newer}`, { 'Accept-Encoding': 'gzip' });
    must(coded.headers.get('content-encoding') === 'gzip' && coded.bytes.equals(all.bytes), 'gzip');
    await this.withHeader(id, info, newer, text);
    await this.json(id, info, newer, rows);
    await this.binary(id, info, newer, rows);
    await this.subsets(id, info, newer, { rows, widths });
    await this.edges(id, info, rows);
  }

  private async withHeader(id: string, info: Info, query: string, text: string): Promise<void> {
    const lines = (await this.get(`/data?${query}&include=header`)).bytes.toString().split('\n');
    const head = lines.filter((line) => line.startsWith('#')).map((line) => line.slice(1));
    const { format, ...rest } = JSON.parse(head.join('\n')) as Record<string, unknown>;
    this.must(format === 'csv', `${id}: header: format`);
    this.same(rest, info, `${id}: header as info`);
    this.must(lines.slice(head.length).join('\n') === text, `${id}: the same data behind a header`);
  }

  private async json(id: string, info: Info, query: string, rows: readonly string[][]): Promise<void> {
    const answer = await this.get(`/data?${query}&format=json`);
    this.must(answer.headers.get('content-type') === 'application/json', `${id}: json: media type`);
    const { data, format, ...rest } = JSON.parse(answer.bytes.toString()) as { data: unknown[][]; format: string };
    this.must(format === 'json', `${id}: json: format`);
    this.same(rest, info, `${id}: json: header as info`);
    const flat = data.map((row) => row.flat(Number.POSITIVE_INFINITY));
    const values = rows.map((row) => row.map((field) => (NUMBER.test(field) ? Number(field) : field)));
    this.same(flat, values, `${id}: json: the values of CSV`);
    const isNested = data.every((row) => row.every((item, i) => Array.isArray(item) === !!info.parameters[i]?.size));
    this.must(isNested, `${id}: json: arrays by size`);
  }

  private async binary(id: string, info: Info, query: string, rows: readonly string[][]): Promise<void> {
    const { bytes, headers } = await this.get(`/data?${query}&format=binary`);
    this.must(headers.get('content-type') === 'application/octet-stream', `${id}: binary: media type`);
    const fields = info.parameters.flatMap(({ length, size }) =>
      Array.from({ length: (size ?? []).reduce((a, b) => a * b, 1) }, () => length as number | undefined),
    );
    const record = fields.reduce((sum: number, length) => sum + (length ?? 8), 0);
    this.must(bytes.length === rows.length * record, `${id}: binary: ${bytes.length} bytes, ${record} a record`);
    if (bytes.length !== rows.length * record) return;
    let at = 0;
    const decoded = rows.map(() =>
      fields.map((length) => {
        const from = at;
        at += length ?? 8;
        return length === undefined ? bytes.readDoubleLE(from) : bytes.toString('latin1', from, at);
      }),
    );
    const values = rows.map((row) => row.map((field) => (NUMBER.test(field) ? Number(field) : field)));
    this.same(decoded, values, `${id}: binary: the values of CSV`);
    const framed = await this.get(`/data?${query}&format=binary&include=header`);
    this.must(framed.bytes[0] === 0x23 && framed.bytes.subarray(-bytes.length).equals(bytes), `${id}: binary: header`);
  }

  private async subsets(
    id: string,
    info: Info,
    query: string,
    { rows, widths }: { readonly rows: readonly string[][]; readonly widths: readonly number[] },
  ): Promise<void> {
    let from = 0;
    for (const [i, { name }] of info.parameters.entries()) {
      const to = from + (widths[i] ?? 1);
      const first = from;
      from = to;
      const wanted = rows.map((row) => (i === 0 ? [row[0]] : [row[0], ...row.slice(first, to)]).join(',')).join('\n');
      const answer = await this.get(`/data?${query}&parameters=${name}`);
      this.must(answer.bytes.toString() === `${wanted}\n`, `${id}: ${name} alone`);
    }
  }

  /** Begin is inclusive, stop exclusive; a range between two records is empty and says so. */
  private async edges(id: string, info: Info, rows: readonly string[][]): Promise<void> {
    const query = `dataset=${encodeURIComponent(id)}&parameters=Time`;
    const [first = '', second = '', third = ''] = rows.map(([time = '']) => time);
    const two = await this.get(`/data?${query}&start=${first}&stop=${third}`);
    // Averages exist in whole bins only: a range that cuts one has another mean time, or none.
    if (info.timeStampLocation !== 'center') {
      this.must(two.bytes.toString() === `${first}\n${second}\n`, `${id}: begin inclusive, stop exclusive`);
    }
    const begin = new Date(Date.parse(info.sampleStartDate ?? '') + 1).toISOString();
    const end = new Date(Date.parse(info.sampleStartDate ?? '') + 3).toISOString();
    const little = await this.get(`/data?${query}&start=${begin}&stop=${end}`);
    this.must(little.status === 200, `${id}: two milliseconds: status`);
    this.must(little.bytes.length > 0 || /HAPI 1201/.test(little.reason), `${id}: two milliseconds: 1201`);
    const empty = await this.get(`/data?${query}&start=${begin}&stop=${end}&format=json`);
    const document = JSON.parse(empty.bytes.toString()) as { data: unknown[]; status: { code: number } };
    this.must(
      document.data.length > 0 ? document.status.code === 1200 : document.status.code === 1201,
      `${id}: status of JSON`,
    );
  }

  private async dataErrors(id: string, info: Info): Promise<void> {
    const dataset = `dataset=${encodeURIComponent(id)}`;
    const range = `start=${info.sampleStartDate}&stop=${info.sampleStopDate}`;
    const early = `${Number(info.startDate.slice(0, 4)) - 1}${info.startDate.slice(4)}`;
    const late = `${Number(info.stopDate.slice(0, 4)) + 1}${info.stopDate.slice(4)}`;
    const names = info.parameters.map(({ name }) => name);
    const last = names.at(-1) ?? '';
    for (const [query, status, code] of [
      [`${range}`, 400, 1400],
      [`${dataset}&${range}&foo=SECRETKEY`, 400, 1401],
      [`${dataset}&SECRETKEY=1&${range}`, 400, 1401],
      [`${dataset}&id=${encodeURIComponent(id)}&${range}`, 400, 1400],
      [`${dataset}&${range}&time.min=${info.sampleStartDate}`, 400, 1400],
      [`${dataset}&${range}&${dataset}`, 400, 1400],
      [`${dataset}&stop=${info.sampleStopDate}`, 400, 1402],
      [`${dataset}&start=${info.sampleStartDate}`, 400, 1403],
      [`${dataset}&start=SECRETKEY&stop=${info.sampleStopDate}`, 400, 1402],
      [`${dataset}&start=${info.sampleStartDate}&stop=2026-13-01`, 400, 1403],
      [`${dataset}&start=${info.sampleStopDate}&stop=${info.sampleStartDate}`, 400, 1404],
      [`${dataset}&start=${info.sampleStartDate}&stop=${info.sampleStartDate}`, 400, 1404],
      [`${dataset}&start=${early}&stop=${info.sampleStopDate}`, 400, 1405],
      [`${dataset}&start=${info.sampleStartDate}&stop=${late}`, 400, 1405],
      [`dataset=SECRETKEY&${range}`, 404, 1406],
      [`${dataset}&${range}&parameters=SECRETKEY`, 404, 1407],
      [`${dataset}&${range}&format=SECRETKEY`, 400, 1409],
      [`${dataset}&${range}&include=SECRETKEY`, 400, 1410],
      [`${dataset}&${range}&parameters=${last},Time`, 400, 1411],
      [`${dataset}&${range}&parameters=${last},${last}`, 400, 1411],
    ] as const) {
      await this.error(`/data?${query}`, status, code);
    }
    await this.error(`/info?${dataset}&resolve_references=maybe`, 400, 1412);
  }

  private async error(path: string, status: number, code: number): Promise<void> {
    const answer = await this.get(path);
    const must = (ok: boolean, what: string): void => this.must(ok, `${path}: ${what}`);
    must(answer.status === status, `status ${answer.status} instead of ${status}`);
    must(/^application\/json/.test(answer.headers.get('content-type') ?? ''), 'JSON');
    let document: { status?: { code?: number; message?: string }; HAPI?: string } = {};
    try {
      document = JSON.parse(answer.bytes.toString());
    } catch {
      must(false, 'the body is no JSON');
    }
    must(document.status?.code === code, `code ${document.status?.code} instead of ${code}`);
    must((document.status?.message ?? '').includes(`HAPI error ${code}`), 'message');
    must(answer.reason.includes(`HAPI ${code}`), `reason phrase ${answer.reason}`);
    must(
      Object.keys(document).every((key) => key === 'HAPI' || key === 'status'),
      'keys of an error',
    );
    must(!answer.bytes.toString().includes('SECRETKEY'), 'nothing of the request is repeated');
  }

  private async document(path: string): Promise<Record<string, unknown>> {
    const answer = await this.get(path);
    this.must(answer.status === 200, `${path}: status ${answer.status}: ${answer.bytes.toString().slice(0, 300)}`);
    this.must(/^application\/json/.test(answer.headers.get('content-type') ?? ''), `${path}: JSON`);
    this.must(answer.headers.get('access-control-allow-origin') === '*', `${path}: CORS`);
    this.must(answer.headers.has('last-modified'), `${path}: Last-Modified`);
    const document = JSON.parse(answer.bytes.toString()) as Record<string, unknown>;
    this.must(document.HAPI === '3.3', `${path}: version`);
    const status = document.status as { code?: unknown } | undefined;
    this.must(status?.code === 1200, `${path}: code`);
    return document;
  }

  private async get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    this.requests++;
    const answer = await fetch(`${this.base}${path}`, {
      headers: { 'Accept-Encoding': 'identity', ...headers },
      redirect: 'manual',
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    // fetch undoes the coding and keeps the header.
    const isStillCoded = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return {
      status: answer.status,
      reason: answer.statusText,
      headers: answer.headers,
      bytes: isStillCoded ? gunzipSync(bytes) : bytes,
    };
  }

  private same(found: unknown, wanted: unknown, what: string): void {
    const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
    this.must(a === b, `${what}: ${firstDifference(a ?? '', b ?? '')}`);
  }

  private must(ok: boolean, what: string): void {
    if (!ok) this.findings.push(what);
  }
}

function firstDifference(a: string, b: string): string {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return `…${a.slice(Math.max(0, at - 40), at + 40)}… instead of …${b.slice(Math.max(0, at - 40), at + 40)}…`;
}

/** `YYYY-MM-DDT…` as `YYYY-DDDT…`. */
function ordinal(time: string): string {
  const year = time.slice(0, 4);
  const day = (Date.parse(time.slice(0, 10)) - Date.parse(`${year}-01-01`)) / 86_400_000 + 1;
  return `${year}-${String(day).padStart(3, '0')}${time.slice(10)}`;
}
