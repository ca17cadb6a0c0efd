// A server of the HTTP adapter contract in Node, without dependencies: keywords instead of a model. node server.mjs [port]
import { createServer } from 'node:http';

const keywords = { order_status: ['order', 'parcel', 'delivery'], refund: ['refund', 'money back'], talk_to_human: ['human', 'agent', 'person'] };

function understand({ text }) {
  const words = text.toLowerCase();
  const ranking = Object.entries(keywords)
    .map(([intent, list]) => ({ intent, confidence: Math.min(0.95, list.filter((w) => words.includes(w)).length * 0.6) }))
    .filter((c) => c.confidence > 0)
    .sort((a, b) => b.confidence - a.confidence);
  // JavaScript counts UTF-16 units, as .NET does.
  const entities = [...text.matchAll(/\d{4,10}/g)].map((m) => ({ name: 'order_number', value: m[0], start: m.index, end: m.index + m[0].length }));
  return { kind: ranking.length ? 'ranked' : 'noMatch', ranking, entities, positions: 'utf16', model: 'keywords-1' };
}

const server = createServer(async (request, response) => {
  const answer = (status, body) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  if (request.method === 'GET' && request.url === '/v1/health') return answer(200, { healthy: true });
  if (request.method !== 'POST' || request.url !== '/v1/understand') return answer(404, { title: 'Not found' });
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  try {
    return answer(200, understand(JSON.parse(Buffer.concat(chunks).toString('utf8'))));
  } catch {
    return answer(400, { title: 'Not a question' });
  }
});
server.listen(Number(process.argv[2] ?? 8090), '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
