/** Why something from outside is not taken. A value; the routes turn it into a response. */
export interface Refusal {
  readonly ok: false;
  readonly code: 'INPUT_INVALID' | 'INPUT_TOO_LARGE' | 'QUOTA_EXCEEDED';
  /** What is wrong: a property, a header or `body`. None of QUOTA_EXCEEDED. */
  readonly field?: string;
  /** One sentence for people. Never holds outside text. @default that of the code */
  readonly detail?: string;
}

export const invalid = (field: string, detail: string): Refusal => ({
  ok: false,
  code: 'INPUT_INVALID',
  field,
  detail,
});
export const tooLarge = (field: string, detail: string): Refusal => ({
  ok: false,
  code: 'INPUT_TOO_LARGE',
  field,
  detail,
});
