/* Another day of the month that is shown costs no request: its times are in the page. */
(() => {
  const { days, parts, hours, am, pm } = JSON.parse(document.getElementById("free").textContent);
  const links = [...document.querySelectorAll("a[data-day]")];
  const heading = document.getElementById("day");
  const slots = document.getElementById("slots");
  const agent = document.getElementById("agent");
  const { here } = document.getElementById("picker").dataset;
  if (here) {
    history.replaceState(null, "", here); // Back and reload ask for the month, and send nothing again
    document.querySelector('[role="alert"]').focus();
  }
  if (agent) {
    document.getElementById("agent-go").hidden = true;
    agent.addEventListener("change", () => agent.form.requestSubmit());
  }
  if (!slots) return;
  const two = (n) => String(n).padStart(2, "0");
  const text = (minute) => {
    const hour = Math.floor(minute / 60);
    if (hours === 24) return `${two(hour)}:${two(minute % 60)}`;
    return `${hour % 12 || 12}:${two(minute % 60)} ${hour < 12 ? am : pm}`;
  };
  const make = (tag, fields = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), fields);
    element.append(...children);
    return element;
  };
  const show = (link) => {
    const day = link.dataset.day;
    for (const one of links) one === link ? one.setAttribute("aria-current", "date") : one.removeAttribute("aria-current");
    heading.textContent = link.dataset.text;
    const found = parts.map(([name, from, to]) => {
      const times = days[day].filter(([, minute]) => minute >= from * 60 && minute < to * 60);
      if (!times.length) return "";
      const list = make("ul", { className: "times" });
      for (const [start, minute, said] of times) {
        const at = new Date(start * 60000).toISOString();
        const time = make("time", { dateTime: at }, said || text(minute));
        list.append(make("li", {}, make("button", { className: "button", name: "start", value: at }, time)));
      }
      return make("section", { className: "stack-s" }, make("h3", { className: "soft" }, name), list);
    });
    slots.replaceChildren(...found.filter(Boolean));
  };
  const keep = () => {
    const day = new URL(location).searchParams.get("day");
    for (const link of document.querySelectorAll('a[href^="/b"]:not([data-day])')) {
      const to = new URL(link.href);
      day ? to.searchParams.set("day", day) : to.searchParams.delete("day");
      link.setAttribute("href", to.pathname + to.search);
    }
    if (!agent) return;
    agent.form.elements.day?.remove();
    if (day) agent.form.append(make("input", { type: "hidden", name: "day", value: day }));
  };
  const opened = location.href;
  const first = links.find((link) => link.hasAttribute("aria-current"));
  for (const link of links) {
    link.addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      history.pushState(null, "", link.href);
      show(link);
      keep();
      heading.focus();
      heading.scrollIntoView({ block: "nearest" });
    });
  }
  addEventListener("popstate", () => {
    const link = location.href === opened ? first : links.find((one) => one.href === location.href);
    if (!link) return location.reload();
    show(link);
    keep();
  });
})();
