/* The connection between the two sides of a room. Perfect negotiation with fixed roles (W3C WebRTC, §10.7): the host
   alone makes the first offer and is impolite, the guest gives way. Every letter says for which page of the other side
   it is meant, so that what was for a page before its reload is not taken by the next. */
(() => {
  const SETTLES_WITHIN = 4000; // milliseconds that a broken connection may take to find its way again by itself
  const BEGINS_WITHIN = 12000; // that a new one may take to begin: its first letter may be lost
  const LOOK_EVERY = 3000, LOOK_BACK = 10; // ten looks are thirty seconds
  const WELL_FOR = 5; // looks
  const STEPS = [
    { level: "good" },
    { level: "warning", maxBitrate: 250_000, scaleResolutionDownBy: 2, maxFramerate: 15 },
    { level: "bad" }, // no picture goes out, so that sound comes through
  ];

  class Link extends EventTarget {
    constructor({ wire, isHost }) {
      super();
      Object.assign(this, { wire, isHost, tracks: { audio: null, video: null }, step: 0, theirs: 0, dropped: new AbortController() });
      wire.addEventListener("letter", ({ detail }) => void this.read(detail), { signal: this.dropped.signal });
    }

    /* For good: it hears no more letters. */
    drop() {
      this.close();
      this.dropped.abort();
    }

    get isUp() { return this.pc?.connectionState === "connected"; }

    /* Whom it is to reach: a page of the other side, by its tab; 0: nobody is there. */
    reach(tab, ice) {
      if (ice) this.ice = ice;
      if (tab === this.theirs) return;
      this.theirs = tab;
      this.close();
      if (tab) this.open();
    }

    open() {
      const { servers, only } = this.ice;
      const pc = new RTCPeerConnection({ iceServers: servers, iceTransportPolicy: only ? "relay" : "all", bundlePolicy: "max-bundle" });
      Object.assign(this, { pc, isMaking: false, isIgnoring: false, isSetting: false, early: [], remote: new MediaStream() });
      this.channel = pc.createDataChannel("room", { negotiated: true, id: 0 });
      this.channel.onopen = () => this.say("channel");
      this.channel.onmessage = ({ data }) => this.hear(data);
      pc.onicecandidate = ({ candidate }) => this.write({ candidate });
      pc.ontrack = ({ track }) => {
        this.remote.addTrack(track);
        this.say("track", track);
      };
      pc.onnegotiationneeded = () => void this.offer();
      pc.onconnectionstatechange = () => this.changed();
      if (this.isHost) for (const kind of ["audio", "video"]) this.carry(pc.addTransceiver(kind, { direction: "sendrecv" }));
      this.looking = setInterval(() => void this.look(), LOOK_EVERY);
      this.seen = [];
      this.settling = setTimeout(() => void this.mend(), BEGINS_WITHIN);
    }

    close() {
      clearInterval(this.looking);
      clearTimeout(this.settling);
      if (!this.pc) return;
      for (const name of ["onicecandidate", "ontrack", "onnegotiationneeded", "onconnectionstatechange"]) this.pc[name] = null;
      this.pc.close();
      this.pc = null;
      this.step = 0;
      this.wire.isLinked = false;
      this.say("state", "closed");
    }

    carry(transceiver) {
      const kind = transceiver.receiver.track.kind;
      transceiver.direction = "sendrecv";
      void transceiver.sender.replaceTrack(this.tracks[kind]).catch(() => {});
    }

    /* What goes out from now on; null: nothing. No new negotiation is needed for it. */
    async put(kind, track) {
      this.tracks[kind] = track;
      const found = this.pc?.getTransceivers().find((one) => one.receiver.track.kind === kind);
      if (found && !(kind === "video" && this.step === 2)) await found.sender.replaceTrack(track).catch(() => {});
    }

    async offer() {
      const { pc } = this;
      if (!this.isHost && !pc.remoteDescription) return; // the host makes the first one
      try {
        this.isMaking = true;
        await pc.setLocalDescription();
        if (pc === this.pc) this.write({ description: pc.localDescription });
      } catch { /* closed meanwhile */ } finally {
        this.isMaking = false;
      }
    }

    async read({ tab, letter }) {
      if (letter.to !== this.wire.tab || tab !== this.theirs || !this.pc) return this.say("aside", { tab, letter });
      const { pc } = this;
      try {
        if (letter.description) await this.describe(pc, letter.description);
        else if ("candidate" in letter) await this.add(pc, letter.candidate);
        else if (letter.again) { if (this.isHost) await this.restart(); }
        else if (letter.said) this.say("said", letter.said);
      } catch (error) {
        if (pc === this.pc) console.info("room: a letter was of no use:", error.name);
      }
    }

    async describe(pc, description) {
      const isReady = !this.isMaking && (pc.signalingState === "stable" || this.isSetting);
      const collides = description.type === "offer" && !isReady;
      this.isIgnoring = this.isHost && collides;
      if (this.isIgnoring) return;
      this.isSetting = description.type === "answer";
      try {
        await pc.setRemoteDescription(description);
      } finally {
        this.isSetting = false;
      }
      for (const candidate of this.early.splice(0)) await this.add(pc, candidate);
      if (description.type !== "offer") return;
      for (const transceiver of pc.getTransceivers()) this.carry(transceiver);
      await pc.setLocalDescription();
      this.write({ description: pc.localDescription });
    }

    async add(pc, candidate) {
      if (!pc.remoteDescription) {
        this.early.push(candidate);
        return;
      }
      try {
        await pc.addIceCandidate(candidate || undefined);
      } catch (error) {
        if (!this.isIgnoring) throw error;
      }
    }

    changed() {
      const { connectionState: state } = this.pc;
      this.wire.isLinked = state === "connected";
      clearTimeout(this.settling);
      this.say("state", state);
      if (state === "connected") {
        this.seen = []; // what was lost while there was no way says nothing of this one
        this.wire.soon();
      }
      if (state === "disconnected") this.settling = setTimeout(() => void this.mend(), SETTLES_WITHIN);
      if (state === "failed") void this.mend();
    }

    /* Look for another way: with fresh credentials, for those of an hour ago may be over. The host makes the offer. */
    async mend() {
      clearTimeout(this.settling);
      if (!this.pc || this.isUp) return;
      this.wire.soon({ ice: true });
      if (!this.isHost) this.write({ again: true });
      this.settling = setTimeout(() => void this.mend(), SETTLES_WITHIN * 3);
    }

    async refresh(ice) {
      this.ice = ice;
      if (!this.pc || this.isUp) return;
      try {
        this.pc.setConfiguration({ ...this.pc.getConfiguration(), iceServers: ice.servers });
      } catch { /* a browser that takes none keeps those it has */ }
      if (this.isHost) await this.restart();
    }

    async restart() {
      if (this.pc && this.pc.signalingState === "stable" && this.pc.remoteDescription) this.pc.restartIce();
      else if (this.pc && this.isHost && this.pc.localDescription) this.write({ description: this.pc.localDescription });
    }

    write(letter) { this.wire.send({ to: this.theirs, ...letter }); }

    /* Chat and the like: straight to the other page while there is a way, by the mailbox otherwise. */
    tell(said) {
      try {
        if (this.channel?.readyState === "open") return this.channel.send(JSON.stringify(said));
      } catch { /* it closes in this moment */ }
      this.post(said);
    }

    post(said) { if (this.theirs) this.write({ said }); }

    hear(data) {
      let said = null;
      try { said = JSON.parse(data); } catch { return; }
      if (said && typeof said === "object") this.say("said", said);
    }

    async look() {
      const { pc } = this;
      if (!pc || !this.isUp) return;
      const found = { at: performance.now(), lost: 0, got: 0 };
      const stats = await pc.getStats().catch(() => null);
      if (!stats || pc !== this.pc) return;
      stats.forEach((one) => {
        if (one.type === "candidate-pair" && one.nominated && one.state === "succeeded") {
          found.rtt = one.currentRoundTripTime;
          found.out = one.availableOutgoingBitrate;
        }
        if (one.type === "remote-inbound-rtp" && Number.isFinite(one.fractionLost)) found.out_lost = Math.max(found.out_lost || 0, one.fractionLost);
        if (one.type === "inbound-rtp") {
          found.lost += Math.max(one.packetsLost || 0, 0);
          found.got += one.packetsReceived || 0;
        }
      });
      this.seen = [...this.seen, found].slice(-LOOK_BACK);
      await this.judge();
    }

    async judge() {
      const now = judged(this.seen, this.step);
      this.well = now === 0 ? (this.well || 0) + 1 : 0;
      const step = now > this.step ? now : this.well >= WELL_FOR ? Math.max(this.step - 1, 0) : this.step;
      if (step === this.step) return;
      this.well = 0;
      this.seen = this.seen.slice(-2);
      await this.take(step);
    }

    async take(step) {
      this.step = step;
      const sender = this.pc?.getTransceivers().find((one) => one.receiver.track.kind === "video")?.sender;
      if (sender) {
        const { level, ...limits } = STEPS[step];
        if (sender.track?.contentHint === "detail") delete limits.scaleResolutionDownBy; // a screen is to be read
        const parameters = sender.getParameters();
        for (const encoding of parameters.encodings || []) {
          for (const name of ["maxBitrate", "scaleResolutionDownBy", "maxFramerate"]) delete encoding[name];
          Object.assign(encoding, limits);
        }
        await sender.setParameters(parameters).catch(() => {});
        await sender.replaceTrack(level === "bad" ? null : this.tracks.video).catch(() => {});
      }
      this.say("quality", STEPS[step].level);
    }

    say(name, detail) { this.dispatchEvent(new CustomEvent(name, { detail })); }
  }

  /* How well it goes over the last half a minute: 0 well, 1 less of a picture, 2 none. */
  const judged = (seen, step) => {
    if (seen.length < 2) return 0;
    const first = seen[0], last = seen.at(-1);
    const got = last.got - first.got, lost = last.lost - first.lost;
    const share = Math.max(got + lost > 50 ? lost / (got + lost) : 0, last.out_lost || 0);
    const trips = seen.map((one) => one.rtt).filter(Number.isFinite);
    const trip = trips.length ? trips.reduce((sum, one) => sum + one, 0) / trips.length : 0;
    // Where sound alone goes out, nothing tells how much more could.
    const out = Number.isFinite(last.out) && step < 2 ? last.out : Infinity;
    if (share > 0.15 || trip > 1 || out < 80_000) return 2;
    return share > 0.05 || trip > 0.4 || out < 150_000 ? 1 : 0;
  };

  /* Whether data really passes through a relay: a relay's candidate alone proves nothing. "green", "yellow" or "red". */
  const tryWays = async (servers, patience = 8000) => {
    const ends = [0, 1].map(() => new RTCPeerConnection({ iceServers: servers, iceTransportPolicy: "relay" }));
    const open = new RTCPeerConnection({ iceServers: servers });
    let hasWayOut = false;
    open.onicecandidate = ({ candidate }) => { hasWayOut ||= candidate?.type === "srflx" || candidate?.type === "relay"; };
    open.createDataChannel("test");
    try {
      await open.setLocalDescription();
      ends.forEach((end, at) => { end.onicecandidate = ({ candidate }) => void ends[1 - at].addIceCandidate(candidate || undefined).catch(() => {}); });
      const passed = new Promise((resolve) => {
        ends[1].ondatachannel = ({ channel }) => { channel.onmessage = resolve; };
        const channel = ends[0].createDataChannel("test");
        channel.onopen = () => channel.send("through");
      });
      await ends[0].setLocalDescription();
      await ends[1].setRemoteDescription(ends[0].localDescription);
      await ends[1].setLocalDescription();
      await ends[0].setRemoteDescription(ends[1].localDescription);
      const late = new Promise((_, reject) => setTimeout(reject, patience, new Error("late")));
      await Promise.race([passed, late]);
      return "green";
    } catch {
      return hasWayOut ? "yellow" : "red";
    } finally {
      for (const one of [...ends, open]) one.close();
    }
  };

  globalThis.Slotline = { ...globalThis.Slotline, Link, tryWays };
})();
