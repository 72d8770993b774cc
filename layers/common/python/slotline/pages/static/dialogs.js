/* A link to a dialog opens it in front of the page. Without this, the link leads to it as to any part of the page. */
(() => {
  const dialogs = [...document.querySelectorAll("dialog.dialog")];
  addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    const opens = event.target.closest("a[data-opens]");
    const closes = event.target.closest("dialog[open] a[data-closes]");
    if (opens) document.getElementById(opens.hash.slice(1)).showModal();
    else if (closes) closes.closest("dialog").close();
    else return;
    event.preventDefault();
  });
  for (const one of dialogs) {
    one.addEventListener("click", (event) => event.target === one && one.close()); // outside of what it holds
    if (location.hash === `#${one.id}`) one.showModal();
  }
})();
