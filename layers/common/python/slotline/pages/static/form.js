/* The form: one sending, names of countries, and word of how long the time is kept. */
(() => {
  const form = document.getElementById("book");
  const submit = document.getElementById("submit");
  history.replaceState(null, "", form.dataset.here); // Back and reload ask for the form, and send nothing again
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
    submit?.setAttribute("aria-disabled", "true");
  });
  addEventListener("pageshow", () => {
    sent = false;
    submit?.removeAttribute("aria-disabled");
  });
  document.querySelector('[role="alert"], [aria-invalid="true"]')?.focus();
  const country = document.getElementById("f-phone-country");
  if (country && Intl.DisplayNames) { // the browser knows the names in the page's language
    const language = document.documentElement.lang;
    const names = new Intl.DisplayNames([language], { type: "region" });
    const chosen = country.value;
    const [none, ...all] = country.options;
    for (const one of all) one.text = `${names.of(one.value)} \u2066${one.text.slice(3)}\u2069`;
    country.append(none, ...all.sort((a, b) => a.text.localeCompare(b.text, language)));
    country.value = chosen;
  }
  const kept = document.getElementById("kept");
  if (!kept?.dataset.seconds) return;
  const extend = document.getElementById("extend");
  extend.hidden = true;
  const ends = performance.now() + kept.dataset.seconds * 1000;
  const text = document.getElementById("kept-text");
  const say = (words) => { if (text.textContent !== words) text.textContent = words; };
  const look = () => {
    const left = ends - performance.now();
    if (left <= 0) {
      clearInterval(timer);
      say(kept.dataset.over);
      extend.textContent = kept.dataset.again;
    } else if (left <= 60000) say(kept.dataset.soon);
    extend.hidden = left > 60000;
  };
  const timer = setInterval(look, 1000);
  look();
})();
