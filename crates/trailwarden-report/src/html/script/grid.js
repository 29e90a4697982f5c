// The maps of accounts: under each organizational unit its accounts, a hundred at a time, and what a cell says.

const AT_ONCE = 100;
const OPEN_UNDER = 40;
const SIGNS = { f: "✗", h: "/", u: "?", w: "~", p: "✓", n: "–", _: "" };

function grid(data, id, map, onCell, detail) {
  const table = byId(id);
  if (!table) return;
  const says = byId(`${id}-says`);
  says.hidden = false;
  const columns = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent);
  const isSmall = data.groups.reduce((sum, group) => sum + group.accounts.length, 0) <= OPEN_UNDER;

  /** The row of one account. */
  function row(place) {
    const [account, name] = data.accounts[place];
    const label = [name || account, " ", name ? h("span", { class: "note" }, account) : ""];
    const button = h("button", { type: "button", "data-place": place }, ...label);
    const cells = [...map.rows[place]].map((letter) => h("td", { class: letter, tabindex: "-1", "aria-label": map.words[letter] }, SIGNS[letter]));
    return h("tr", { class: "account" }, h("th", { scope: "row" }, button), ...cells);
  }

  function open(body, group) {
    const shown = body.rows.length - 1;
    const more = body.querySelector(".more");
    if (more) more.remove();
    const from = more ? shown - 1 : shown;
    body.append(...group.accounts.slice(from, from + AT_ONCE).map(row));
    const left = group.accounts.length - from - AT_ONCE;
    if (left > 0) {
      const button = h("button", { type: "button", onclick: () => open(body, group) }, `Show ${Math.min(left, AT_ONCE)} of ${plural(left, "more account")}`);
      body.append(h("tr", { class: "more" }, h("td", { colspan: columns.length + 1 }, button)));
    }
  }

  [...table.tBodies].forEach((body, n) => {
    const group = data.groups[n];
    const head = body.rows[0].cells[0];
    const button = h("button", { type: "button", class: "expand", "aria-expanded": "false" }, ...head.childNodes);
    button.addEventListener("click", () => {
      const isOpen = button.getAttribute("aria-expanded") === "true";
      button.setAttribute("aria-expanded", String(!isOpen));
      if (isOpen) [...body.rows].slice(1).forEach((row) => row.remove());
      else open(body, group);
      // The cell that took Tab may be gone.
      const [first] = table.querySelectorAll("td[aria-label]");
      if (first && !table.querySelector("td[tabindex='0']")) first.tabIndex = 0;
    });
    head.replaceChildren(button);
    if (isSmall) button.click();
  });

  function read(event) {
    const cell = event.target.closest("td[aria-label]");
    if (!cell) return;
    const name = cell.parentElement.cells[0].textContent.trim();
    says.textContent = `${name} · ${columns[cell.cellIndex - 1]} · ${cell.getAttribute("aria-label")}`;
  }
  table.addEventListener("pointermove", read);
  table.addEventListener("focusin", read);
  table.addEventListener("click", (event) => {
    const line = event.target.closest("tr.account");
    if (!line) return;
    const place = Number(line.cells[0].firstChild.dataset.place);
    const cell = event.target.closest("td");
    onCell(place, cell ? cell.cellIndex - 1 : -1, line);
  });
  roam(table);
}

/** Lets the keyboard walk the cells: one of them takes Tab, the arrow keys go on from it, and Enter is a click. */
function roam(table) {
  const isCell = (cell) => cell && cell.matches("td[aria-label]");
  const first = () => table.querySelector("td[aria-label]");
  table.setAttribute("role", "grid");
  if (first()) first().tabIndex = 0;
  table.addEventListener("keydown", (event) => {
    const cell = event.target;
    if (!isCell(cell)) return;
    const row = cell.parentElement;
    const rows = [...table.rows].filter((line) => isCell(line.cells[1]));
    const beside = (step) => row.cells[cell.cellIndex + step];
    const below = (step) => rows[rows.indexOf(row) + step]?.cells[cell.cellIndex];
    const steps = {
      ArrowLeft: () => beside(-1), ArrowRight: () => beside(1), ArrowUp: () => below(-1), ArrowDown: () => below(1),
      Home: () => row.cells[1], End: () => row.cells[row.cells.length - 1],
      Enter: () => cell.click(), " ": () => cell.click(),
    };
    if (!steps[event.key]) return;
    event.preventDefault();
    const next = steps[event.key]();
    if (isCell(next)) next.focus();
  });
  table.addEventListener("focusin", ({ target }) => {
    if (!isCell(target)) return;
    table.querySelectorAll("td[tabindex='0']").forEach((cell) => { cell.tabIndex = -1; });
    target.tabIndex = 0;
  });
}

/** The heat map: an account or a cell of it asks for its findings. */
function heat(data, list) {
  const n = data.heat.names.length;
  const controlOf = new Map(data.controls.map(({ id }, place) => [id, `c${place}`]));
  const names = [...byId("heat-map").tHead.rows[0].cells].slice(1).map((cell) => cell.textContent);
  grid(data, "heat-map", data.heat, (place, column) => {
    const search = data.accounts[place][0];
    if (column < 0) return list.ask({ search, outcome: "" });
    if (column >= n) return list.ask({ search, outcome: "", control: controlOf.get(names[column]) });
    // A trail or bucket is told in the account that owns it, and may decide for others.
    const open = { outcome: "open", control: `p${column}` };
    list.ask({ ...open, search, orElse: open });
  });
}

/** The coverage map: an account tells below it what becomes of each class of events, and where. */
function coverage(data) {
  if (!data.coverage) return;
  const { accounts, classes, details } = data.coverage;
  const words = { p: "recorded", f: "lost", u: "not known", n: "does not happen" };
  const told = ([regions, states]) => {
    const names = regions.map((region) => data.coverage.regions[region]).join(", ") || "everywhere";
    const lines = states.map(([letter, detail], n) => [letter, `${classes[n]}: ${words[letter]}${detail ? ` (${letter === "f" ? "for example " : ""}${details[detail]})` : ""}`]);
    return h("li", {}, names, h("ul", {}, lines.map(([letter, line]) => h("li", {}, h("span", { class: `cell ${letter}`, "aria-hidden": "true" }, SIGNS[letter]), " ", line))));
  };
  grid(data, "coverage-map", data.coverage, (place, _, line) => {
    const next = line.nextElementSibling;
    if (next && next.className === "detail") return next.remove();
    const cell = h("td", { colspan: line.cells.length }, h("ul", {}, (accounts[place] || []).map(told)));
    line.after(h("tr", { class: "detail" }, cell));
  });
}
