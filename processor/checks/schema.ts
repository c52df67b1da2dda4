import { Type, type Static } from '@verdikt/core/config-fields.ts';

/** A stage is named in verdicts, dead letters and metric labels. */
const name = (byDefault: string) =>
  Type.String({
    default: byDefault,
    pattern: '^[a-z0-9][a-z0-9-]{0,62}$',
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

export const httpOptions = Type.Object(
  {
    name: name('http'),
    url: Type.String({ pattern: '^https?://', description: 'Receives POST {word, id, attempt} as JSON.' }),
    timeoutMs: int(
      1,
      5_000,
      300_000,
      'Time limit of one call, answer included.',
      'Well above what a healthy service takes, well below the patience of a lane.',
    ),
    maxResponseBytes: int(
      64,
      64 * 1024,
      16 * 1024 * 1024,
      'Longest answer.',
      'An answer is a boolean and a short text.',
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
  },
  { additionalProperties: false },
);

export type PalindromeOptions = Static<typeof palindromeOptions>;
export type WordlistOptions = Static<typeof wordlistOptions>;
export type HttpOptions = Static<typeof httpOptions>;

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
  | { readonly http: Partial<HttpOptions> & Pick<HttpOptions, 'url'> };

/** Of one check as a validator of the whole chain needs them: it cannot fill in defaults within a choice of forms. */
const withoutDefaults = (type: CheckType): object => {
  const { properties, required, ...rest } = checkOptions[type];
  const plain = Object.entries(properties).map(
    ([name, { default: _, ...schema }]: [string, Record<string, unknown>]) => [name, schema],
  );
  const needed = required.filter((name) => !('default' in (properties as Record<string, object>)[name]));
  return { ...rest, properties: Object.fromEntries(plain) as object, required: needed };
};

const form = (type: CheckType): object => ({
  type: 'object',
  properties: { [type]: withoutDefaults(type) },
  required: [type],
  additionalProperties: false,
});

/** For the field `chain` of a configuration. `createChain` checks again, with better words, and fills in defaults. */
export const chainSchema = Type.Unsafe<ChainSpec[]>({
  type: 'array',
  minItems: 1,
  maxItems: 16,
  items: {
    anyOf: [{ type: 'string', enum: ['palindrome'] }, form('palindrome'), form('wordlist'), form('http')],
  },
  default: ['palindrome'],
  description:
    'Checks in order; the first failure stops. A name, or an object with the name and its options.',
  reason: 'Shows a verdict without any other service.',
});
