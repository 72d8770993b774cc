/* Camera, microphone and speaker: which there are, which was chosen, and what became of them. A page may do without. */
(() => {
  const KINDS = { audio: "audioinput", video: "videoinput" };
  const VIDEO = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };
  const CHOSEN = "slotline-room-devices";
  const INTERRUPTED = 4000; // milliseconds of silence; a camera of a busy machine is shorter of pictures than that

  class Devices extends EventTarget {
    /* `memory`: what the tab keeps through a reload: whoever was muted before it is so after it. */
    constructor(memory) {
      super();
      this.memory = memory;
      this.tracks = { audio: null, video: null };
      this.wanted = { audio: true, video: true, ...memory.kept.wanted };
      this.problems = { audio: null, video: null };
      this.silenced = { audio: 0, video: 0 }; // since when
      this.chosen = {};
      this.list = [];
      this.isOpen = false; // nothing is asked for before the page does, and nothing once it has done with it
      this.number = 0;
      this.newest = { audio: 0, video: 0 }; // of what was asked for; an older answer comes too late
      try { this.chosen = JSON.parse(localStorage.getItem(CHOSEN)) || {}; } catch { /* nothing was chosen */ }
      navigator.mediaDevices?.addEventListener("devicechange", () => void this.changed());
      // iOS: after a phone call, or from the background, a track says that it is live and is silent.
      addEventListener("visibilitychange", () => { if (!document.hidden) void this.revive(); });
    }

    /* Both at once, so that a browser asks one question; then what can be had of them alone. */
    async open() {
      this.isOpen = true;
      if (!navigator.mediaDevices?.getUserMedia) return this.fail(["audio", "video"], "unsupported");
      const kinds = Object.keys(KINDS).filter((kind) => this.wanted[kind] && !this.isGood(kind));
      if (kinds.length === 1) await this.one(kinds[0]);
      if (kinds.length === 2) {
        try {
          await this.get(kinds);
        } catch (error) {
          for (const kind of kinds) {
            if (await this.mayBeHadAlone(kind, error)) await this.one(kind);
            else this.fail([kind], error.name);
          }
        }
      }
      await this.listed();
    }

    /* Nobody is asked again who has just said no: only for what was allowed before, or for what was not asked about
       because the other one is forbidden for good. */
    async mayBeHadAlone(kind, error) {
      if (error.name !== "NotAllowedError") return true;
      const state = (of) => navigator.permissions?.query({ name: of === "audio" ? "microphone" : "camera" }).then((found) => found.state, () => "") ?? "";
      const mine = await state(kind), other = await state(kind === "audio" ? "video" : "audio");
      return mine === "granted" || (mine === "prompt" && other === "denied");
    }

    /* One kind. A device that was chosen once and is gone gives way to any other. */
    async one(kind) {
      try {
        await this.get([kind]);
      } catch (error) {
        if (this.chosen[kind] && (error.name === "OverconstrainedError" || error.name === "NotFoundError")) {
          this.choice(kind, undefined);
          return this.one(kind);
        }
        this.fail([kind], error.name);
      }
    }

    /* Asks the browser. Throws what it says, unless something newer was asked for meanwhile. */
    async get(kinds) {
      const number = ++this.number;
      for (const kind of kinds) this.newest[kind] = number;
      const isNewest = (kind) => this.isOpen && this.newest[kind] === number;
      let stream;
      try {
        stream = await navigator.mediaDevices.getUserMedia({ audio: this.constraints("audio", kinds), video: this.constraints("video", kinds) });
      } catch (error) {
        if (kinds.some(isNewest)) throw error;
        return;
      }
      for (const track of stream.getTracks()) {
        if (isNewest(track.kind) && (this.wanted.video || track.kind === "audio")) this.have(track);
        else track.stop();
      }
    }

    constraints(kind, kinds) {
      if (!kinds.includes(kind)) return false;
      const id = this.chosen[kind];
      return { ...(kind === "video" ? VIDEO : {}), ...(id ? { deviceId: { exact: id } } : {}) };
    }

    have(track) {
      const { kind } = track;
      this.drop(kind);
      track.enabled = this.wanted[kind];
      this.tracks[kind] = track;
      this.problems[kind] = null;
      this.silenced[kind] = 0;
      track.onended = () => this.gone(track);
      track.onmute = () => { this.silenced[kind] = performance.now(); };
      track.onunmute = () => {
        if (performance.now() - this.silenced[kind] > INTERRUPTED) void this.revive();
        else this.silenced[kind] = 0;
      };
      this.say("track", kind);
    }

    drop(kind) {
      const track = this.tracks[kind];
      if (!track) return;
      track.onended = track.onmute = track.onunmute = null;
      track.stop();
      this.tracks[kind] = null;
    }

    fail(kinds, name) {
      for (const kind of kinds) {
        this.drop(kind);
        this.problems[kind] = name;
        this.say("track", kind);
      }
    }

    /* Whether what there is sends what was chosen. */
    isGood(kind) {
      const track = this.tracks[kind];
      if (!track || track.readyState === "ended" || track.muted || this.silenced[kind]) return false;
      const id = track.getSettings().deviceId;
      return !id || !this.chosen[kind] || id === this.chosen[kind];
    }

    /* It was pulled out, or taken away: another one, if there is one. */
    gone(track) {
      if (this.tracks[track.kind] !== track) return;
      this.choice(track.kind, undefined);
      this.fail([track.kind], "gone");
      if (this.isOpen && this.wanted[track.kind]) void this.one(track.kind).then(() => this.listed());
    }

    async revive() {
      for (const kind of Object.keys(KINDS)) {
        const track = this.tracks[kind];
        const isDead = track && (track.readyState === "ended" || track.muted || this.silenced[kind]);
        if (this.isOpen && this.wanted[kind] && isDead) await this.one(kind);
      }
    }

    async want(kind, wanted) {
      this.wanted[kind] = wanted;
      this.memory.set({ wanted: { ...this.wanted } });
      if (!wanted && kind === "video") this.drop(kind); // so that the light beside the camera goes out
      else if (!wanted && this.tracks[kind]) this.tracks[kind].enabled = false;
      else if (wanted && this.isGood(kind)) this.tracks[kind].enabled = true;
      else if (wanted) {
        this.isOpen = true;
        return this.one(kind);
      }
      this.say("track", kind);
    }

    async choose(kind, id) {
      const before = this.chosen[kind];
      this.choice(kind, id);
      if (kind === "speaker") return this.say("speaker", id);
      if (!this.wanted[kind] || !this.isOpen) return; // it is asked for once it is wanted
      if (kind === "video") this.drop(kind); // many phones open one camera at a time
      try {
        await this.get([kind]);
      } catch {
        this.choice(kind, before);
        if (this.tracks[kind]) return this.say("list"); // what there was goes on
        await this.one(kind);
      }
    }

    choice(kind, id) {
      if (id) this.chosen[kind] = id;
      else delete this.chosen[kind];
      try { localStorage.setItem(CHOSEN, JSON.stringify(this.chosen)); } catch { /* for this page alone */ }
    }

    async changed() {
      await this.listed();
      for (const kind of Object.keys(KINDS)) {
        const isMissing = this.isOpen && this.wanted[kind] && !this.tracks[kind] && this.problems[kind] !== "NotAllowedError";
        if (isMissing && this.of(KINDS[kind]).length) await this.one(kind);
      }
    }

    async listed() {
      this.list = await (navigator.mediaDevices?.enumerateDevices?.() ?? []);
      this.say("list");
    }

    of(kind) { return this.list.filter((one) => one.kind === kind && one.deviceId); }

    /* The page has done with them: every light goes out, and stays so. */
    stop() {
      this.isOpen = false;
      for (const kind of Object.keys(KINDS)) this.drop(kind);
    }

    say(name, detail) { this.dispatchEvent(new CustomEvent(name, { detail })); }
  }

  /* How loud a track is, from 0 to 1, as often as asked. It needs a gesture in some browsers: silent until then. */
  const meter = (track) => {
    const Context = globalThis.AudioContext || globalThis.webkitAudioContext;
    if (!Context || !track) return { level: () => 0, stop() {} };
    const context = new Context(), analyser = context.createAnalyser();
    analyser.fftSize = 512;
    context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    const samples = new Uint8Array(analyser.fftSize);
    return {
      level() {
        if (context.state === "suspended") void context.resume().catch(() => {});
        analyser.getByteTimeDomainData(samples);
        let sum = 0;
        for (const sample of samples) sum += (sample - 128) ** 2;
        return Math.min(Math.sqrt(sum / samples.length) / 40, 1);
      },
      stop() { void context.close().catch(() => {}); },
    };
  };

  globalThis.Slotline = { ...globalThis.Slotline, Devices, meter };
})();
