/** Style sheets and scripts of the pages: made from their sources, colours with enough contrast, nothing from other hosts. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const ROOT = new URL('../../', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, ROOT), 'utf8');

/** Colours of the properties of a style sheet, for light and for dark screens. */
function colours(css: string): { light: Map<string, string>; dark: Map<string, string> } {
  const [light = '', dark = ''] = css.split('@media (prefers-color-scheme: dark)');
  const parse = (text: string): Map<string, string> =>
    new Map([...text.matchAll(/(--[\w-]+):\s*(#[0-9a-f]{6})/g)].map((match) => [match[1] ?? '', match[2] ?? '']));
  const base = parse(light);
  return { light: base, dark: new Map([...base, ...parse(dark)]) };
}

/** Ratio of the luminances of two colours as WCAG 2 defines it: 1 to 21. */
function contrast(a: string, b: string): number {
  const luminance = (colour: string): number => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

t.test('contrast', async (t) => {
  t.equal(contrast('#000000', '#ffffff'), 21);
  const page = colours(read('conf/static/das2server.css'));
  const plot = colours(read('lib/page/browser/plot.css'));
  for (const scheme of ['light', 'dark'] as const) {
    const of = (name: string): string => plot[scheme].get(name) ?? page[scheme].get(name) ?? '';
    for (const ground of ['--ground', '--surface']) {
      for (const text of ['--text', '--muted', '--accent', '--plot-text']) {
        t.ok(contrast(of(text), of(ground)) >= 4.5, `${scheme}: ${text} on ${ground}`);
      }
      for (const mark of [
        '--focus',
        '--field',
        '--problem',
        ...Array.from({ length: 8 }, (_, i) => `--plot-line-${i + 1}`),
      ]) {
        t.ok(contrast(of(mark), of(ground)) >= 3, `${scheme}: ${mark} on ${ground}`);
      }
    }
    t.ok(contrast(of('--band-text'), of('--band')) >= 4.5);
  }
});

t.test('made files are those of their sources', async (t) => {
  const check = spawnSync(process.execPath, [fileURLToPath(new URL('scripts/tools/embed.mjs', ROOT)), '--check']);
  t.equal(check.stderr.toString(), '', 'else: scripts/embed');
  t.equal(check.status, 0);
});

t.test('what pages load', async (t) => {
  for (const name of readdirSync(new URL('conf/static/', ROOT)).filter((file) => /\.(css|js)$/.test(file))) {
    const text = read(`conf/static/${name}`).replace(/\/\*[\s\S]*?\*\//g, '');
    t.notMatch(
      text,
      /url\(|@import|\bimport\s*\(|\beval\s*\(|new Function|innerHTML|document\.write/,
      `${name} loads and runs no text`,
    );
  }
  const script = read('conf/static/source-page.js');
  t.notMatch(script, /\bBuffer\.|\brequire\(|\bprocess\./, 'no Node API');
  t.match(script, /Leon Sorokin[\s\S]*Louis-Dominique Dubeau/, 'licences of what is inside');
});
