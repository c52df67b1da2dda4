import type { TObject } from 'typebox';
import { Type, type Static } from '@verdikt/core/config/fields.ts';

/** What a stage may be called. */
export const STAGE_NAME = '^[a-z0-9][a-z0-9-]{0,62}$';
/** A stage is named in verdicts, dead letters and metric labels. */
const name = (byDefault: string) =>
  Type.String({
    default: byDefault,
    pattern: STAGE_NAME,
    description: 'Name of the check in verdicts, dead letters and metrics. Must be unique in the chain.',
  });
const flag = (description: string) => Type.Boolean({ default: false, description });
const int = (minimum: number, byDefault: number, maximum: number, description: string, reason: string) =>
  Type.Integer({ default: byDefault, minimum, maximum, description, reason });

const palindromeOptions = Type.Object(
  {
    name: name('palindrome'),
    ignoreSpaces: flag('Ignore white space.'),
    ignorePunctuation: flag(
      'Ignore punctuation: Unicode category P. `$` and `+` are symbols and are not ignored.',
    ),
    ignoreMarks: flag('Ignore combining marks: é equals e.'),
    ignoreInvisible: flag(
      'Ignore code points that are not shown: soft hyphens, direction marks, joiners outside of emoji.',
    ),
    caseSensitive: flag('Distinguish upper and lower case.'),
    maxCodePoints: int(
      1,
      10_000,
      1_000_000,
      'Maximum length of a word. Longer ones are rejected.',
      'Ten thousand code points take a few milliseconds at worst.',
    ),
  },
  { additionalProperties: false },
);

const wordlistOptions = Type.Object(
  {
    name: name('wordlist'),
    file: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'UTF-8 file with one word per line. Empty lines and lines that start with # are ignored. Read at startup.',
      }),
    ),
    words: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        description: 'Words, instead of a file or in addition to it.',
      }),
    ),
    mode: Type.Enum(['allow', 'deny'], {
      default: 'allow',
      description: '`allow`: true for words in the list. `deny`: true for words that are not in it.',
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
    'Time limit of a call, including the answer.',
    'Far longer than a healthy service takes, but short for the records that wait.',
  ),
  concurrency: int(
    1,
    64,
    10_000,
    'Maximum number of calls at once. Further ones wait.',
    'As many as a service commonly accepts from one client.',
  ),
  breakerFailures: int(
    1,
    10,
    10_000,
    'Number of consecutive failures that open the circuit. Of each key, only the first failure since its last success counts.',
    'Spares a service that is down, and tolerates short disturbances.',
  ),
  breakerHalfOpenMs: int(
    10,
    5_000,
    600_000,
    'How long an open circuit makes no calls. Then one call is tried, after each failure twice as many, at most eight, and after a success twice as many each time.',
    'A restarted service is noticed within seconds.',
  ),
};

/** Of checks that may look at several words at once. */
const batchWaitMs = int(
  0,
  2,
  1_000,
  'How long the first word of a batch waits for others.',
  'Less than a call takes.',
);

const httpOptions = Type.Object(
  {
    name: name('http'),
    url: Type.String({
      pattern: '^https?://',
      description: 'URL that receives `POST {word, id, attempt}` as JSON.',
    }),
    timeoutMs: limits.timeoutMs,
    maxResponseBytes: int(
      64,
      64 * 1024,
      16 * 1024 * 1024,
      'Maximum size of an answer.',
      'An answer is a boolean and a short text.',
    ),
    concurrency: limits.concurrency,
    breakerFailures: limits.breakerFailures,
    breakerHalfOpenMs: limits.breakerHalfOpenMs,
    keepAliveMs: int(
      1,
      4_000,
      600_000,
      'How long an idle connection is kept. Set it below the idle time-out of the service.',
      'Node services close idle connections after 5 s; most others later.',
    ),
    connectionMaxMs: int(
      1_000,
      300_000,
      86_400_000,
      'How long a connection is used. Then a new one looks the name up again.',
      'New instances of a service get their share within minutes.',
    ),
    caFile: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'PEM file with the CAs that the certificate of the service may come from, instead of those that Node trusts. Read at startup.',
      }),
    ),
    publicAddressesOnly: flag(
      'Refuse private, loopback, link-local and other addresses that are not public, after the name is resolved. Such a check does not use a proxy.',
    ),
    batchMax: int(
      1,
      1,
      1_000,
      'Maximum number of words in one request. Above 1, the service must understand [batches](../how-to/http-check.md#several-words-in-one-request).',
      'The simple form of the request.',
    ),
    batchWaitMs,
  },
  { additionalProperties: false },
);

/** A stage of a check of your own, as it stands in the chain. */
export const moduleOptions = Type.Object(
  {
    module: Type.String({
      minLength: 1,
      description:
        'Path of a TypeScript or JavaScript file, relative to the working directory (`./profanity.ts`), or the name of an installed package.',
    }),
    options: Type.Optional(
      Type.Unsafe<Readonly<Record<string, unknown>>>({
        type: 'object',
        description: 'Options of the check. Its own schema says what is allowed.',
      }),
    ),
    name: Type.Optional(
      Type.String({
        pattern: STAGE_NAME,
        description:
          'Name of the check in verdicts, dead letters and metrics. Default: the name that the check defines, else the name of the file.',
      }),
    ),
    ...limits,
    batchMax: int(
      1,
      100,
      1_000,
      'Maximum number of words that `runMany` is given at once. Has no effect on `run`.',
      'Most of what there is to gain.',
    ),
    batchWaitMs,
  },
  { additionalProperties: false },
);

export type PalindromeOptions = Static<typeof palindromeOptions>;
type WordlistOptions = Static<typeof wordlistOptions>;
export type HttpOptions = Static<typeof httpOptions>;
export type ModuleOptions = Static<typeof moduleOptions>;

/** All checks by name. `name` in the options of a stage defaults to the same. */
export const checkOptions = {
  palindrome: palindromeOptions,
  wordlist: wordlistOptions,
  http: httpOptions,
} as const;
type CheckType = keyof typeof checkOptions;

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
  const needed = required.filter(
    (name) => !('default' in ((properties as Record<string, object>)[name] ?? {})),
  );
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
    forms: `"palindrome", {"palindrome": {}}, {"wordlist": {"file": "PATH"}}, {"http": {"url": "URL"}} or {"module": "PATH"}`,
    anyOf: [
      { type: 'string', enum: ['palindrome'] },
      ...[form('palindrome'), form('wordlist'), form('http')],
      withoutDefaults(moduleOptions),
    ],
  },
  default: ['palindrome'],
  description:
    'Checks, in order. Each is a name, an object with the name and its options, or a module of your own: `{"module": "./profanity.ts", "options": {}}`. The first failure ends the attempt.',
  reason: 'Needs no external service.',
});
