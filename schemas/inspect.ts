import type { TopicNames } from '@verdikt/core/record/topics.ts';
import { ask, registryAddress, unavailable, type RegistryOptions } from './http.ts';
import { wantedSubjects, type WantedSubject } from './register.ts';

/** What the registry has of one subject of ours. */
export interface SubjectReport {
  readonly subject: string;
  /** There is any version at all. */
  readonly exists: boolean;
  /** Our schema is one of them. */
  readonly registered: boolean;
  /** As the registry judges it; undefined without a version to compare with. */
  readonly compatible: boolean | undefined;
  /** In force for the subject. */
  readonly compatibility: string;
  readonly wanted: WantedSubject['compatibility'];
}

/** The subjects of these topics. */
export const subjectsOf = (names: Pick<TopicNames, 'words' | 'results'>): readonly WantedSubject[] =>
  wantedSubjects(names);

/** Looks and changes nothing. Rejects SCHEMA_UNAVAILABLE. */
export const inspectSubject = async (
  options: RegistryOptions,
  { subject, schema, compatibility: wanted }: WantedSubject,
): Promise<SubjectReport> => {
  const to = registryAddress(options);
  const at = encodeURIComponent(subject);
  const answer = async (method: string, path: string, body?: object): Promise<unknown> => {
    const { status, body: found } = await ask(to, method, path, body);
    if (status === 404) return undefined;
    if (status !== 200) throw unavailable(to, `${method} ${path} answers ${status}`);
    return found;
  };
  const latest = await answer('GET', `/subjects/${at}/versions/latest`);
  const config =
    (await answer('GET', `/config/${at}?defaultToGlobal=true`)) ?? (await answer('GET', '/config'));
  const compatibility = String((config as { compatibilityLevel?: unknown } | undefined)?.compatibilityLevel);
  if (latest === undefined)
    return { subject, exists: false, registered: false, compatible: undefined, compatibility, wanted };
  const registered = (await answer('POST', `/subjects/${at}`, { schema })) !== undefined;
  // A schema that is registered was judged when it came.
  const judged = registered
    ? { is_compatible: true }
    : await answer('POST', `/compatibility/subjects/${at}/versions/latest`, { schema });
  const compatible = (judged as { is_compatible?: unknown } | undefined)?.is_compatible === true;
  return { subject, exists: true, registered, compatible, compatibility, wanted };
};
