// Usage: node check.mjs CONFIG.json. Drives the simulated engines with the vendors' own clients and prints one JSON line per check.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { LexRuntimeV2Client, RecognizeTextCommand, GetSessionCommand } from '@aws-sdk/client-lex-runtime-v2';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { OAuth2Client } from 'google-auth-library';
import { checkLex, checkProto } from './strict.mjs';

const require = createRequire(import.meta.url);
const { SessionsClient: EsClient } = require('@google-cloud/dialogflow').v2;
const { SessionsClient: CxClient } = require('@google-cloud/dialogflow-cx').v3;
const config = JSON.parse(readFileSync(process.argv[2], 'utf8'));

const results = [];
async function check(name, body) {
  try {
    const problems = (await body()) ?? [];
    results.push({ name, problems });
  } catch (error) {
    results.push({ name, problems: [`${error.name}: ${error.message}`] });
  }
}
const equal = (what, actual, expected) => (JSON.stringify(actual) === JSON.stringify(expected) ? [] : [`${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`]);
const control = async (...path) => { await fetch(`${config.control}/${path.join('/')}`, { method: 'POST' }); };

// Google: REST mode, a token that the simulator knows, and error parsing left to the client.
function googleOptions(address) {
  const authClient = new OAuth2Client({ transporterOptions: { validateStatus: () => true } });
  authClient.setCredentials({ access_token: config.token, expiry_date: Date.now() + 3_600_000 });
  return { fallback: true, protocol: 'http', apiEndpoint: '127.0.0.1', port: Number(new URL(address).port), authClient };
}
const es = new EsClient(googleOptions(config.es));
const cx = new CxClient(googleOptions(config.cx));
const esSession = es.projectAgentSessionPath(config.project, config.session);
const cxSession = cx.projectLocationAgentSessionPath(config.project, config.location, config.agent, config.session);
const esAsk = async (text) => (await es.detectIntent({ session: esSession, queryInput: { text: { text, languageCode: 'en' } }, queryParams: { timeZone: 'Europe/Berlin' } }, { retry: null }))[0];
const cxRequest = (text) => ({ session: cxSession, queryInput: { text: { text }, languageCode: 'en' }, queryParams: { timeZone: 'Europe/Berlin' } });
const cxMatch = async (text) => (await cx.matchIntent(cxRequest(text), { retry: null }))[0];
const cxDetect = async (text) => (await cx.detectIntent(cxRequest(text), { retry: null }))[0];
const google = async (address, path, body) => (await (await fetch(address + path, { method: 'POST', headers: { authorization: `Bearer ${config.token}`, 'content-type': 'application/json' }, body: JSON.stringify(body) })).json());

await check('es client: a match', async () => {
  const { queryResult } = await esAsk('table for four');
  return [
    ...equal('intent', queryResult.intent.displayName, 'table.book'),
    ...equal('confidence', Math.round(queryResult.intentDetectionConfidence * 100), 87),
    ...equal('parameter', queryResult.parameters.fields.guests.stringValue, 'four'),
    ...equal('original', queryResult.outputContexts[0].parameters.fields['guests.original'].stringValue, 'four'),
  ];
});
await check('es client: the fallback', async () => equal('isFallback', (await esAsk('blub')).queryResult.intent.isFallback, true));
await check('es client: a dialogue that waits', async () => {
  const { queryResult } = await esAsk('book a table');
  return [
    ...equal('texts', queryResult.fulfillmentMessages.filter((m) => m.text).map((m) => m.text.text[0]), ['Gladly.', 'At what time?']),
    ...equal('platform', queryResult.fulfillmentMessages.at(-1).platform, 'SLACK'),
    ...equal('collected', queryResult.allRequiredParamsPresent, false),
    ...equal('contexts', queryResult.outputContexts.length, 1),
  ];
});
await check('cx client: ranked matches', async () => {
  const { matches, currentPage } = await cxMatch('table for four');
  return [
    ...equal('intents', matches.map((m) => m.intent.displayName), ['table.book', 'table.cancel']),
    ...equal('types', matches.map((m) => m.matchType), ['INTENT', 'INTENT']),
    ...equal('page', currentPage.displayName, 'Start Page'),
  ];
});
await check('cx client: no match', async () => equal('type', (await cxMatch('blub')).matches[0].matchType, 'NO_MATCH'));
await check('cx client: a dialogue that waits', async () => {
  const { queryResult, responseType } = await cxDetect('book a table');
  return [
    ...equal('texts', queryResult.responseMessages.map((m) => m.text.text[0]), ['Gladly.', 'At what time?']),
    ...equal('answer', responseType, 'FINAL'),
    ...equal('match', queryResult.match.intent.displayName, 'table.book'),
    ...equal('webhook', queryResult.webhookStatuses[0].code, 0),
  ];
});

