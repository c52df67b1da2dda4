import { typesText } from '@verdikt/schemas/generate-types.ts';
import { loadSchemas } from '@verdikt/schemas/load.ts';

export interface Generator {
  /** From the root of the repository. */
  readonly path: string;
  text(): string | Promise<string>;
}

/** Every generated file of the repository. Add yours as one line. */
export const generators: readonly Generator[] = [
  { path: 'schemas/types.ts', text: () => typesText(loadSchemas()) },
];
