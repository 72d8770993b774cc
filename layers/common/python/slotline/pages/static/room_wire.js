/* What a room's page and its server say to each other. One question every few seconds says that the page is there,
   leaves what it has for the other side, and brings what that side has left. */
(() => {
  const RETRY_AT_FIRST = 1000, RETRY_AT_MOST = 10000;
  const GATHER = 120; // milliseconds for more to come before a letter goes: candidates come by the dozen
  const MOST_AT_ONCE = 16;
  const ANSWERED_WITHIN = 8000, ENTERED_WITHIN = 20000; // a network that went away answers nothing, for minutes

  class Refusal extends Error {
    constructor(status, error) {
      super(error?.message || "");
      this.status = status;
      this.code = error?.details?.[0]?.code || error?.type || "";
      this.detail = error?.details?.[0] || {};
    }
  }

  /* What a tab keeps through a reload. Some browsers allow no storage in a frame: then only as long as the page lives. */
  class Memory {
    constructor(name) {
      this.name = name;
      this.kept = {};
      try { this.kept = JSON.parse(sessionStorage.getItem(name)) || {}; } catch { /* nothing was kept */ }
    }
    set(values) {
      Object.assign(this.kept, values);
      try { sessionStorage.setItem(this.name, JSON.stringify(this.kept)); } catch { /* it lives as long as the page */ }
    }
  }

  const ticks = (url) => {
    const waiting = new Map();
    let worker = null, last = 0;
    const done = (id) => { waiting.get(id)?.(); waiting.delete(id); };
    try {
      worker = new Worker(url);
      worker.onmessage = ({ data }) => done(data);
      worker.onerror = () => { worker = null; for (const id of waiting.keys()) done(id); };
    } catch { /* a page's own timers, then */ }
    return (after) => new Promise((resolve) => {
      const id = ++last;
      waiting.set(id, resolve);
      if (worker) worker.postMessage({ id, after });
      else setTimeout(done, after, id);
    });
  };

  class Wire extends EventTarget {
    constructor({ callId, side, token, clock }) {
      super();
      Object.assign(this, { base: `/c/${encodeURIComponent(callId)}`, side, token, sleep: ticks(clock) });
      this.memory = new Memory(`slotline-room-${callId}-${side}`);
      this.letters = [];
      this.number = 0;
      this.isLinked = false;
      this.asks = {};
      this.run = 0; // which of the loops is the one that goes on
      this.isDue = false;
      this.wake = () => {};
      this.giveUp = () => {};
    }

    async ask(path, body, { within = ENTERED_WITHIN, ...more } = {}) {
      const patience = new AbortController(), late = setTimeout(() => patience.abort(), within);
      if (path === "sync") this.giveUp = () => patience.abort();
      try {
        const answer = await fetch(`${this.base}/${path}`, {
          method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal: patience.signal, ...more,
        });
        const said = await answer.json().catch(() => null);
        if (!answer.ok || !said?.ok) throw new Refusal(answer.status, said?.error);
        return said.data;
      } finally {
        clearTimeout(late);
      }
    }

    /* What proves to the server that a page has this tab's seat. It is made up here, so that to ask again after a lost
       answer takes the same seat. */
    get seat() {
      if (!this.memory.kept.seat) {
        const bytes = crypto.getRandomValues(new Uint8Array(32));
        this.memory.set({ seat: btoa(String.fromCharCode(...bytes)) });
      }
      return this.memory.kept.seat;
    }

    ways() { return this.ask("ways", { side: this.side, seat: this.seat, token: this.token }); }

    /* A seat, or word that somebody else has it and who is there was asked. */
    async enter(name) {
      this.memory.set({ name });
      const said = await this.ask("enter", { side: this.side, seat: this.seat, token: this.token, name: name || undefined });
      if (said.state === "in") {
        this.tab = said.tab;
        this.number = 0;
        this.letters = [];
      }
      return said;
    }

    page() { return { side: this.side, seat: this.seat, tab: this.tab }; }

    send(letter) {
      this.letters.push({ number: ++this.number, text: JSON.stringify(letter) });
      this.soon();
    }

    /* Ask now rather than when it was to be. */
    soon(asks = {}) {
      Object.assign(this.asks, asks);
      this.isDue = true;
      clearTimeout(this.gathering);
      this.gathering = setTimeout(() => this.wake(), GATHER);
    }

    /* The network has changed: what was asked by the one before is not waited for. */
    anew() {
      this.giveUp();
      this.soon();
    }

    start() {
      const run = ++this.run;
      void this.loop(run);
    }

    stop() {
      this.run++;
      this.wake();
    }

    async loop(run) {
      let failures = 0, looked = performance.now();
      while (run === this.run) {
        const sent = this.letters.slice(0, MOST_AT_ONCE), asks = this.asks;
        this.asks = {};
        this.isDue = false;
        const isTime = performance.now() - looked > 60000;
        let after;
        try {
          const said = await this.ask("sync", {
            ...this.page(), linked: this.isLinked, after: this.memory.kept.after || "", send: sent, ...asks,
            ...(isTime ? { look: true } : {}),
          }, { within: ANSWERED_WITHIN });
          if (run !== this.run) return;
          if (isTime) looked = performance.now();
          this.letters = this.letters.filter((letter) => !sent.includes(letter));
          failures = 0;
          this.take(said);
          after = this.letters.length || this.isDue ? 0 : said.askAgainIn;
        } catch (error) {
          if (run !== this.run) return;
          this.asks = { ...asks, ...this.asks };
          if (error instanceof Refusal && error.status === 409) {
            if (asks.admit) delete this.asks.admit;
            if (error.code !== "nobody_waits") {
              this.run++;
              this.say("lost", error.code);
              return;
            }
          }
          if (error instanceof Refusal && error.status < 500 && error.status !== 429 && error.status !== 409) {
            this.run++;
            this.say("lost", error.code);
            return;
          }
          failures += 1;
          if (failures === 2) this.say("offline");
          after = Math.min(RETRY_AT_FIRST * 2 ** (failures - 1), RETRY_AT_MOST);
        }
        await Promise.race([this.sleep(after), new Promise((resolve) => { this.wake = resolve; })]);
      }
    }

    take(said) {
      this.say("online", said);
      const last = said.mail.at(-1);
      if (last) this.memory.set({ after: `${pad(last.tab)}.${pad(last.number)}` });
      for (const { tab, text } of said.mail) {
        let letter = null;
        try { letter = JSON.parse(text); } catch { /* it is from somebody else's page */ }
        if (letter && typeof letter === "object") this.say("letter", { tab, letter });
      }
    }

    /* How a page goes: `away` and `leave` must arrive although it does. */
    async leave(how) {
      if (how !== "away") this.stop();
      return this.ask("leave", { ...this.page(), how }, { keepalive: true });
    }

    say(name, detail) { this.dispatchEvent(new CustomEvent(name, { detail })); }
  }

  const pad = (number) => String(number).padStart(6, "0");

  globalThis.Slotline = { ...globalThis.Slotline, Wire, Refusal };
})();
