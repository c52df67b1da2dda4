import { systemClock } from '@verdikt/core/ports/clock.ts';
import { H } from '@verdikt/core/record/headers.ts';
import type { Header } from '@verdikt/core/record/record.ts';
import { createSubmissionCodec } from '@verdikt/schemas/codec.ts';
import { createVerdictEncoder } from '@verdikt/schemas/verdict.ts';
import { createPalindromeCheck } from '../../processor/checks/palindrome.ts';
import type { PlainChain } from '../../processor/checks/plain-chain.ts';
import { chainOf } from '../../processor/checks/run-chain.ts';
import { createPlainVerdicts } from '../../processor/plain-verdicts.ts';
import { wordSubmittedType } from '../../schemas/avro.ts';
import { createSubmissionEncoder } from '../../schemas/encode.ts';
import type { Random } from '../engine/history/random.ts';
import { inRecord } from '../support/records.ts';
import { verdictByObjects, verdictFromBytes } from '../support/verdict-paths.ts';
import { mutateHeaders, uuid } from './headers.ts';
import { mutate, safeInteger, text } from './mutate.ts';
import { answered, must, mustEqual, type Target } from './target.ts';

const OURS = 1;
const options = (r: 'exact' | 'loose') => ({
  ...{ name: r, caseSensitive: r === 'exact', ignoreSpaces: r === 'loose', ignorePunctuation: r === 'loose' },
  ...{ ignoreMarks: false, ignoreInvisible: r === 'loose', maxCodePoints: 60 },
});

const wordOf = (r: Random): string => {
  if (r.chance(0.4)) return text(r, 12);
  const half = Array.from({ length: r.below(30) }, () => String.fromCharCode(32 + r.below(95)));
  if (r.chance(0.3)) half.push(r.pick(['"', '\\', '\r', '\n', '\u007f', '\u0000', 'é', '\ud83d\ude00']));
  return [...half, ...half.toReversed()].join('');
};

const headersOf = (r: Random): Header[] => {
  const headers: Header[] = [[H.id, r.chance(0.9) ? uuid(r) : text(r, 5)]];
  if (r.chance(0.5)) headers.push([H.submittedAt, String(safeInteger(r))]);
  if (r.chance(0.5)) headers.push([H.edge, r.chance(0.9) ? 'a-topic-id' : text(r, 40)]);
  if (r.chance(0.5)) headers.push([H.owner, r.chance(0.9) ? 'a-client' : text(r, 300)]);
  if (r.chance(0.5)) headers.push([H.traceparent, `00-${'4b'.repeat(16)}-${'f0'.repeat(8)}-01`]);
  if (r.chance(0.3)) headers.push([H.tracestate, text(r, 200)]);
  return r.chance(0.4) ? mutateHeaders(r, headers) : headers;
};

/** A verdict that is told and written from bytes is the one that the reader, the chain and the codec give, byte for byte. */
export const verdictPaths = async (): Promise<Target> => {
  const type = wordSubmittedType;
  const codec = createSubmissionCodec(
    { byId: () => Promise.resolve({ kind: 'found', type }), idOf: () => Promise.resolve(OURS) },
    { clock: systemClock },
  );
  const write = createSubmissionEncoder(OURS);
  await codec.prepare([inRecord({ value: write('a', 1) })]);
  const chain = chainOf([createPalindromeCheck(options('exact')), createPalindromeCheck(options('loose'))]);
  const encode = createVerdictEncoder({ format: 'json' });
  const plain = createPlainVerdicts({ reader: codec, chain: chain.plain as PlainChain, encode });
  const name = 'verdicts from bytes';
  return {
    name,
    weight: 12,
    make: (r) => {
      const written = write(wordOf(r), safeInteger(r) * (r.chance(0.02) ? -1 : 1));
      const value = r.chance(0.4) ? mutate(r, written) : written;
      const record = inRecord({
        ...{ key: r.chance(0.1) ? null : text(r, 9), value: r.chance(0.01) ? null : value },
        ...{ headers: headersOf(r), offset: safeInteger(r) },
      });
      const now = safeInteger(r);
      return {
        bytes: record.buffer,
        run: () => {
          const id = record.header(H.id);
          if (id === undefined || id === null) return;
          const made = verdictFromBytes(plain, record, now);
          answered(name, made !== undefined);
          if (made === undefined) return;
          const wanted = verdictByObjects(codec, chain, encode, record, now);
          must(wanted !== undefined, () => 'there is no such verdict');
          mustEqual(
            { ...made, bytes: made.bytes.toString('latin1') },
            { ...wanted, bytes: wanted?.bytes.toString('latin1') },
            'another verdict',
          );
        },
      };
    },
  };
};
