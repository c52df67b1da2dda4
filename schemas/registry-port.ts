import { isServiceError } from '@verdikt/core/errors.ts';
import type { Type } from 'avsc';

/** What the registry says about a schema id. */
export type SchemaAnswer =
  | { readonly kind: 'found'; readonly type: Type }
  /** It exists, but is no Avro schema that we can work with. */
  | { readonly kind: 'unusable'; readonly detail: string }
  /** The registry itself says that it has no such schema. */
  | { readonly kind: 'missing' }
  /** Nothing was learned: no connection, no answer in time, or an answer that does not come from a registry. */
  | { readonly kind: 'unavailable'; readonly detail: string };

export interface SchemaRegistry {
  /** The schema of that id. Never rejects. Not cached. */
  byId(id: number): Promise<SchemaAnswer>;
  /**
   * The id of `schema` (JSON text) under `subject`, looked up and never registered. Rejects with SCHEMA_UNAVAILABLE when the
   * registry does not answer or does not have it (yet).
   */
  idOf(subject: string, schema: string): Promise<number>;
}

/** The registry answered `idOf`, and has no such schema. */
export const isUnregistered = (e: unknown): boolean =>
  isServiceError(e, 'SCHEMA_UNAVAILABLE') && e.details['registered'] === false;
