// Generated from producer/openapi.json by `npm run generate`. Do not edit.
import type * as Api from './api-types.ts';

/** What each operation takes and answers. */
export interface Operations {
  submitWord: {
    data: Api.SubmitWordData;
    responses: Api.SubmitWordResponses;
    errors: Api.SubmitWordErrors;
  };
  submitBatch: {
    data: Api.SubmitBatchData;
    responses: Api.SubmitBatchResponses;
    errors: Api.SubmitBatchErrors;
  };
  getWord: {
    data: Api.GetWordData;
    responses: Api.GetWordResponses;
    errors: Api.GetWordErrors;
  };
  getKey: {
    data: Api.GetKeyData;
    responses: Api.GetKeyResponses;
    errors: Api.GetKeyErrors;
  };
  findKey: {
    data: Api.FindKeyData;
    responses: Api.FindKeyResponses;
    errors: Api.FindKeyErrors;
  };
  getSummary: {
    data: Api.GetSummaryData;
    responses: Api.GetSummaryResponses;
    errors: Api.GetSummaryErrors;
  };
  streamResults: {
    data: Api.StreamResultsData;
    responses: Api.StreamResultsResponses;
    errors: Api.StreamResultsErrors;
  };
  getMe: {
    data: Api.GetMeData;
    responses: Api.GetMeResponses;
    errors: Api.GetMeErrors;
  };
  listDeadLetters: {
    data: Api.ListDeadLettersData;
    responses: Api.ListDeadLettersResponses;
    errors: Api.ListDeadLettersErrors;
  };
  groupDeadLetters: {
    data: Api.GroupDeadLettersData;
    responses: Api.GroupDeadLettersResponses;
    errors: Api.GroupDeadLettersErrors;
  };
  getDeadLetter: {
    data: Api.GetDeadLetterData;
    responses: Api.GetDeadLetterResponses;
    errors: Api.GetDeadLetterErrors;
  };
  redriveDeadLetters: {
    data: Api.RedriveDeadLettersData;
    responses: Api.RedriveDeadLettersResponses;
    errors: Api.RedriveDeadLettersErrors;
  };
  skipDeadLetters: {
    data: Api.SkipDeadLettersData;
    responses: Api.SkipDeadLettersResponses;
    errors: Api.SkipDeadLettersErrors;
  };
  forecastDeadLetters: {
    data: Api.ForecastDeadLettersData;
    responses: Api.ForecastDeadLettersResponses;
    errors: Api.ForecastDeadLettersErrors;
  };
  resetDeadLetterLimits: {
    data: Api.ResetDeadLetterLimitsData;
    responses: Api.ResetDeadLetterLimitsResponses;
    errors: Api.ResetDeadLetterLimitsErrors;
  };
  getOperation: {
    data: Api.GetOperationData;
    responses: Api.GetOperationResponses;
    errors: Api.GetOperationErrors;
  };
  listParkedKeys: {
    data: Api.ListParkedKeysData;
    responses: Api.ListParkedKeysResponses;
    errors: Api.ListParkedKeysErrors;
  };
  getTasks: {
    data: Api.GetTasksData;
    responses: Api.GetTasksResponses;
    errors: Api.GetTasksErrors;
  };
  listAudits: {
    data: Api.ListAuditsData;
    responses: Api.ListAuditsResponses;
    errors: Api.ListAuditsErrors;
  };
}

export const OPERATIONS = {
  submitWord: { method: 'POST', path: '/v1/words' },
  submitBatch: { method: 'POST', path: '/v1/words:batch' },
  getWord: { method: 'GET', path: '/v1/words/{id}' },
  getKey: { method: 'GET', path: '/v1/keys/{key}' },
  findKey: { method: 'GET', path: '/v1/keys' },
  getSummary: { method: 'GET', path: '/v1/summary' },
  streamResults: { method: 'GET', path: '/v1/results/stream' },
  getMe: { method: 'GET', path: '/v1/me' },
  listDeadLetters: { method: 'GET', path: '/v1/dead-letters' },
  groupDeadLetters: { method: 'GET', path: '/v1/dead-letters/groups' },
  getDeadLetter: { method: 'GET', path: '/v1/dead-letters/{partition}/{offset}' },
  redriveDeadLetters: { method: 'POST', path: '/v1/dead-letters/redrive' },
  skipDeadLetters: { method: 'POST', path: '/v1/dead-letters/skip' },
  forecastDeadLetters: { method: 'POST', path: '/v1/dead-letters/what-if' },
  resetDeadLetterLimits: { method: 'POST', path: '/v1/dead-letters/reset' },
  getOperation: { method: 'GET', path: '/v1/operations/{operation}' },
  listParkedKeys: { method: 'GET', path: '/v1/parked-keys' },
  getTasks: { method: 'GET', path: '/v1/tasks' },
  listAudits: { method: 'GET', path: '/v1/audit' },
} as const satisfies Record<keyof Operations, { method: string; path: string }>;
