/* A form that changes something: what it asks for shows at once, where its page says what that will be, and the server's
   answer takes the page's place, with that or with why not. Until then it is not sent again. A form whose answer is a
   file leaves its page where it is. */
(() => {
  const sent = new Map();
  const longest = 31000; // the server answers within thirty seconds, or whoever asked has stopped waiting

  const show = ({ shows, as, kind, hides }) => {
    const badge = document.getElementById(shows), row = document.getElementById(hides);
    const [text, look] = [badge?.textContent, badge?.className];
    if (badge) {
      badge.textContent = as;
      badge.className = kind ? `badge badge-${kind}` : "badge";
    }
    if (row) row.hidden = true;
    return () => {
      if (badge) [badge.textContent, badge.className] = [text, look];
      if (row) row.hidden = false;
    };
  };

  addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    if (form.method !== "post" || form.hasAttribute("data-file") || event.defaultPrevented) return;
    if (sent.has(form)) {
      event.preventDefault();
      return;
    }
    submitter?.setAttribute("aria-busy", "true");
    const takeBack = show(form.dataset);
    if (form.dataset.shows) form.closest("dialog[open]")?.close();
    const over = () => {
      sent.delete(form);
      submitter?.removeAttribute("aria-busy");
      takeBack();
    };
    sent.set(form, over);
    setTimeout(() => sent.get(form) === over && over(), longest);
  });
  // Whoever comes back to the page sees it as it was, and may send again.
  addEventListener("pageshow", () => {
    for (const over of [...sent.values()]) over();
  });
})();
