/* The booking page in another page: docs/booking-page.md */
(() => {
  if (window.Slotline) return;
  const { lang } = document.documentElement;
  const [shut, instead] = {
    ar: ["إغلاق", "افتح في تبويب جديد"],
    es: ["Cerrar", "Abrir en otra pestaña"],
  }[lang.slice(0, 2)] || ["Close", "Open in a new tab"];
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
:where(.slotline-frame) { width: 100%; height: 640px; border: 0; border-radius: 16px }
:where(.slotline-popup) { width: min(100% - 16px, 1024px); max-width: none; max-height: calc(100% - 16px); border: 0; padding: 0; background: none }
:where(.slotline-popup)::backdrop { background: #000a }
:where(.slotline-popup *) { background: Canvas }
:where(.slotline-close, .slotline-button) { border: 0; border-radius: 16px; padding: 8px 16px; font: inherit; text-decoration: none }
:where(.slotline-close) { display: block; margin: 0 0 8px auto; position: sticky; top: 0 }
:where(.slotline-button) { background: CanvasText; color: Canvas; position: fixed; right: 16px; bottom: 16px; z-index: 9 }`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  const make = (tag, kind, fields) =>
    Object.assign(document.createElement(tag), { className: `slotline-${kind}`, ...fields });
  const tell = (element, type, detail) => element.dispatchEvent(new CustomEvent(type, { bubbles: true, detail }));

  const address = (url, said) => {
    const at = new URL(url, location);
    if (!at.protocol.startsWith("http")) throw new TypeError(url);
    const query = at.searchParams;
    const set = (name, value) => query.has(name) || query.set(name, value);
    for (const name in said) if (!name.startsWith("slotline")) query.set(name, said[name]);
    set("tz", Intl.DateTimeFormat().resolvedOptions().timeZone);
    set("lang", lang);
    return at;
  };

  const show = (box, at, fields, say, close) => {
    const name = getComputedStyle(document.body).colorScheme;
    const frame = make("iframe", "frame", { name, title: at.host, referrerPolicy: "origin", ...fields, src: at });
    const link = make("a", "link", { textContent: instead, hidden: true, href: at, target: "_blank" });
    let timer, here, booked;
    const turn = (on) => (frame.style.display = (link.hidden = on) ? "block" : "none");
    /* Browsers do not say that they refuse a page. Ours speaks again after this. */
    frame.onload = () => {
      clearTimeout(timer);
      timer = setTimeout(turn, 4000);
    };
    const hear = ({ source, origin, data }) => {
      if (!frame.isConnected) removeEventListener("message", hear);
      if (source !== frame.contentWindow || origin !== at.origin) return;
      const { type, detail } = data;
      if (type === "slotline:height") frame.style.height = `${detail}px`;
      if (type === "slotline:close") close?.();
      if (type === "slotline:booked" && booked !== (booked = detail.start)) say(type, detail);
      if (type === "slotline:ready") {
        clearTimeout(timer);
        turn(true);
        frame.title = detail;
        here ||= say(type) || true;
      }
    };
    addEventListener("message", hear);
    box.append(frame, link);
  };

  const mount = (element) => {
    const at = address(element.dataset.slotline, element.dataset);
    element.replaceChildren();
    show(element, at, { loading: "lazy" }, tell.bind(null, element));
  };

  let popup;
  const open = (url, { opener, ...said } = {}) => {
    const at = address(url, said);
    popup?.close();
    if (popup?.at !== at.href) {
      popup?.remove();
      const dialog = make("dialog", "popup", { ariaLabel: opener?.textContent || at.host, at: at.href });
      const close = () => dialog.close();
      const renew = () => (dialog.at = "");
      setTimeout(renew, 6e6); // visits end after two hours
      dialog.append(make("button", "close", { textContent: shut, onclick: close }));
      const say = (type, detail) => {
        if (detail) renew();
        tell(dialog.from, type, detail);
      };
      show(dialog, at, {}, say, close);
      dialog.onclose = () => {
        dialog.from.focus();
        tell(dialog.from, "slotline:closed");
      };
      document.body.append((popup = dialog));
    }
    popup.from = opener || popup;
    popup.showModal();
  };

  addEventListener("click", (event) => {
    const opener = event.target.closest("[data-slotline-popup]");
    if (!opener || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    open(opener.dataset.slotlinePopup || opener.href, { ...opener.dataset, opener });
  });
  window.Slotline = { open, mount };
  const begin = () => document.querySelectorAll("[data-slotline]:not(:has(iframe))").forEach(mount);
  addEventListener("DOMContentLoaded", begin);
  begin();
})();
