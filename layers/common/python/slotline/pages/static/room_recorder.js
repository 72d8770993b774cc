/* What this side sends, recorded by its own browser and brought to where recordings are kept. A file is one start of a
   recorder: another camera, or one that comes or goes, begins the next. Pieces are gathered to parts; what is not a part
   yet is put beside them every few seconds, so that a page that dies leaves all but its last seconds. */
(() => {
  const PIECE = 1000, TAIL_FIRST = 3000, TAIL_EVERY = 10000;
  const LEAST_PART = 5 * 1024 * 1024, GROWS_EVERY = 100; // parts: a file has a thousand at most
  const TRIES = 5, WAIT = 1000;
  const KINDS = ["video/mp4;codecs=avc1.42E01E,opus", "video/webm;codecs=vp9,opus", "video/webm;codecs=vp8,opus", "video/webm"];
  const SOUND = ["audio/mp4;codecs=opus", "audio/webm;codecs=opus", "audio/webm"];

  /* One file. */
  class File {
    constructor(wire, stream) {
      Object.assign(this, { wire, stream, gathered: [], size: 0, part: 0, pieces: 0, gaps: [], recorded: 0, taken: 0, tailed: 0, isTailNew: false, isPaused: false, isOver: false });
      this.work = Promise.resolve();
      this.done = new Promise((resolve) => { this.finished = resolve; });
    }

    async start() {
      const kinds = this.stream.getVideoTracks().length ? KINDS : SOUND;
      const mimeType = kinds.find((one) => MediaRecorder.isTypeSupported(one));
      if (!mimeType) throw new Error("no recorder");
      this.number = (await this.begun(mimeType)).number;
      if (this.isOver) return this.finish();
      this.recorder = new MediaRecorder(this.stream, { mimeType, videoBitsPerSecond: 1_000_000, audioBitsPerSecond: 64_000, videoKeyFrameIntervalDuration: 1000 });
      this.recorder.onstop = () => void this.finish();
      this.recorder.ondataavailable = ({ data }) => this.take(data);
      this.recorder.onerror = () => void this.stop();
      this.recorder.start(PIECE);
      this.since = performance.now();
      if (this.isPaused) this.recorder.pause();
      const putTail = () => this.later(() => this.putTail());
      this.first = setTimeout(putTail, TAIL_FIRST);
      this.timer = setInterval(putTail, TAIL_EVERY);
    }

    /* Nothing is recorded before the server has a number for it. Asked again after a lost answer, it is the same. */
    async begun(mimeType) {
      const start = crypto.randomUUID?.() || `${Date.now()}-${Math.random()}`;
      for (let attempt = 1; ; attempt++) {
        try {
          return await this.wire.ask("recordings", { ...this.wire.page(), mimeType, start });
        } catch (error) {
          if (attempt >= TRIES || this.isOver || (error.status && error.status < 500)) throw error;
          await this.wire.sleep(WAIT * attempt);
        }
      }
    }

    get runs() { return this.recorder?.state === "recording"; }

    /* How long it has recorded, without its pauses. What is told is how long it had when its last piece came. */
    get length() { return this.recorded + (this.runs ? performance.now() - this.since : 0); }

    pause(isPaused) {
      this.isPaused = isPaused;
      if (!this.recorder || isPaused === !this.runs || this.recorder.state === "inactive") return;
      if (isPaused) {
        this.recorded = this.length;
        this.recorder.pause();
      } else {
        this.since = performance.now();
        this.recorder.resume();
      }
    }

    take(data) {
      this.taken = this.length;
      if (!data.size) return;
      this.pieces += 1;
      this.gathered.push(data);
      this.size += data.size;
      this.isTailNew = true;
      if (this.size >= LEAST_PART * (1 + Math.floor(this.part / GROWS_EVERY))) {
        const whole = this.emptied();
        this.later(() => this.putPart(whole));
      }
    }

    emptied() {
      const whole = { blob: new Blob(this.gathered), first: this.pieces - this.gathered.length + 1, last: this.pieces };
      this.gathered = [];
      this.size = 0;
      return whole;
    }

    /* One after the other, so that parts come in their order. */
    later(act) {
      this.work = this.work.then(act).catch((error) => console.info("room: recording:", error.message));
    }

    about() { return { number: this.number, recordedMs: Math.round(this.taken), pieces: this.pieces, gaps: this.gaps }; }

    /* What cannot be brought is lost, and told. Of the last part the server still has what was put as the tail. */
    async putPart({ blob, first, last }, isLast = false) {
      for (let attempt = 1; ; attempt++) {
        try {
          const { url } = await this.wire.ask("recordings/part", { ...this.wire.page(), ...this.about(), part: this.part + 1, size: blob.size });
          await put(url, blob);
          this.part += 1;
          return;
        } catch (error) {
          if (attempt >= TRIES) {
            const from = isLast ? Math.max(first, this.tailed + 1) : first;
            for (let piece = from; piece <= last; piece++) this.gaps.push(piece);
            throw error;
          }
          await this.wire.sleep(WAIT * 2 ** attempt);
        }
      }
    }

    async putTail() {
      if (!this.isTailNew || !this.gathered.length) return;
      this.isTailNew = false;
      const blob = new Blob(this.gathered), last = this.pieces;
      const { url } = await this.wire.ask("recordings/part", { ...this.wire.page(), ...this.about(), tailAfter: this.part, size: blob.size });
      await put(url, blob);
      this.tailed = last;
    }

    stop() {
      this.isOver = true;
      if (this.recorder && this.recorder.state !== "inactive") {
        this.recorded = this.length;
        this.recorder.stop();
      }
      return this.done;
    }

    async finish() {
      clearTimeout(this.first);
      clearInterval(this.timer);
      if (this.gathered.length) {
        const rest = this.emptied();
        this.later(() => this.putPart(rest, true));
      }
      await this.work;
      await this.wire.ask("recordings/stop", { ...this.wire.page(), ...this.about() }).catch(() => {});
      this.finished();
    }
  }

  const put = async (url, blob) => {
    const answer = await fetch(url, { method: "PUT", body: blob });
    if (!answer.ok) throw new Error(`put: ${answer.status}`);
  };

  /* Those of one page. `onfail`: nothing is recorded although it should be. */
  class Recorder {
    constructor(wire, onfail) { Object.assign(this, { wire, onfail, file: null, ids: "", isPaused: false, ending: new Set() }); }

    /* Record these tracks from now on; none of them: record nothing. */
    follow(tracks, isWanted, isPaused = false) {
      const wanted = isWanted ? tracks.filter((one) => one?.readyState === "live") : [];
      const ids = wanted.map((one) => one.id).sort().join();
      this.isPaused = isPaused;
      if (ids !== this.ids) {
        this.end();
        this.ids = ids;
        if (wanted.length) this.begin(new File(this.wire, new MediaStream(wanted)));
      }
      this.file?.pause(isPaused);
    }

    begin(file) {
      this.file = file;
      file.pause(this.isPaused);
      file.start().catch((error) => {
        console.info("room: recording:", error.message);
        file.finished();
        if (this.file !== file) return;
        this.file = null;
        this.ids = "";
        this.onfail();
      });
    }

    end() {
      const { file } = this;
      this.file = null;
      this.ids = "";
      if (!file) return;
      const ended = file.stop().then(() => this.ending.delete(ended));
      this.ending.add(ended);
    }

    get isBegun() { return Boolean(this.file); }

    get isOn() { return Boolean(this.file?.runs); }

    /* All that was recorded is brought. */
    async stop() {
      this.end();
      await Promise.all(this.ending);
    }
  }

  globalThis.Slotline = { ...globalThis.Slotline, Recorder };
})();
