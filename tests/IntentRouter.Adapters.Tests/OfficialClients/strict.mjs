// The official clients are lenient: a typo vanishes in silence. These two walk the vendors' own schemas and report what did not survive.
import { createRequire } from 'node:module';
import { NormalizedSchema } from '@smithy/core/schema';
import * as lex from '@aws-sdk/client-lex-runtime-v2';

const require = createRequire(import.meta.url);
const gax = require('google-gax');
const { fromProto3JSON, toProto3JSON } = require('proto3-json-serializer');

const roots = {
  v2: gax.protobufFromJSON(require('@google-cloud/dialogflow/build/protos/protos.json')),
  v3: gax.protobufFromJSON(require('@google-cloud/dialogflow-cx/build/protos/protos.json')),
};
const packages = { v2: 'google.cloud.dialogflow.v2', v3: 'google.cloud.dialogflow.cx.v3' };

/** Problems of a raw JSON body as a message of Dialogflow's API. */
export function checkProto(version, message, raw) {
  try {
    const type = roots[version].lookupType(`${packages[version]}.${message}`);
    const problems = [];
    compare(raw, toProto3JSON(fromProto3JSON(type, raw)), message, problems);
    return problems;
  } catch (error) {
    return [`${message}: ${error.message}`];
  }
}

function compare(raw, back, path, problems) {
  if (Array.isArray(raw)) {
    if (!Array.isArray(back)) { if (raw.length > 0) problems.push(`${path}: the list did not survive`); return; }
    if (raw.length !== back.length) problems.push(`${path}: ${raw.length} entries became ${back.length}`);
    raw.forEach((entry, i) => compare(entry, back[i], `${path}[${i}]`, problems));
  } else if (raw !== null && typeof raw === 'object') {
    if (back === undefined && Object.keys(raw).length === 0) return;
    if (back === null || typeof back !== 'object') { problems.push(`${path}: the object did not survive`); return; }
    for (const key of Object.keys(raw)) compare(raw[key], back[key], `${path}.${key}`, problems);
  } else if (typeof raw === 'number' && typeof back === 'number') {
    if (Math.fround(raw) !== Math.fround(back)) problems.push(`${path}: ${raw} became ${back}`);
  } else if (back === undefined) {
    // proto3 drops defaults, so an unknown key with a default value looks the same as a known one: do not send defaults at all.
    problems.push(`${path}: is not known, or is a default that the service leaves out`);
  } else if (raw !== back && !(typeof raw === 'number' && typeof back === 'string')) {
    problems.push(`${path}: ${JSON.stringify(raw)} became ${JSON.stringify(back)}`);
  }
}

// The service model gives enumerations as plain strings; the client exports their words beside.
const words = {
  'Message.contentType': lex.MessageContentType,
  'DialogAction.type': lex.DialogActionType,
  'DialogAction.slotElicitationStyle': lex.StyleType,
  'Intent.state': lex.IntentState,
  'Intent.confirmationState': lex.ConfirmationState,
  'Slot.shape': lex.Shape,
  'Interpretation.interpretationSource': lex.InterpretationSource,
  'SentimentResponse.sentiment': lex.SentimentType,
};

/** Problems of a raw JSON body as a structure of Lex's API. */
export function checkLex(schema, raw) {
  const problems = [];
  walk(NormalizedSchema.of(lex[schema]), raw, schema, problems);
  return problems;
}

function walk(schema, raw, path, problems) {
  if (raw === null) return;
  const kind = Array.isArray(raw) ? 'list' : typeof raw;
  const expect = (wanted) => { if (kind !== wanted) problems.push(`${path}: ${kind} where ${wanted} belongs`); return kind === wanted; };
  if (schema.isListSchema()) {
    if (expect('list')) raw.forEach((entry, i) => walk(schema.getValueSchema(), entry, `${path}[${i}]`, problems));
  } else if (schema.isMapSchema()) {
    if (expect('object')) for (const key of Object.keys(raw)) walk(schema.getValueSchema(), raw[key], `${path}.${key}`, problems);
  } else if (schema.isStructSchema()) {
    if (!expect('object')) return;
    const members = new Map(schema.structIterator());
    const name = schema.getName(false) ?? '';
    for (const key of Object.keys(raw)) {
      if (!members.has(key)) { problems.push(`${path}.${key}: is not a member`); continue; }
      walk(members.get(key), raw[key], `${path}.${key}`, problems);
      const known = words[`${name.split('#').pop()}.${key}`];
      if (known && typeof raw[key] === 'string' && !Object.values(known).includes(raw[key])) problems.push(`${path}.${key}: '${raw[key]}' is not a word of it`);
    }
  } else if (schema.isStringSchema()) expect('string');
  else if (schema.isNumericSchema()) expect('number');
  else if (schema.isBooleanSchema()) expect('boolean');
}
