// Runs a notebook of the workbook when it is opened. Which ones these are is told by the server's page settings: path and
// SHA-256 of the code. Any other notebook, and one whose code was changed, is only shown.
// And lets no press of a button overtake what was filled in before it.
(() => {
  const NARROW = 1100; // pixels of a screen on which the list of files would leave too little room
  const trusted = () => JSON.parse(JSON.parse(document.getElementById("jupyter-config-data").textContent).auditlibNotebooks || "{}");
  const hex = bytes => [...new Uint8Array(bytes)].map(b => b.toString(16).padStart(2, "0")).join("");
  const hashOf = async notebook => {
    const sources = [...notebook.cells].filter(c => c.type === "code").map(c => c.sharedModel.getSource());
    return hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(sources.join("\u0000"))));
  };
  // While the kernel works on what a field said, ipywidgets holds back what the field says next, but no press of a button: a
  // choice made just before "save" would come after it and be lost. What is held back goes out first; the kernel keeps the order.
  const inOrder = async shared => {
    const [version] = Object.values(shared["@jupyter-widgets/base"] || {});
    if (!version) return;
    const fields = (await version.get())().WidgetModel.prototype, held = new Set(), { sync, send } = fields;
    fields.sync = function (...given) {
      const answer = sync.apply(this, given);
      if (this._msg_buffer) held.add(this);
      return answer;
    };
    fields.send = function (...given) {
      for (const model of held) {
        if (!model._msg_buffer) continue;
        model.rememberLastUpdateFor(model.send_sync_message(model._msg_buffer, model._msg_buffer_callbacks));
        model._msg_buffer = model._msg_buffer_callbacks = null;
      }
      held.clear();
      return send.apply(this, given);
    };
    window.auditlibInOrder = true;
  };
  let shared = {};
  const plugin = {
    id: "auditlib-autorun:plugin",
    autoStart: true,
    activate: app => {
      const own = trusted(), seen = new WeakSet(), opened = (window.auditlibOpened = {});
      const look = async () => {
        const panel = app.shell.currentWidget, context = panel && panel.context;
        if (!context || !context.path || !context.path.endsWith(".ipynb") || seen.has(panel)) return;
        seen.add(panel);
        const path = context.path;
        opened[path] = "loading";
        await context.ready;
        await panel.revealed;
        if (!(path in own) || own[path] !== (await hashOf(context.model))) { opened[path] = "only shown"; return; }
        await panel.sessionContext.ready;
        opened[path] = "running";
        const went = await app.commands.execute("notebook:run-all-cells");
        panel.content.activeCellIndex = 0;
        for (const n of [panel.content.node, panel.content.node.querySelector(".jp-WindowedPanel-outer")]) if (n) n.scrollTop = 0;
        opened[path] = went ? "run" : "failed";
      };
      // waiting for `restored` inside activate would wait for itself
      app.restored.then(() => {
        inOrder(shared).catch(error => console.error("auditlib: presses may overtake fields", error));
        if (window.innerWidth < NARROW) app.shell.collapseLeft(); app.shell.currentChanged && app.shell.currentChanged.connect(look); look(); });
    },
  };
  (window._JUPYTERLAB = window._JUPYTERLAB || {})["auditlib-autorun"] = { init(scope) { shared = scope; }, get: async () => () => ({ __esModule: true, default: plugin }) };
})();
