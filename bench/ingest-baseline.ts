// The same route as most would write it, with a handler that does nothing: schema-checked JSON in, 202 and an id out.
import fastify from 'fastify';
import { randomUUID } from 'node:crypto';

const app = fastify({ logger: false });
app.post(
  '/v1/words',
  {
    schema: {
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
    },
  },
  (_request, reply) => {
    void reply.code(202).send({ id: randomUUID() });
  },
);
await app.listen({ host: '127.0.0.1', port: Number(process.argv[2]) });
process.once('SIGTERM', () => void app.close());
