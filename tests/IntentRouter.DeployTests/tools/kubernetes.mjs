// Standard input: Kubernetes manifests as YAML. Standard output: a JSON array of what the published schemas object to.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";

const require = createRequire(import.meta.url);

function modelOf({ apiVersion, kind }) {
  const path = apiVersion;
  const library = path.startsWith("monitoring.coreos.com/") ? "@kubernetes-models/prometheus-operator" : "kubernetes-models";
  try {
    return require(`${library}/${path}/${kind}`)[kind];
  } catch {
    return undefined;
  }
}

const problems = [];
for (const document of parseAllDocuments(readFileSync(0, "utf8"), { version: "1.1" })) {
  problems.push(...document.errors.map((error) => error.message));
  const manifest = document.toJS();
  if (manifest === null) {
    continue;
  }
  const name = `${manifest.kind}/${manifest.metadata?.name}`;
  const Model = modelOf(manifest);
  if (!Model) {
    problems.push(`${name}: no schema knows ${manifest.apiVersion} ${manifest.kind}`);
    continue;
  }
  try {
    new Model(manifest).validate();
  } catch (error) {
    problems.push(`${name}: ${error.message}`);
  }
}
console.log(JSON.stringify(problems));
