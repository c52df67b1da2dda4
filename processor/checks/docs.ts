import { defaultText, rangeText } from '@verdikt/core/config/docs.ts';
import { table } from '@verdikt/core/service/markdown.ts';
import type { TObject } from 'typebox';
import { checkOptions, moduleOptions } from './schema.ts';

type OptionSchema = Readonly<Record<string, unknown>>;

const CHECKS: readonly { readonly title: string; readonly about: string; readonly schema: TObject }[] = [
  {
    title: 'palindrome',
    about:
      'True if the word reads the same in both directions. Compares grapheme clusters after NFC and case folding. Write `"palindrome"`, or `{"palindrome": {…}}` with options.',
    schema: checkOptions.palindrome,
  },
  {
    title: 'wordlist',
    about:
      'Looks the word up in a list. Needs `file`, `words` or both. Write `{"wordlist": {"file": "./words.txt"}}`.',
    schema: checkOptions.wordlist,
  },
  {
    title: 'http',
    about:
      'Asks a service of yours. [The contract](../how-to/http-check.md) says what is sent and what each answer means. Write `{"http": {"url": "http://rules:8080/check"}}`.',
    schema: checkOptions.http,
  },
  {
    title: 'module',
    about:
      '[Your own check](../own-checks.md), in TypeScript or JavaScript. Write `{"module": "./profanity.ts", "options": {…}}`. The limits apply once the check answers with promises.',
    schema: moduleOptions,
  },
];

/** The chapter about chains in `docs/reference/configuration.md`. */
export const chainLines = (): string[] => [
  '## Checks in a chain',
  '',
  '`chain` is a JSON array of 1 to 16 checks. They run in this order on every record. A check that fails ends the attempt; later',
  'checks do not run, and the next attempt starts at the check that failed. A check that answers `false` has not failed: the',
  'remaining checks still run, and the verdict is not accepted.',
  '',
  '```sh',
  `VERDIKT_CHAIN='["palindrome", {"wordlist": {"words": ["level", "noon"]}}, {"http": {"url": "http://rules:8080/check", "timeoutMs": 2000}}]'`,
  '```',
  '',
  ...CHECKS.flatMap(({ title, about, schema }) => [
    `### \`${title}\``,
    '',
    about,
    '',
    ...table(
      ['option', 'type', 'default', 'range', 'meaning', 'why this default'],
      Object.entries(schema.properties as Record<string, OptionSchema>).map(([name, s]) =>
        cells(name, s, new Set(schema.required)),
      ),
    ),
  ]),
];

const cells = (name: string, s: OptionSchema, required: ReadonlySet<string>): string[] => [
  `\`${name}\``,
  typeOf(s),
  defaultText(name, s, required),
  rangeOf(s),
  String(s.description),
  String(s.reason ?? ''),
];

const typeOf = (s: OptionSchema): string => {
  if (Array.isArray(s.enum)) return 'one of';
  if (s.type !== 'array') return String(s.type);
  return `array of ${String((s.items as OptionSchema).type)}s`;
};

const rangeOf = (s: OptionSchema): string =>
  rangeText(s) || (typeof s.pattern === 'string' ? `\`${s.pattern}\`` : '');