for (const [failure, code, reason] of [['Rejected', 3], ['Throttled', 8, 'RATE_LIMIT_EXCEEDED'], ['Faulted', 13], ['TimedOut', 4]]) {
  for (const [engine, ask] of [['es', esAsk], ['cx', cxMatch]]) {
    await check(`${engine} client: error ${failure}`, async () => {
      await control(engine, 'fail', failure);
      try {
        await ask('table for four');
        return ['no error was raised'];
      } catch (error) {
        const delay = error.statusDetails?.find((d) => d.retryDelay)?.retryDelay?.seconds;
        return [
          ...equal('code', error.code, code),
          ...equal('reason', error.reason, reason),
          ...(reason ? equal('delay', Number(delay), 7) : []),
        ];
      } finally {
        await control(engine, 'reset');
      }
    });
  }
}
await check('es client: a bad token', async () => {
  const options = googleOptions(config.es);
  options.authClient.setCredentials({ access_token: 'stolen', expiry_date: Date.now() + 3_600_000 });
  const stranger = new EsClient(options);
  try {
    await stranger.detectIntent({ session: esSession, queryInput: { text: { text: 'x', languageCode: 'en' } } }, { retry: null });
    return ['no error was raised'];
  } catch (error) {
    return [...equal('code', error.code, 16), ...equal('reason', error.reason, 'ACCESS_TOKEN_EXPIRED')];
  }
});

for (const text of ['table for four', 'blub', 'book a table']) {
  const es2 = { queryInput: { text: { text, languageCode: 'en' } } };
  const cx3 = { queryInput: { text: { text }, languageCode: 'en' } };
  await check(`es schema: ${text}`, async () => checkProto('v2', 'DetectIntentResponse', await google(config.es, `/v2/${esSession}:detectIntent`, es2)));
  await check(`cx schema: matchIntent ${text}`, async () => checkProto('v3', 'MatchIntentResponse', await google(config.cx, `/v3/${cxSession}:matchIntent`, cx3)));
  await check(`cx schema: detectIntent ${text}`, async () => checkProto('v3', 'DetectIntentResponse', await google(config.cx, `/v3/${cxSession}:detectIntent`, cx3)));
}

// Lex over HTTP/1.1; the raw body is tapped beside the client's own reading of it.
let tapped;
class Tap extends NodeHttpHandler {
  async handle(request, options) {
    const output = await super.handle(request, options);
    const chunks = [];
    for await (const chunk of output.response.body) chunks.push(chunk);
    tapped = Buffer.concat(chunks).toString('utf8');
    const { Readable } = await import('node:stream');
    output.response.body = Readable.from([Buffer.from(tapped)]);
    return output;
  }
}
const lexClient = (secret, sessionToken) => new LexRuntimeV2Client({
  region: config.lex.region,
  endpoint: config.lex.address,
  credentials: { accessKeyId: config.lex.keyId, secretAccessKey: secret, sessionToken },
  maxAttempts: 1,
  requestHandler: new Tap(),
});
const lexInput = (text, sessionId = config.session) => ({ botId: config.lex.botId, botAliasId: config.lex.aliasId, localeId: 'en_US', sessionId, text });
const client = lexClient(config.lex.secret);
const lexAsk = (text, sessionId) => client.send(new RecognizeTextCommand(lexInput(text, sessionId)));

