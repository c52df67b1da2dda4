import { COMPATIBILITY, SchemaType } from '@kafkajs/confluent-schema-registry';
import { systemClock } from '@verdikt/core/ports/clock.ts';
import { isServiceError, ServiceError } from '@verdikt/core/errors.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import { ask, registryAddress, unavailable, type RegistryAddress, type RegistryOptions } from './http.ts';
import { idIn, limited, statusOf } from './registry.ts';
import { WORD_JUDGED_SCHEMA, WORD_SUBMITTED_SCHEMA } from './types.ts';

export interface WantedSubject {
  readonly subject: string;
  /** Minified JSON. */
  readonly schema: string;
  readonly compatibility: 'BACKWARD_TRANSITIVE' | 'FULL_TRANSITIVE';
}

interface RegisteredSubject {
  readonly subject: string;
  readonly id: number;
  readonly compatibility: WantedSubject['compatibility'];
}

/** Subject of the values of a topic, as every client names it by default. */
export const subjectOf = (topic: string): string => `${topic}-value`;

/**
 * Input: processors are upgraded first, so they must read all older data. Results: read by consumers that we do not know, so
 * old and new must read each other.
 */
export const wantedSubjects = (names: Pick<TopicNames, 'words' | 'results'>): readonly WantedSubject[] => [
  { subject: subjectOf(names.words), schema: WORD_SUBMITTED_SCHEMA, compatibility: 'BACKWARD_TRANSITIVE' },
  { subject: subjectOf(names.results), schema: WORD_JUDGED_SCHEMA, compatibility: 'FULL_TRANSITIVE' },
];

/**
 * Sets the compatibility of each subject, then registers its schema. Running it again changes nothing.
 * Rejects SCHEMA_INCOMPATIBLE when the registry refuses the schema, SCHEMA_UNAVAILABLE when it does not answer, CONFIG_INVALID.
 */
export async function registerSchemas(
  options: RegistryOptions,
  names: Pick<TopicNames, 'words' | 'results'>,
): Promise<RegisteredSubject[]> {
  const to = registryAddress(options);
  const done: RegisteredSubject[] = [];
  for (const wanted of wantedSubjects(names)) {
    // First, since the first version must not be judged by the default of the registry, which may be NONE.
    await setCompatibility(to, wanted);
    done.push({
      subject: wanted.subject,
      id: await register(to, wanted),
      compatibility: wanted.compatibility,
    });
  }
  return done;
}

async function setCompatibility(
  to: RegistryAddress,
  { subject, compatibility }: WantedSubject,
): Promise<void> {
  const path = `/config/${encodeURIComponent(subject)}`;
  const now = await ask(to, 'GET', path);
  const level = (now.body as { compatibilityLevel?: unknown } | undefined)?.compatibilityLevel;
  if (now.status === 200 && level === compatibility) return;
  const answer = await ask(to, 'PUT', path, { compatibility });
  if (answer.status !== 200) throw unavailable(to, `PUT ${path} answers ${answer.status}`);
}

async function register(
  to: RegistryAddress,
  { subject, schema, compatibility }: WantedSubject,
): Promise<number> {
  try {
    const confluentSchema = { type: SchemaType.AVRO, schema } as const;
    const level = COMPATIBILITY[compatibility];
    const { id } = await limited(to, systemClock, (client) =>
      client.register(confluentSchema, { subject, compatibility: level, updateConfig: false }),
    );
    return idIn(to, id);
  } catch (e) {
    if (isServiceError(e)) throw e;
    const status = statusOf(e);
    if (status !== 409 && status !== 422)
      throw unavailable(to, `registering ${subject} answers ${status ?? 'nothing'}`, e);
    throw new ServiceError(
      'SCHEMA_INCOMPATIBLE',
      `The schema registry refuses our schema for ${subject} (${compatibility}). Compare it with the registered versions; ` +
        'a change that cannot be made compatible needs a new namespace and new topics.',
      { subject, compatibility, answer: e instanceof Error ? e.message : String(e) },
      e,
    );
  }
}
