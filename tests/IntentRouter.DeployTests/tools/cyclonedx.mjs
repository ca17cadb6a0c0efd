// Standard input: a CycloneDX 1.5 bill of materials. Standard output: a JSON array of what the schema objects to.
import { readFileSync } from "node:fs";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";

const problem = await new Validation.JsonStrictValidator(Spec.Version.v1dot5).validate(readFileSync(0, "utf8"));
console.log(JSON.stringify(problem === null ? [] : [JSON.stringify(problem)]));
