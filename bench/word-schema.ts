/** Of `POST /v1/words` as most would write it; the routes that the edge is held against share it. */
export const wordSchema = {
  body: {
    type: 'object',
    required: ['word'],
    additionalProperties: false,
    properties: {
      word: { type: 'string', minLength: 1, maxLength: 1024 },
      key: { type: 'string', maxLength: 256 },
    },
  },
  response: { 202: { type: 'object', properties: { id: { type: 'string' } } } },
} as const;
