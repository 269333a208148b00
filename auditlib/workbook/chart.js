// Draws a chart as a table of numbers with bars, shades or lines; every number with rows behind it is a button. Texts are set as text.
const NS = "http://www.w3.org/2000/svg";
function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in element) element[key] = value; else element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}
function drawn(name, attributes) {
  const element = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function curve(chart) { // the first two columns as lines; the table below says the same in numbers
  const width = 600, height = 160, pad = 12, n = chart.lines.length;
  const x = i => pad + (n > 1 ? i / (n - 1) : 1) * (width - 2 * pad), y = share => height - pad - share * (height - 2 * pad);
  const svg = drawn("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true", focusable: "false", class: "curve" });
  svg.append(drawn("line", { x1: pad, x2: width - pad, y1: y(0), y2: y(0), class: "axis" }));
  for (const column of [0, 1]) {
    const points = chart.lines.map((line, i) => `${x(i)},${y(line.cells[column].share)}`).join(" ");
    svg.append(drawn("polyline", { points, class: column ? "second" : "first" }));
    for (const point of points.split(" ")) { const [cx, cy] = point.split(","); svg.append(drawn("circle", { cx, cy, r: 3, class: column ? "second" : "first" })); }
  }
  return svg;
}

function render({ model, el }) {
  const draw = () => {
    const chart = model.get("chart");
    const choose = at => { model.set("chosen", at); model.save_changes(); };
    const number = (cell, row, column) => {
      if (!cell.many) return make("td", { className: "num", textContent: cell.text });
      const at = `${row},${column}`, button = make("button", { type: "button", textContent: cell.text, title: cell.name,
        "aria-label": `${cell.name}：${cell.text}`, tabIndex: -1, onclick: () => choose(at), "data-at": at });
      const shade = chart.form === "heat" ? Math.min(5, Math.ceil(cell.share * 5)) : 0;
      const inner = chart.form === "bars" && cell.share > 0 ? [make("span", { className: "bar", "aria-hidden": "true", style: `width:${Math.max(2, cell.share * 100)}px` }), button] : [button];
      return make("td", { className: "num" + (shade ? ` shade${shade}` : "") }, ...inner);
    };
    const heads = make("tr", {}, make("th", { scope: "col", textContent: chart.corner }),
      ...chart.heads.map((head, i) => make("th", { scope: "col", className: "num", textContent: head, title: chart.hints[i] })));
    const rows = chart.lines.map((line, r) => make("tr", {}, make("th", { scope: "row", textContent: line.label }), ...line.cells.map((cell, c) => number(cell, r, c))));
    const table = make("table", { className: chart.form }, make("caption", { textContent: chart.title }), make("thead", {}, heads), make("tbody", {}, ...rows));
    const scroll = make("div", { className: "scroll" }, table);
    const parts = [make("p", { className: "told", textContent: chart.told })];
    if (chart.form === "curve" && chart.lines.length > 1) parts.push(curve(chart));
    if (chart.lines.length) parts.push(scroll, make("p", { className: "hint", textContent: model.get("hint") }));
    el.replaceChildren(make("div", { className: "auditlib-chart" }, ...parts));
    mark();
    const first = el.querySelector("button[aria-pressed=true]") || el.querySelector("button");
    if (first) first.tabIndex = 0;
  };
  const mark = () => el.querySelectorAll("button").forEach(b => b.setAttribute("aria-pressed", String(b.dataset.at === model.get("chosen"))));
  const key = event => {
    event.stopPropagation(); // JupyterLab's own keys would add and delete cells
    const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    const from = event.target.dataset && event.target.dataset.at;
    if (!steps || !from) return;
    event.preventDefault();
    const lines = model.get("chart").lines;
    let [row, column] = from.split(",").map(Number);
    for (;;) { // over numbers without rows to the next that has some
      row += steps[0]; column += steps[1];
      if (row < 0 || column < 0 || row >= lines.length || column >= lines[row].cells.length) return;
      const next = el.querySelector(`button[data-at="${row},${column}"]`);
      if (next) { event.target.tabIndex = -1; next.tabIndex = 0; next.focus(); return; }
    }
  };
  el.addEventListener("keydown", key);
  model.on("change:chart", draw);
  model.on("change:chosen", mark);
  draw();
  return () => { model.off("change:chart", draw); model.off("change:chosen", mark); el.removeEventListener("keydown", key); };
}
export default { render };
