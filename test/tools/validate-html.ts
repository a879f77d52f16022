/** Checks HTML documents against the standard and the rules for accessible pages that a program can check. */
import { HtmlValidate } from 'html-validate';

const validator = new HtmlValidate({
  extends: ['html-validate:standard', 'html-validate:a11y', 'html-validate:document'],
  rules: {
    // Where lines end is no matter of validity.
    'no-trailing-whitespace': 'off',
    // Our own files need no proof that they are ours.
    'require-sri': ['error', { target: 'crossorigin' }],
    'no-raw-characters': 'error',
    'no-inline-style': 'error',
    'script-type': 'error',
    'void-style': 'off',
    'long-title': 'off',
  },
});

/** What is wrong with a document, a line for each fault. */
export async function htmlFaults(document: string): Promise<string[]> {
  const { results } = await validator.validateString(document);
  return results.flatMap(({ messages }) =>
    messages.map(({ line, column, ruleId, message }) => `${line}:${column} ${ruleId}: ${message}`),
  );
}
