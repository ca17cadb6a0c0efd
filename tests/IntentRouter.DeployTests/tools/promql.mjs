// Standard input: a JSON array of PromQL expressions. Standard output: for each, the metrics and labels it names and where it is not PromQL.
import { readFileSync } from "node:fs";
import { parser } from "@prometheus-io/lezer-promql";

const read = (expression) => {
  const metrics = new Set();
  const labels = new Set();
  let error = null;
  parser.parse(expression).iterate({
    enter(node) {
      if (node.type.isError) {
        error ??= expression.slice(Math.max(0, node.from - 20), node.to + 20) || "ends too early";
      }
      if (node.name === "Identifier" && node.node.parent?.name === "VectorSelector") {
        metrics.add(expression.slice(node.from, node.to));
      }
      if (node.name === "LabelName") {
        labels.add(expression.slice(node.from, node.to));
      }
    },
  });
  return { metrics: [...metrics], labels: [...labels], error };
};
console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(read)));
