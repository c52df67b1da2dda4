import { Type } from '@verdikt/core/config/fields.ts';
import { forecastFields } from '@verdikt/core/service/forecast.ts';
import { redriveFields } from '@verdikt/operate/dlq/fields.ts';

/** Of the routes for operators; part of the configuration of the edge. */
export const operatorFields = {
  operators: Type.Boolean({
    default: false,
    description:
      'Serve the routes for operators: dead letters, parked keys, tasks, audit. They need the scope `operate`, and run in a thread of their own.',
    reason: 'It needs the rights of the operator in Kafka. An edge that only takes words needs none.',
  }),
  operatorSaslUsername: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'User name with which that thread logs in to Kafka, if it is not that of the edge. For `scram-…` and `plain`.',
    }),
  ),
  operatorSaslPassword: Type.Optional(
    Type.String({ secret: true, minLength: 1, description: 'Its password.' }),
  ),
  operatorProcessors: Type.Array(Type.String({ format: 'uri', pattern: '^https?://' }), {
    default: [],
    list: true,
    description:
      'Management ports of processors that are asked for their tasks and for forecasts, for example `http://10.0.0.3:9464`. Empty: the members of the group say where theirs are.',
    reason: 'Members know it, unless something stands between them and the edge.',
  }),
  ...forecastFields,
  ...redriveFields,
} as const;

const PASSWORDS = new Set<string | undefined>(['plain', 'scram-sha-256', 'scram-sha-512']);

/** A login of its own is whole, and one that takes a password. */
export const ownLoginHolds = (
  username: string | undefined,
  password: string | undefined,
  mechanism: string | undefined,
): boolean =>
  (username === undefined) === (password === undefined) &&
  (username === undefined || PASSWORDS.has(mechanism));