await check('lex client: a match', async () => {
  const answer = await lexAsk('table for four');
  return [
    ...equal('intents', answer.interpretations.map((i) => i.intent.name), ['table.book', 'FallbackIntent', 'table.cancel']),
    ...equal('score', answer.interpretations[0].nluConfidence.score, 0.87),
    ...equal('fallback score', answer.interpretations[1].nluConfidence, undefined),
    ...equal('slot', answer.interpretations[0].intent.slots.guests.value.interpretedValue, 'four'),
  ];
});
await check('lex client: the fallback', async () => equal('intent', (await lexAsk('blub')).interpretations[0].intent.name, 'FallbackIntent'));
await check('lex client: a dialogue that waits', async () => {
  const answer = await lexAsk('book a table');
  return [...equal('texts', answer.messages.map((m) => m.content), ['Gladly.', 'At what time?']), ...equal('next', answer.sessionState.dialogAction.type, 'ElicitSlot')];
});
await check('lex client: a session id with a colon is signed as it travels', async () => equal('session', (await lexAsk('blub', 'web:8c1')).sessionId, 'web:8c1'));
await check('lex client: words that are not ASCII', async () => equal('intent', (await lexAsk('Zoë 🎉')).interpretations[0].intent.name, 'FallbackIntent'));
for (const text of ['table for four', 'blub', 'book a table']) {
  await check(`lex schema: ${text}`, async () => { await lexAsk(text); return checkLex('RecognizeTextResponse$', JSON.parse(tapped)); });
}
await check('lex client: a session that is there', async () => {
  const { text, ...session } = lexInput('x');
  const answer = await client.send(new GetSessionCommand(session));
  return [...equal('session', answer.sessionId, config.session), ...checkLex('GetSessionResponse$', JSON.parse(tapped))];
});
await check('lex client: a session that is not there', async () => {
  const { text, ...session } = lexInput('x', 'made-up');
  try { await client.send(new GetSessionCommand(session)); return ['no error was raised']; } catch (error) { return equal('type', error.name, 'ResourceNotFoundException'); }
});
const errorTypes = { ValidationException: 400, AccessDeniedException: 403, ResourceNotFoundException: 404, ConflictException: 409, DependencyFailedException: 424, ThrottlingException: 429, InternalServerException: 500, BadGatewayException: 502 };
for (const [type, status] of Object.entries(errorTypes)) {
  await check(`lex client: error ${type}`, async () => {
    await control('lex', 'error', type);
    try {
      await lexAsk('table for four');
      return ['no error was raised'];
    } catch (error) {
      return [...equal('class', error.constructor.name, type), ...equal('status', error.$metadata.httpStatusCode, status)];
    } finally {
      await control('lex', 'reset');
    }
  });
}
await check('lex client: a bad signature', async () => {
  try {
    await lexClient('wrong').send(new RecognizeTextCommand(lexInput('x')));
    return ['no error was raised'];
  } catch (error) {
    return [...equal('type', error.name, 'InvalidSignatureException'), ...equal('status', error.$metadata.httpStatusCode, 403)];
  }
});

// What the .NET adapters send, by the same schemas.
for (const { name, api, message, body } of config.requests) {
  await check(`request: ${name}`, async () => (api === 'lex' ? checkLex(message, body) : checkProto(api, message, body)));
}

// The checker itself: each of these must be caught.
const caught = (name, problems) => check(`caught: ${name}`, () => (problems.length > 0 ? [] : ['the check let it pass']));
const esGood = { responseId: 'r', queryResult: { queryText: 'x', intent: { displayName: 'a' }, intentDetectionConfidence: 0.5, parameters: { a: 1 } } };
const cxGood = { text: 'x', matches: [{ intent: { displayName: 'a' }, matchType: 'INTENT', confidence: 0.5 }] };
const lexGood = { sessionId: 's1', interpretations: [{ nluConfidence: { score: 0.5 }, intent: { name: 'a', state: 'InProgress' } }] };
await check('not caught: good bodies', () => [...checkProto('v2', 'DetectIntentResponse', esGood), ...checkProto('v3', 'MatchIntentResponse', cxGood), ...checkLex('RecognizeTextResponse$', lexGood)]);
await caught('es extra key', checkProto('v2', 'DetectIntentResponse', { ...esGood, surprise: 1 }));
await caught('es snake_case key', checkProto('v2', 'DetectIntentResponse', { queryResult: { query_text: 'x' } }));
await caught('es number where an object belongs', checkProto('v2', 'DetectIntentResponse', { queryResult: { intent: 7 } }));
await caught('es number as string', checkProto('v2', 'DetectIntentResponse', { queryResult: { intentDetectionConfidence: '0.5' } }));
await caught('es wrong word', checkProto('v2', 'DetectIntentResponse', { queryResult: { fulfillmentMessages: [{ platform: 'PIGEON' }] } }));
await caught('cx extra key', checkProto('v3', 'MatchIntentResponse', { ...cxGood, matchs: [] , surprise: 'x' }));
await caught('cx wrong word', checkProto('v3', 'MatchIntentResponse', { matches: [{ matchType: 'PERHAPS' }] }));
await caught('cx object for a list', checkProto('v3', 'MatchIntentResponse', { matches: { intent: {} } }));
await caught('lex extra key', checkLex('RecognizeTextResponse$', { ...lexGood, surprise: 1 }));
await caught('lex key in another case', checkLex('RecognizeTextResponse$', { SessionId: 's1' }));
await caught('lex number where an object belongs', checkLex('RecognizeTextResponse$', { interpretations: [{ nluConfidence: 0.5 }] }));
await caught('lex number as string', checkLex('RecognizeTextResponse$', { interpretations: [{ nluConfidence: { score: '0.5' } }] }));
await caught('lex wrong word', checkLex('RecognizeTextResponse$', { interpretations: [{ intent: { name: 'a', state: 'Perhaps' } }] }));

console.log(JSON.stringify(results));
process.exit(0);
