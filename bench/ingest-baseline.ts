// The same route as most would write it, with a handler that does nothing: schema-checked JSON in, 202 and an id out.
import fastify from 'fastify';
import { randomUUID } from 'node:crypto';
import { wordSchema } from './word-schema.ts';

const app = fastify({ logger: false });
app.post('/v1/words', { schema: wordSchema }, (_request, reply) => {
  void reply.code(202).send({ id: randomUUID() });
});
await app.listen({ host: '127.0.0.1', port: Number(process.argv[2]) });
process.once('SIGTERM', () => void app.close());
