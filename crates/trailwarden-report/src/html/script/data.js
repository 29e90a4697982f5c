// The packed findings: reading them, and what one row says with the marks in its texts replaced.

const byId = (id) => document.getElementById(id);

/** Reads the pack that stands in the page. */
async function unpack() {
  const text = byId("pack").textContent;
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  byId("pack").remove();
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const data = JSON.parse(await new Response(stream).text());
  for (const name of ["statement", "account", "region", "resource"]) {
    data.rows[name] = sums(data.rows[name]);
  }
  data.n = data.rows.statement.length;
  data.digests = byId("digests").textContent;
  data.digestPlaces = digestPlaces(data);
  return data;
}

/** Distances made numbers again. */
function sums(distances) {
  const values = new Int32Array(distances.length);
  let value = 0;
  for (let i = 0; i < distances.length; i++) {
    value += distances[i];
    values[i] = value;
  }
  return values;
}

/** Where the digest of each row stands; -1 for those that have none. */
function digestPlaces(data) {
  const places = new Int32Array(data.n).fill(-1);
  let next = 0;
  for (let row = 0; row < data.n; row++) {
    const { outcome } = data.statements[data.rows.statement[row]];
    if (outcome === "fail" || outcome === "unknown") places[row] = next++;
  }
  return places;
}

const DIGEST = 12;

/** What one row says. */
function finding(data, row) {
  const statement = data.statements[data.rows.statement[row]];
  const [account, name] = data.accounts[data.rows.account[row]];
  const region = data.regions[data.rows.region[row]];
  const resource = data.resources[data.rows.resource[row]];
  const own = { "\u0001": resource, "\u0002": account, "\u0003": region, "\u0004": name };
  const text = (place) => data.texts[place].replace(/[\u0001-\u0004]/g, (mark) => own[mark]);
  const control = data.controls[statement.control];
  const digest = data.digestPlaces[row];
  return {
    control, account, name, region, resource,
    outcome: statement.outcome,
    severity: statement.severity,
    title: text(statement.title),
    reason: text(statement.reason),
    evidence: statement.evidence.map((fact) => fact.map(text)),
    parts: statement.parts.map(([part, outcome]) => [text(part), outcome]),
    gap: statement.gap && statement.gap.map(text),
    waiver: statement.waiver === null ? null : data.waivers[statement.waiver],
    id: digest < 0 ? null : `${control.id}-${data.digests.slice(digest * DIGEST, (digest + 1) * DIGEST)}`,
  };
}
