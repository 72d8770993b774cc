/* A table is chosen as a file and read into the field that is sent: without this, it is pasted there. */
(() => {
  const place = document.querySelector("[data-file]");
  if (!place) return;
  const table = place.querySelector("textarea");
  const label = document.createElement("label");
  label.className = "label";
  label.htmlFor = "f-file";
  label.textContent = place.dataset.file;
  const help = document.createElement("span");
  help.className = "help soft";
  help.id = "f-file-help";
  help.textContent = place.dataset.fileHelp;
  const file = document.createElement("input");
  Object.assign(file, { type: "file", id: "f-file", accept: ".csv,.txt,.tsv,text/csv,text/plain", className: "input" });
  file.setAttribute("aria-describedby", help.id);
  place.prepend(label, help, file);

  /* Spreadsheets write UTF-8, UTF-16 or, for Western Europe, Windows-1252. Only the first two can be told from it. */
  const read = (bytes) => {
    const [a, b] = new Uint8Array(bytes);
    if (a === 0xff && b === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
    if (a === 0xfe && b === 0xff) return new TextDecoder("utf-16be").decode(bytes);
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
      return new TextDecoder("windows-1252").decode(bytes);
    }
  };
  file.addEventListener("change", async () => {
    const [chosen] = file.files;
    if (!chosen) return;
    const said = document.getElementById("said");
    if (chosen.size > 1_500_000) {
      help.textContent = said.textContent = place.dataset.fileWrong;
      file.value = "";
      return;
    }
    table.value = read(await chosen.arrayBuffer());
    said.textContent = place.dataset.fileRead;
  });
})();
