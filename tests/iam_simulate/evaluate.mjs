// Asks @cloud-copilot/iam-simulate what the SCPs of one path say about requests. A process of its own: one line of JSON in,
// one line of JSON out.
//
//   in   {"nodes": [{"id", "policies": [{"name", "policy"}]}], "requests": [{"principal", "action", "resource", "context"}]}
//   out  one word for each request: "allowed", "explicitDeny", "implicitDeny", or "error: why it was not evaluated"
//
// Run in the folder where the package is installed.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.cwd()}/`);
const { runSimulation } = await import(pathToFileURL(require.resolve("@cloud-copilot/iam-simulate")));

const everything = { Version: "2012-10-17", Statement: { Effect: "Allow", Action: "*", Resource: "*" } };
const words = { Allowed: "allowed", ExplicitlyDenied: "explicitDeny", ImplicitlyDenied: "implicitDeny" };

async function evaluate(nodes, request) {
  const simulation = {
    request: {
      principal: request.principal,
      action: request.action,
      resource: { resource: request.resource, accountId: request.principal.split(":")[4] },
      contextVariables: request.context,
    },
    identityPolicies: [{ name: "everything", policy: everything }],
    serviceControlPolicies: nodes.map(({ id, policies }) => ({ orgIdentifier: id, policies })),
    resourceControlPolicies: [],
  };
  const answer = await runSimulation(simulation, { simulationMode: "Strict" });
  if (answer.resultType === "error") return `error: ${JSON.stringify(answer.errors)}`;
  if (answer.resultType !== "single") return `error: ${answer.resultType} result`;
  if (answer.result.ignoredContextKeys.length > 0) return `error: ignored ${answer.result.ignoredContextKeys}`;
  return words[answer.result.analysis.scpAnalysis.result];
}

for await (const line of createInterface({ input: process.stdin })) {
  const { nodes, requests } = JSON.parse(line);
  const verdicts = [];
  for (const request of requests) verdicts.push(await evaluate(nodes, request).catch((error) => `error: ${error}`));
  console.log(JSON.stringify(verdicts));
}
