import { H } from './headers.ts';
import type { Header, OutRecord } from './record.ts';
import type { TraceHeaders } from './trace-context.ts';

/** A record with another trace context; all else is asked of the record when it is written. */
export class ContextRecord implements OutRecord {
  readonly #record: OutRecord;
  readonly #context: TraceHeaders;
  readonly timestamp?: number;

  constructor(record: OutRecord, context: TraceHeaders) {
    this.#record = record;
    this.#context = context;
    if (record.timestamp !== undefined) this.timestamp = record.timestamp;
  }

  get key(): Buffer | null {
    return this.#record.key;
  }

  get value(): Buffer | string | null {
    return this.#record.value;
  }

  get headers(): readonly Header[] {
    const headers = this.#record.headers.filter(([name]) => name !== H.traceparent && name !== H.tracestate);
    headers.push([H.traceparent, this.#context.traceparent]);
    if (this.#context.tracestate !== '') headers.push([H.tracestate, this.#context.tracestate]);
    return headers;
  }
}
