/* Views of a list that somebody keeps by a name of their own, in this browser: each is an address. And exports of many
   rows, which come in parts and are saved as one file. */
(() => {
  for (const place of document.querySelectorAll("[data-views]")) {
    const key = `slotline-views-${place.dataset.views}`, list = place.querySelector("[data-views-list]");
    const form = place.querySelector("[data-views-save]"), forget = place.querySelector("[data-views-forget]");
    const kept = () => {
      try {
        return JSON.parse(localStorage.getItem(key)) ?? {};
      } catch {
        return {};
      }
    };
    const keep = (views) => {
      try {
        localStorage.setItem(key, JSON.stringify(views));
      } catch {} // a browser that keeps nothing: the address is the view
    };
    const named = new URLSearchParams(location.search).get("view");
    for (const [name, query] of Object.entries(kept())) {
      const link = Object.assign(document.createElement("a"), { href: `${location.pathname}?${query}`, textContent: name, className: "button button-small", dir: "auto" });
      if (name === named) link.setAttribute("aria-current", "page");
      list.append(document.createElement("li"));
      list.lastElementChild.append(link);
    }
    forget.hidden = !(named in kept());
    form.addEventListener("submit", () => {
      const query = new URLSearchParams(new FormData(form));
      keep({ ...kept(), [query.get("view").trim()]: query.toString() });
    });
    forget.addEventListener("click", () => {
      const { [named]: _, ...others } = kept();
      keep(others);
      const query = new URLSearchParams(location.search);
      query.delete("view");
      location.search = query;
    });
  }

  const said = document.getElementById("said");
  for (const form of document.querySelectorAll("form[data-exports]")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const button = form.querySelector("button"), parts = [], fields = new URLSearchParams(new FormData(form));
      if (button.getAttribute("aria-busy")) return;
      button.setAttribute("aria-busy", "true");
      said.textContent = form.dataset.doing;
      try {
        let name, next = "";
        do {
          if (next) fields.set("after", next);
          const answer = await fetch(form.action, { method: "POST", body: fields });
          if (!answer.ok || !answer.headers.get("Content-Type").startsWith("text/csv")) throw new Error(answer.status);
          name ??= /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition"))[1];
          next = answer.headers.get("Slotline-Next");
          parts.push(await answer.blob());
        } while (next);
        const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(new Blob(parts, { type: "text/csv" })), download: name });
        link.click();
        URL.revokeObjectURL(link.href);
        said.textContent = form.dataset.done;
      } catch {
        said.textContent = form.dataset.failed;
        form.submit(); // the server says what is wrong
      } finally {
        button.removeAttribute("aria-busy");
      }
    });
  }
})();
