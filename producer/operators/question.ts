import type { Filter } from '@verdikt/operate/dlq/filter.ts';

export interface From {
  readonly partition: number;
  readonly offset: number;
}

/** What a redrive or skip is asked with. */
export interface Wanted {
  readonly action: 'redrive' | 'skip';
  readonly filter: Filter;
  readonly all: boolean;
  /** Undefined: a new one. */
  readonly operation?: string | undefined;
  readonly max?: number | undefined;
  readonly rate?: number | undefined;
  readonly maxRedrives?: number | undefined;
  readonly includeQuarantined: boolean;
  readonly forceUnknownSchema: boolean;
}

/** Letters that no processor was asked about by then are counted as more. */
export const FORECAST_MS = 30_000;
/** For the last answer after that. */
export const FORECAST_END_MS = 25_000;

/** What a forecast is asked with. */
export interface ForecastWanted {
  readonly filter: Filter;
  /** Letters. */
  readonly max: number;
  /** Also run checks that ask services, and modules. */
  readonly allChecks: boolean;
}

/** Who asks, as audits name them, and whether they may read words. */
export interface Asking {
  readonly by: string;
  readonly text: boolean;
}

export type OperatorQuestion = Asking &
  (
    | { readonly ask: 'letters'; readonly filter: Filter; readonly from: From; readonly limit: number }
    | { readonly ask: 'groups'; readonly filter: Filter }
    | ({ readonly ask: 'letter' } & From)
    | { readonly ask: 'dry-run'; readonly wanted: Wanted }
    | { readonly ask: 'what-if'; readonly wanted: ForecastWanted }
    /** Answered when it has ended, or after so long. */
    | { readonly ask: 'run'; readonly wanted: Wanted; readonly waitMs: number }
    | { readonly ask: 'operation'; readonly operation: string }
    | { readonly ask: 'reset'; readonly tasks: readonly number[] | undefined; readonly dryRun: boolean }
    | { readonly ask: 'parked'; readonly from: number; readonly limit: number }
    | { readonly ask: 'tasks' }
    | { readonly ask: 'audit'; readonly limit: number }
  );

export type OperatorAnswer =
  | {
      readonly is: 'told';
      readonly status: 200 | 202;
      /** JSON. */
      readonly body: string;
      /** Where to ask how it goes on. */
      readonly location?: string;
    }
  | {
      readonly is: 'problem';
      readonly code: 'INPUT_INVALID' | 'NOT_FOUND' | 'OPERATORS_AWAY' | 'PROCESSORS_AWAY';
      readonly field?: string;
      readonly detail?: string;
    };
