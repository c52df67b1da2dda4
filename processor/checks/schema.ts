import type { TObject } from 'typebox';
import { Type, type Static } from '@verdikt/core/config/fields.ts';

/** What a stage may be called. */
export const STAGE_NAME = '^[a-z0-9][a-z0-9-]{0,62}$';
/** A stage is named in verdicts, dead letters and metric labels. */
const name = (byDefault: string) =>
  Type.String({
    default: byDefault,
    pattern: STAGE_NAME,
    description: 'Name of the stage in verdicts, dead letters and metrics; each may occur once in a chain.',
  });
const flag = (description: string) => Type.Boolean({ default: false, description });
const int = (minimum: number, byDefault: number, maximum: number, description: string, reason: string) =>
  Type.Integer({ default: byDefault, minimum, maximum, description, reason });

export const palindromeOptions = Type.Object(
  {
    name: name('palindrome'),
    ignoreSpaces: flag('Leave out white space.'),
    ignorePunctuation: flag('Leave out punctuation (Unicode category P; `$` and `+` are symbols and stay).'),
    ignoreMarks: flag('Leave out combining marks: é is e.'),
    caseSensitive: flag('Take A and a for different.'),
    maxCodePoints: int(
      1,
      10_000,
      1_000_000,
      'Longer words are rejected.',
      'Ten thousand take a few milliseconds at worst.',
    ),
  },
  { additionalProperties: false },
);

export const wordlistOptions = Type.Object(
  {
    name: name('wordlist'),
    file: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'UTF-8, a word a line; empty lines and lines that start with # are left out. Read at start.',
      }),
    ),
    words: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        description: 'The words themselves, in place of or beside a file.',
      }),
    ),
    mode: Type.Enum(['allow', 'deny'], {
      default: 'allow',
      description: '`allow`: true for words in the list. `deny`: true for words that are not.',
    }),
  },
  { additionalProperties: false },
);

/** Of checks that do not answer at once. */
const limits = {
  timeoutMs: int(
    1,
    5_000,
    300_000,
    'Time limit of one call, answer included.',
    'Well above what a healthy service takes, well below the patience of a lane.',
  ),
  concurrency: int(
    1,
    64,
    10_000,
    'Calls at once; further ones wait.',
    'As many as one service commonly takes from one client.',
  ),
  breakerFailures: int(
    1,
    10,
    10_000,
    'So many failures in a row open the circuit.',
    'Few enough to spare a service that is down, more than a hiccup.',
  ),
  breakerHalfOpenMs: int(
    10,
    5_000,
    600_000,
    'How long an open circuit calls nothing; then one call tries.',
    'A restarted service is found again within seconds.',
  ),
};

export const httpOptions = Type.Object(
  {
    name: name('http'),
    url: Type.String({ pattern: '^https?://', description: 'Receives POST {word, id, attempt} as JSON.' }),
    timeoutMs: limits.timeoutMs,
    maxResponseBytes: int(
      64,
      64 * 1024,
      16 * 1024 * 1024,
      'Longest answer.',
      'An answer is a boolean and a short text.',
    ),
    concurrency: limits.concurrency,
    breakerFailures: limits.breakerFailures,
    breakerHalfOpenMs: limits.breakerHalfOpenMs,
  },
  { additionalProperties: false },
);

/** A stage of a check of your own, as it stands in the chain. */
export const moduleOptions = Type.Object(
  {
    module: Type.String({
      minLength: 1,
      description:
        'A file, TypeScript or JavaScript, from the working directory (`./profanity.ts`), or the name of an installed package.',
    }),
    options: Type.Optional(
      Type.Unsafe<Readonly<Record<string, unknown>>>({
        type: 'object',
        description: 'What the check is told at start; its own schema says what is allowed.',
      }),
    ),
    name: Type.Optional(
      Type.String({
        pattern: STAGE_NAME,
        description: 'Name of the stage. Default: what the check says, else the name of the file.',
      }),
    ),
    ...limits,
  },
  { additionalProperties: false },
);

export type PalindromeOptions = Static<typeof palindromeOptions>;
export type WordlistOptions = Static<typeof wordlistOptions>;
export type HttpOptions = Static<typeof httpOptions>;
export type ModuleOptions = Static<typeof moduleOptions>;

/** All checks by name. `name` in the options of a stage defaults to the same. */
export const checkOptions = {
  palindrome: palindromeOptions,
  wordlist: wordlistOptions,
  http: httpOptions,
} as const;
export type CheckType = keyof typeof checkOptions;

/** A name where the defaults do, or an object of one name and its options. */
export type ChainSpec =
  | 'palindrome'
  | { readonly palindrome: Partial<PalindromeOptions> }
  | { readonly wordlist: Partial<WordlistOptions> }
  | { readonly http: Partial<HttpOptions> & Pick<HttpOptions, 'url'> }
  | (Partial<ModuleOptions> & Pick<ModuleOptions, 'module'>);

/** Of one check as a validator of the whole chain needs them: it cannot fill in defaults within a choice of forms. */
const withoutDefaults = (schema: TObject): object => {
  const { properties, required = [], ...rest } = schema;
  const plain = Object.entries(properties as Record<string, Record<string, unknown>>).map(
    ([name, { default: _, ...field }]) => [name, field],
  );
  const needed = required.filter((name) => !('default' in (properties as Record<string, object>)[name]));
  return { ...rest, properties: Object.fromEntries(plain) as object, required: needed };
};

const form = (type: CheckType): object => ({
  type: 'object',
  properties: { [type]: withoutDefaults(checkOptions[type]) },
  required: [type],
  additionalProperties: false,
});

/** For the field `chain` of a configuration. `createChain` checks again, with better words, and fills in defaults. */
export const chainSchema = Type.Unsafe<ChainSpec[]>({
  type: 'array',
  minItems: 1,
  maxItems: 16,
  items: {
    anyOf: [
      { type: 'string', enum: ['palindrome'] },
      ...[form('palindrome'), form('wordlist'), form('http')],
      withoutDefaults(moduleOptions),
    ],
  },
  default: ['palindrome'],
  description:
    'Checks in order; the first failure stops. A name, an object with the name and its options, or a module of your own: `{"module": "./profanity.ts", "options": {}}`.',
  reason: 'Shows a verdict without any other service.',
});
