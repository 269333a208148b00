// A table that shows one page of rows and asks Python for everything else. Cells are set as text, never as markup.
function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in element) element[key] = value; else element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

function render({ model, el }) {
  const words = model.get("words"), columns = model.get("columns");
  const query = () => model.get("query");
  const ask = change => { model.set("query", { ...query(), ...change }); model.save_changes(); };
  const choose = id => { model.set("chosen", id); model.save_changes(); };

  const heads = make("tr"), filters = make("tr"), body = make("tbody"), status = make("div", { role: "status" });
  const table = make("table", { "aria-label": words.title, role: "grid" }, make("thead", {}, heads, filters), body);
  const turn = step => {
    const last = Math.max(0, Math.ceil(model.get("total") / query().size) - 1), page = Math.min(last, Math.max(0, query().page + step));
    if (page !== query().page) ask({ page });
  };
  const back = make("button", { type: "button", textContent: words.back, onclick: () => turn(-1) });
  const next = make("button", { type: "button", textContent: words.on, onclick: () => turn(1) });
  el.replaceChildren(make("div", { className: "auditlib-grid" }, make("div", { className: "scroll" }, table), make("div", { className: "nav" }, back, next, status)));

  for (const column of columns) {
    let waiting;
    const sort = make("button", { type: "button", textContent: column.label, onclick: () =>
      ask({ sort: column.name, desc: query().sort === column.name ? !query().desc : false, page: 0 }) });
    heads.append(make("th", { scope: "col", "data-column": column.name, className: column.kind }, sort));
    const field = make("input", { type: "text", "aria-label": words.filter + " " + column.label, placeholder: words.filter, value: query().filters[column.name] || "", oninput: () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => ask({ filters: { ...query().filters, [column.name]: field.value }, page: 0 }), 250);
    } });
    filters.append(make("td", {}, field));
  }

  let wanted = null; // which row of the next page takes the keyboard: "first" or "last"
  const draw = () => {
    const held = body.contains(document.activeElement) ? document.activeElement.closest("tr")?.dataset.id : null;
    for (const head of heads.children) {
      const mine = query().sort === head.dataset.column;
      head.setAttribute("aria-sort", mine ? (query().desc ? "descending" : "ascending") : "none");
    }
    const rows = model.get("rows"), chosen = model.get("chosen");
    body.replaceChildren(...rows.map(row => make("tr", { "data-id": row.id, tabIndex: -1, "aria-selected": String(row.id === chosen), onclick: () => choose(row.id) },
      ...row.cells.map((text, i) => make("td", { textContent: text, className: columns[i].kind })))));
    const start = body.querySelector("tr[aria-selected=true]") || body.firstElementChild;
    if (start) start.tabIndex = 0;
    const target = wanted === "first" ? body.firstElementChild : wanted === "last" ? body.lastElementChild
      : held === null ? null : [...body.children].find(tr => tr.dataset.id === held) || body.firstElementChild;
    if (target && (wanted || held !== null)) target.focus();
    wanted = null;
    const size = query().size, pages = Math.max(1, Math.ceil(model.get("total") / size));
    status.textContent = words.status.replace("{n}", model.get("total")).replace("{page}", query().page + 1).replace("{pages}", pages);
    back.disabled = query().page === 0;
    next.disabled = query().page + 1 >= pages;
  };

  table.addEventListener("keydown", event => {
    event.stopPropagation(); // JupyterLab's own keys would add and delete cells
    const row = event.target.closest("tbody tr");
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const go = other => { if (other) { row.tabIndex = -1; other.tabIndex = 0; other.focus(); } };
    const acts = {
      ArrowDown: () => row.nextElementSibling ? go(row.nextElementSibling) : (wanted = "first", turn(1)),
      ArrowUp: () => row.previousElementSibling ? go(row.previousElementSibling) : query().page > 0 && (wanted = "last", turn(-1)),
      Home: () => go(body.firstElementChild), End: () => go(body.lastElementChild),
      PageDown: () => { wanted = "first"; turn(1); }, PageUp: () => { wanted = "first"; turn(-1); },
      Enter: () => choose(row.dataset.id), " ": () => choose(row.dataset.id),
    };
    if (acts[event.key]) { event.preventDefault(); acts[event.key](); }
  });
  const changed = "change:rows change:total change:chosen";
  model.on(changed, draw);
  draw();
  return () => model.off(changed, draw);
}
export default { render };
