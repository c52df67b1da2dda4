import { pino, type DestinationStream, type Logger } from 'pino';
import type { Log } from '../ports/log.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

interface LoggerOptions {
  readonly level: LogLevel;
  /** On every line, for example `{ service: 'processor' }`. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** Default: standard output, synchronous, so that the last lines before an end are not lost. */
  readonly destination?: DestinationStream;
}

/** Never logged, here and one level down: what a submission holds, and what opens doors. */
const HIDDEN = ['word', 'value', 'key', 'password', 'token', 'authorization', 'cookie', 'secret'];

/**
 * JSON lines: `time` as ISO 8601, `level` as text, `message`, then the fields. Words, keys and secrets that were passed as
 * fields are replaced by `***`. An error goes into `err`: class, code and details of a ServiceError, message, stack, causes.
 */
export const createLogger = ({ level, fields = {}, destination }: LoggerOptions): Log => {
  const options = {
    level,
    base: fields,
    messageKey: 'message',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: serializeError },
    redact: { paths: HIDDEN.flatMap((name) => [name, `*.${name}`]), censor: '***' },
  };
  return wrap(
    destination === undefined
      ? pino(options, pino.destination({ dest: 1, sync: true }))
      : pino(options, destination),
  );
};

/** Through our own methods, so that pino's formats like `%s` mean nothing in a message. */
const wrap = (logger: Logger): Log => ({
  debug: (f, message) => logger.debug({ ...f, message }),
  info: (f, message) => logger.info({ ...f, message }),
  warn: (f, message) => logger.warn({ ...f, message }),
  error: (f, message) => logger.error({ ...f, message }),
  child: (f) => wrap(logger.child(f)),
});

const MAX_CAUSES = 5;

/** What is logged of anything that was thrown. */
const serializeError = (e: unknown, depth = 0): unknown => {
  if (!(e instanceof Error)) return e;
  const { code, details, cause } = e as Error & { readonly code?: unknown; readonly details?: unknown };
  return {
    type: e.name,
    ...(code === undefined ? {} : { code }),
    message: e.message,
    ...(details === undefined ? {} : { details }),
    stack: e.stack,
    ...(cause === undefined ? {} : { cause: depth < MAX_CAUSES ? serializeError(cause, depth + 1) : '…' }),
  };
};
