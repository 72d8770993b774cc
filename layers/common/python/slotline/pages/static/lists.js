/* Parts of a page that refresh themselves while somebody looks at it, and rows of a list that are chosen. htmx asks and
   swaps; what it does not do is here: when to ask, the tag of what is shown, what the swap may not touch, and what is said. */
(() => {
  const said = document.getElementById("said");
  const parts = [...document.querySelectorAll("[data-refreshing]")];
  const rows = (part) => new Map([...part.querySelectorAll("[data-row]")].map((row) => [row.dataset.row, row.dataset.revision]));
  const plural = new Intl.PluralRules(document.documentElement.lang);

  // A swap leaves open what its reader opened. Everything else that was typed or ticked is no attribute, and stays as it is.
  htmx.registerExtension("lists", {
    htmx_before_morph_attr: (element, { attrName }) => !(attrName === "open" && element.matches("details")),
    // What an answer leaves as it was, because it did not find it out again.
    htmx_before_morph_node: (_, { newNode }) => !newNode.matches?.("[data-kept]"),
  });

  const texts = (part) => JSON.parse(part.dataset.news || "{}");
  const counted = (forms, count) => (forms?.[plural.select(count)] ?? forms?.other)?.replace("{count}", count);

  const news = (part, before) => {
    const now = rows(part);
    const added = [...now.keys()].filter((row) => !before.has(row));
    const changed = [...now.keys()].filter((row) => before.has(row) && before.get(row) !== now.get(row));
    const removed = [...before.keys()].filter((row) => !now.has(row));
    const { added: forAdded, changed: forChanged, removed: forRemoved } = texts(part);
    for (const row of part.querySelectorAll("[data-row]")) row.classList.toggle("is-new", added.includes(row.dataset.row));
    return [[forAdded, added], [forChanged, changed], [forRemoved, removed]]
      .map(([forms, found]) => found.length && counted(forms, found.length))
      .filter(Boolean)
      .join(", ");
  };

  for (const part of parts) {
    const every = 1000 * part.dataset.refreshing;
    let timer, asked = Date.now(), failures = 0, before, focus;

    const later = () => {
      clearTimeout(timer);
      if (document.hidden || !part.isConnected) return;
      timer = setTimeout(ask, Math.max(0, asked + every * 2 ** Math.min(failures, 3) - Date.now()));
    };
    const ask = () => {
      asked = Date.now();
      htmx.trigger(part, "refresh");
    };
    const own = (handle) => ({ target, detail }) => target === part && detail.ctx.sourceElement === part && handle(detail.ctx);

    part.addEventListener("htmx:config:request", own(({ request }) => {
      request.headers["If-None-Match"] = part.dataset.tag;
      request.headers["Slotline-Refresh"] = "1";
    }));
    part.addEventListener("htmx:before:swap", own(({ response }) => {
      if (response.status !== 200) return;
      before = rows(part);
      focus = part.contains(document.activeElement) ? document.activeElement : null;
    }));
    part.addEventListener("htmx:after:swap", own(({ response }) => {
      if (response.status !== 200) return;
      part.dataset.tag = response.headers.get("ETag") ?? "";
      const text = news(part, before);
      if (text) said.textContent = text;
      if (focus && !focus.isConnected) (document.getElementById(focus.id) ?? part).focus({ preventScroll: true });
      part.dispatchEvent(new CustomEvent("refreshed", { bubbles: true }));
    }));
    part.addEventListener("htmx:finally:request", own(({ response }) => {
      failures = response && response.status < 400 ? 0 : failures + 1;
      part.classList.toggle("is-stale", failures > 1);
      if (failures === 2) said.textContent = part.dataset.stale;
      later();
    }));
    document.addEventListener("visibilitychange", later);
    later();
  }

  // Rows that are chosen: how many there are is said beside their buttons, which act on the chosen alone.
  for (const form of document.querySelectorAll("form[data-chooses]")) {
    const all = form.querySelector("[data-chooses-all]");
    const boxes = () => [...document.querySelectorAll(`input[type=checkbox][form="${form.id}"][name="${form.dataset.chooses}"]`)];
    const show = () => {
      const found = boxes(), chosen = found.filter((box) => box.checked).length;
      for (const place of form.querySelectorAll("[data-chosen]")) place.textContent = counted(JSON.parse(place.dataset.chosen), chosen);
      for (const page of document.querySelectorAll(`[data-chooses-page="${form.id}"]`)) {
        page.checked = chosen > 0 && chosen === found.length;
        page.indeterminate = chosen > 0 && chosen < found.length;
      }
      form.classList.toggle("has-chosen", chosen > 0 || Boolean(all?.checked));
    };
    document.addEventListener("change", ({ target }) => {
      if (target.dataset?.choosesPage === form.id) for (const box of boxes()) box.checked = target.checked;
      if (target.form === form || target.dataset?.choosesPage === form.id) show();
    });
    document.addEventListener("refreshed", show);
    for (const page of document.querySelectorAll(`[data-chooses-page="${form.id}"]`)) page.hidden = false;
    show();
  }
})();
