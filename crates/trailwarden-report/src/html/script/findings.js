// The list of findings: filter, search, sort, pages, and what one finding rests on.

const PAGE = 50;
const PRINTED = 200;
const SEVERITIES = ["critical", "high", "medium", "low", "informational"];
const OUTCOMES = { open: "Open (fail, unknown)", fail: "Fail", unknown: "Unknown", waived: "Waived", pass: "Pass", "not-applicable": "Not applicable", "": "All" };

function findings(data) {
  const { statement, account, region, resource } = data.rows;
  const state = { shown: [], page: 0, sort: null, isDown: false, isPrinting: false, expanded: new Set() };
  const fields = ["search", "outcome", "severity", "control", "region"].map((id) => [id, byId(id)]);
  const value = (id) => byId(id).value;

  // What the rows are sorted by: a small number for each, so that a million of them sort by counting.
  const rankOf = (values) => {
    const order = values.map((text, place) => [text, place]).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    const ranks = new Int32Array(values.length);
    order.forEach(([, place], rank) => { ranks[place] = rank; });
    return ranks;
  };
  const outcomeOrder = ["fail", "unknown", "pass", "not-applicable"];
  const ofStatement = (rank) => {
    const ranks = Int32Array.from(data.statements, rank);
    return (row) => ranks[statement[row]];
  };
  const controlRanks = rankOf(data.controls.map(({ id }) => id));
  const ranked = (ranks, column) => (row) => ranks[column[row]];
  const columns = [
    ["Outcome", ofStatement(({ outcome }) => outcomeOrder.indexOf(outcome))],
    ["Severity", ofStatement(({ severity }) => SEVERITIES.indexOf(severity))],
    ["Control", ofStatement(({ control }) => controlRanks[control])],
    ["Account", ranked(rankOf(data.accounts.map(([id, name]) => name || id)), account)],
    ["Region", ranked(rankOf(data.regions), region)],
    ["Reason", null],
  ];

  /** For each statement, account, region and resource whether it holds the word; an id is looked up by its digest. */
  function matcher(word) {
    const holds = (text) => text.toLowerCase().includes(word);
    const marks = (values, text) => Uint8Array.from(values, (value) => (text(value).some(holds) ? 1 : 0));
    const texts = Uint8Array.from(data.texts, (text) => (holds(text) ? 1 : 0));
    const says = Uint8Array.from(data.statements, (s) => {
      const places = [s.title, s.reason, ...s.evidence.flat(), ...(s.gap || [])];
      const named = [data.controls[s.control].id, ...(s.waiver === null ? [] : data.waivers[s.waiver])];
      return places.some((place) => texts[place]) || named.some(holds) ? 1 : 0;
    });
    const accounts = marks(data.accounts, (pair) => pair);
    const regions = marks(data.regions, (text) => [text]);
    const resources = marks(data.resources, (text) => [text]);
    const digest = (word.match(/[0-9a-f]{12}$/) || [null])[0];
    const isOfId = (row) => {
      const at = data.digestPlaces[row] * DIGEST;
      return at >= 0 && data.digests.startsWith(digest, at);
    };
    return (row) => says[statement[row]] || accounts[account[row]] || regions[region[row]]
      || resources[resource[row]] || (digest && isOfId(row));
  }

  /** For each control whether it is asked for: alone, or with all that decide a best practice. */
  function ofControls(asked) {
    const [kind, place] = [asked[0], Number(asked.slice(1))];
    return data.controls.map(({ practice }, control) => !asked || (kind === "p" ? practice === place : control === place));
  }

  function filter() {
    const [outcome, severity] = [value("outcome"), value("severity")];
    const place = value("region");
    const isAskedControl = ofControls(value("control"));
    const isAsked = Uint8Array.from(data.statements, (s) => {
      const isWaived = s.waiver !== null;
      const isBad = s.outcome === "fail" || s.outcome === "unknown";
      const standing = isWaived && isBad ? "waived" : s.outcome;
      const fits = outcome === "" || outcome === standing || (outcome === "open" && isBad && !isWaived);
      return fits && (severity === "" || severity === s.severity) && isAskedControl[s.control] ? 1 : 0;
    });
    const words = value("search").toLowerCase().split(/\s+/).filter(Boolean).map(matcher);
    const asked = place === "" ? -1 : Number(place);
    const shown = [];
    for (let row = 0; row < data.n; row++) {
      if (!isAsked[statement[row]] || (asked >= 0 && region[row] !== asked)) continue;
      if (words.every((fits) => fits(row))) shown.push(row);
    }
    state.shown = shown;
    state.page = 0;
    order();
  }

  /** Sorts what is shown by counting; rows of one rank stay in their order. */
  function order() {
    if (state.sort !== null) {
      const rank = columns[state.sort][1];
      const buckets = new Map();
      for (const row of state.shown) {
        const key = rank(row);
        if (!buckets.has(key)) buckets.set(key, []);
        buckets.get(key).push(row);
      }
      const keys = [...buckets.keys()].sort((a, b) => (state.isDown ? b - a : a - b));
      state.shown = keys.flatMap((key) => buckets.get(key));
    }
    show();
  }

  function sortBy(place) {
    state.isDown = state.sort === place && !state.isDown;
    state.sort = place;
    state.page = 0;
    heads();
    order();
    byId("heads").children[place].querySelector("button").focus();
  }

  function heads() {
    byId("heads").replaceChildren(...columns.map(([name, rank], place) => {
      if (!rank) return h("th", { scope: "col" }, name);
      const direction = state.sort !== place ? "none" : state.isDown ? "descending" : "ascending";
      const mark = { none: "", ascending: "▲", descending: "▼" }[direction];
      const button = h("button", { type: "button", onclick: () => sortBy(place) }, name, h("span", { "aria-hidden": "true" }, mark));
      return h("th", { scope: "col", "aria-sort": direction }, button);
    }));
  }

  function show() {
    const [from, length] = state.isPrinting ? [0, PRINTED] : [state.page * PAGE, PAGE];
    const rows = state.shown.slice(from, from + length);
    // What the reader expanded is evidence: it is printed wherever it stands.
    if (state.isPrinting) rows.push(...state.shown.slice(length).filter((row) => state.expanded.has(row)));
    byId("rows").replaceChildren(...rows.flatMap(line));
    const n = state.shown.length;
    byId("none").hidden = n > 0;
    for (const id of ["listed", "pages"]) byId(id).hidden = n === 0;
    const counted = `${plural(n, "finding")} of ${number(data.n)}`;
    byId("count").textContent = state.isPrinting && n > PRINTED ? `${counted}; the first ${number(PRINTED)} are printed` : counted;
    const pages = Math.max(1, Math.ceil(n / PAGE));
    byId("page").textContent = `Page ${number(state.page + 1)} of ${number(pages)}`;
    byId("previous").disabled = state.page === 0;
    byId("next").disabled = state.page + 1 >= pages;
  }

  function line(row) {
    const told = finding(data, row);
    const isExpanded = state.expanded.has(row);
    const button = h("button", { type: "button", class: "expand", "aria-expanded": String(isExpanded) }, told.title);
    const cell = (name, ...children) => h("td", { "data-label": name }, ...children);
    const place = told.name ? [told.name, h("span", { class: "note" }, told.account)] : [told.account];
    const outcome = told.waiver && told.outcome !== "pass" ? [badge(told.outcome), h("span", { class: "note" }, "waived")] : [badge(told.outcome)];
    const tr = h("tr", {},
      cell("Outcome", ...outcome),
      cell("Severity", h("span", { class: `severity ${told.severity}` }, told.severity)),
      cell("Control", button),
      cell("Account", ...place),
      h("td", { "data-label": "Region", class: told.region ? null : "empty" }, told.region || "–"),
      cell("Reason", h("span", { class: "reason" }, told.reason)));
    button.addEventListener("click", () => {
      const isOpen = state.expanded.delete(row);
      if (isOpen) tr.nextElementSibling.remove();
      else state.expanded.add(row) && tr.after(detail(told));
      button.setAttribute("aria-expanded", String(!isOpen));
    });
    return isExpanded ? [tr, detail(told)] : [tr];
  }

  function detail(told) {
    const where = ([, call, account, region]) => [call, account && `in ${account}`, region].filter(Boolean).join(" ");
    const item = (name, ...children) => (children.flat().some(Boolean) ? h("div", {}, h("dt", {}, name), h("dd", {}, ...children)) : null);
    const evidence = told.evidence.map((fact) => h("li", {}, fact[0], " ", h("span", { class: "note" }, where(fact))));
    const [call, account, region, code, reason] = told.gap || [];
    const waiver = told.waiver && `${told.waiver[1]} Accepted by ${told.waiver[2]} until ${told.waiver[3]} (${told.waiver[0]}).`;
    const parts = told.parts.map(([part, outcome]) => `${part}: ${outcome}`).join(", ");
    const facts = h("dl", { class: "facts" },
      item("Reason", told.reason),
      item("Resource", told.resource),
      item("Evidence", evidence.length ? h("ul", {}, evidence) : null),
      item("Could not be read", told.gap && `${call} in ${account || "no account"} ${region}: ${code}: ${reason}`),
      item("Waiver", waiver),
      item("Parts", parts),
      item("What is judged", told.control.rule),
      item("Why it matters", told.control.why),
      item("To mend it", told.outcome === "pass" || told.outcome === "not-applicable" ? null : told.control.remedy),
      item("Answers", told.control.requirements.join(", ")),
      item("Control", h("code", {}, told.control.id)),
      item("Id", told.id && h("code", {}, told.id)));
    return h("tr", { class: "detail" }, h("td", { colspan: "6" }, facts));
  }

  /** Shows the findings of one cell of a map; where the account has none, those that decide it in others. */
  function ask(asked) {
    for (const [id, field] of fields) field.value = asked[id] ?? "";
    filter();
    if (!state.shown.length && asked.orElse) return ask(asked.orElse);
    byId("findings-h").scrollIntoView();
    byId("search").focus({ preventScroll: true });
  }

  function start() {
    fill(byId("outcome"), Object.entries(OUTCOMES));
    byId("outcome").value = "open";
    fill(byId("severity"), [["", "Any"], ...SEVERITIES.map((word) => [word, word])]);
    const controls = data.controls.map(({ id }, place) => [`c${place}`, id]).sort(([, a], [, b]) => (a < b ? -1 : 1));
    fill(byId("control"), [["", "Any"]]);
    group(byId("control"), "Best practices", data.heat.names.map((name, place) => [`p${place}`, name]));
    group(byId("control"), "Controls", controls);
    const regions = data.regions.map((name, place) => [place, name]).slice(1).sort(([, a], [, b]) => (a < b ? -1 : 1));
    fill(byId("region"), [["", "Any"], ...regions]);
    let waiting = 0;
    byId("search").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(filter, 80); });
    fields.slice(1).forEach(([, field]) => field.addEventListener("change", filter));
    const form = byId("search").form;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", (event) => { event.preventDefault(); ask({ outcome: "open" }); });
    byId("none").querySelector("button").addEventListener("click", () => ask({ outcome: "open" }));
    const turn = (step) => () => { state.page += step; show(); byId("findings-h").scrollIntoView(); };
    byId("previous").addEventListener("click", turn(-1));
    byId("next").addEventListener("click", turn(1));
    const print = (isPrinting) => () => { state.isPrinting = isPrinting; show(); };
    addEventListener("beforeprint", print(true));
    addEventListener("afterprint", print(false));
    heads();
    filter();
    byId("list").hidden = false;
  }

  return { start, ask };
}
