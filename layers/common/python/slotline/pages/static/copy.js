/* A button with `data-copies` copies the field of that id, and says so. Without this there is no button: the field can
   be selected as a whole. */
(() => {
  const said = document.getElementById("said");
  for (const button of document.querySelectorAll("button[data-copies]")) {
    const field = document.getElementById(button.dataset.copies);
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(field.value ?? field.textContent);
        said.textContent = "";
        said.textContent = button.dataset.copied;
      } catch {
        field.focus();
        field.select?.();
      }
    });
  }
})();
