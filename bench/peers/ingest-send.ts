// The edge that people write by hand: schema-checked JSON in, one awaited kafkajs send per request, 202 out. `ingest-send.ts PORT BROKERS`
import fastify from 'fastify';
import { Kafka, Partitioners, logLevel } from 'kafkajs';
import { randomUUID } from 'node:crypto';
import { wordSchema } from '../word-schema.ts';

const [port, brokers] = process.argv.slice(2);
const kafka = new Kafka({ clientId: 'by-hand', brokers: brokers.split(','), logLevel: logLevel.NOTHING });
const producer = kafka.producer({ idempotent: true, createPartitioner: Partitioners.DefaultPartitioner });
await producer.connect();

const app = fastify({ logger: false });
app.post('/v1/words', { schema: wordSchema }, async (request, reply) => {
  const { word, key = word } = request.body as { word: string; key?: string };
  const id = randomUUID();
  const headers = { id, 'submitted-at': String(Date.now()) };
  await producer.send({ topic: 'words', acks: -1, messages: [{ key, value: word, headers }] });
  return reply.code(202).send({ id });
});
await app.listen({ host: '127.0.0.1', port: Number(port) });
process.once('SIGTERM', () => void app.close().then(() => producer.disconnect()));
