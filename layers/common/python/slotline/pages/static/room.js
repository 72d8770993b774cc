/* The room as one sees it: before the call, in it, and after it. Whatever others have written is put in as text. */
(() => {
  const { Wire, Refusal, Link, Devices, Recorder, meter, tryWays } = globalThis.Slotline;
  const $ = (id) => document.getElementById(id);
  const { words, ...room } = JSON.parse($("room-data").textContent);
  const say = (name, values = {}) => (words[name] || "").replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
  const isHost = room.side === "host";
  const wire = new Wire({ callId: room.callId, side: room.side, clock: room.clock });
  const devices = new Devices(wire.memory);
  const recorder = new Recorder(wire, () => {
    if (!isIn) return;
    notice("recorder", say("recording_failed"), "warn");
    setTimeout(() => follow(), 10000);
  });
  let recording = { wish: "off", mine: null, theirs: null, isOn: false };
  let link = null, call = null, peer = { isThere: false }, theirs = {}, screen = null, began = 0, meters = null, isIn = false, knocks = null, declined = "", wasAlone = false;

  /* A role token comes behind `#` and goes out of the address at once: no history and no screenshot has it. */
  const shown = /^#[\w-]{50}$/.test(location.hash) ? location.hash.slice(1) : "";
  const token = shown || wire.memory.kept.token;
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);
  if (shown) wire.memory.set({ token: shown });
  wire.token = token || undefined;

  const show = (id) => {
    for (const section of ["prejoin", "call", "out"]) $(section).hidden = section !== id;
    $("foot").hidden = id === "call";
  };

  const initial = (name) => [...(name || "").trim()][0]?.toLocaleUpperCase() || "";
  const nameOf = () => peer.name || (isHost ? call?.guestName : call?.hostName) || say(isHost ? "guest" : "host");

  /* Notices that stay while what they say is so; said aloud once. */
  const notice = (name, text, kind = "quiet") => {
    let found = $("notices").querySelector(`[data-name="${name}"]`);
    if (!text) return found?.remove();
    if (found?.textContent === text) return;
    found ||= $("notices").appendChild(document.createElement("p"));
    found.dataset.name = name;
    found.className = `notice notice-${kind}`;
    found.textContent = text;
  };

  /* Before the call. */
  const problemText = (kind, name) => {
    if (name === "NotAllowedError") return say(room.isFramed && !mayAsk(kind) ? "problem_frame" : `problem_denied_${kind}`);
    if (name === "NotReadableError" || name === "AbortError") return say(`problem_busy_${kind}`);
    if (name === "unsupported") return say("problem_unsupported");
    return say(`problem_none_${kind}`);
  };
  const mayAsk = (kind) => document.featurePolicy?.allowsFeature?.(kind === "audio" ? "microphone" : "camera") ?? true;

  const problems = () => {
    const box = $("problems"), found = new Set();
    const kinds = ["video", "audio"].filter((kind) => devices.wanted[kind] && devices.problems[kind]);
    for (const kind of kinds) found.add(problemText(kind, devices.problems[kind]));
    if (found.size === 2 && kinds.every((kind) => devices.problems[kind] === "NotAllowedError")) {
      found.clear();
      found.add(say("problem_denied_both"));
    }
    const nothing = ["video", "audio"].every((kind) => devices.problems[kind]);
    if (nothing) found.add(say("problem_without"));
    box.replaceChildren(...(found.size ? [Object.assign(document.createElement("div"), { className: "notice notice-warn" })] : []));
    for (const text of found) box.firstChild.appendChild(Object.assign(document.createElement("p"), { textContent: text }));
    if (found.size) {
      const again = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: say("problem_again") });
      again.onclick = () => void devices.open();
      const row = Object.assign(document.createElement("p"), { className: "row" });
      row.append(again, ...(room.isFramed ? [newTab()] : []));
      box.firstChild.append(row);
    }
  };

  const newTab = () => Object.assign(document.createElement("a"), { className: "button", href: ownAddress(), target: "_blank", rel: "noopener", textContent: say("new_tab") });
  const ownAddress = () => location.pathname + location.search + (token ? `#${token}` : "");

  const ownPictures = () => {
    const camera = devices.tracks.video;
    for (const [video, off] of [["preview", "preview-off"], ["own-video", "own-off"]]) {
      $(video).srcObject = camera ? new MediaStream([camera]) : null;
      $(video).hidden = !camera;
      $(video).classList.toggle("mirrored", camera?.getSettings().facingMode !== "environment");
      $(off).hidden = Boolean(camera);
    }
  };

  const pressed = () => {
    for (const [id, kind] of [["mic", "audio"], ["pre-mic", "audio"], ["camera", "video"], ["pre-camera", "video"]]) {
      const isOn = devices.wanted[kind] && Boolean(devices.tracks[kind]);
      $(id).setAttribute("aria-pressed", String(isOn));
    }
  };

  const listDevices = () => {
    for (const [kind, what] of [["audio", "audioinput"], ["video", "videoinput"], ["speaker", "audiooutput"]]) {
      const select = $(`${kind}-device`), found = devices.of(what);
      $(`${kind}-field`).hidden = !found.length || (kind === "speaker" && !("setSinkId" in HTMLMediaElement.prototype));
      select.replaceChildren(...found.map((one, at) => new Option(one.label || `${say(kind)} ${at + 1}`, one.deviceId)));
      const now = devices.tracks[kind]?.getSettings().deviceId ?? devices.chosen[kind];
      if (now) select.value = now;
    }
  };

  const measure = () => {
    meters?.stop();
    meters = devices.tracks.audio ? meter(devices.tracks.audio) : null;
  };
  const drawLevel = () => {
    if ($("prejoin").hidden) return;
    $("level").style.setProperty("--level", String(devices.wanted.audio && meters ? meters.level() : 0));
    setTimeout(() => requestAnimationFrame(drawLevel), 80);
  };

  devices.addEventListener("track", ({ detail: kind }) => {
    if (kind === "audio") measure();
    ownPictures();
    pressed();
    problems();
    if (kind === "audio" || !screen) void link?.put(kind, devices.tracks[kind]);
    tellState();
    follow();
    const trouble = isIn && devices.wanted[kind] && devices.problems[kind];
    notice(`device-${kind}`, trouble ? problemText(kind, devices.problems[kind]) : "", "warn");
  });
  devices.addEventListener("list", listDevices);
  const speak = () => {
    const id = devices.chosen.speaker;
    if (id) $("theirs").setSinkId?.(id).catch(() => devices.choice("speaker", undefined));
  };
  devices.addEventListener("speaker", speak);
  for (const kind of ["audio", "video", "speaker"])
    $(`${kind}-device`).onchange = ({ target }) => void devices.choose(kind, target.value);
  for (const [id, kind] of [["mic", "audio"], ["pre-mic", "audio"], ["camera", "video"], ["pre-camera", "video"]])
    $(id).onclick = ({ currentTarget }) => void devices.want(kind, currentTarget.getAttribute("aria-pressed") !== "true");

  const lookForWays = async () => {
    try {
      const { ice } = await wire.ways();
      if (!ice.relay) return;
      light("", say("ways_looking"));
      const found = await tryWays(ice.servers);
      light(found, say(`ways_${found}`));
    } catch (error) {
      if (error instanceof Refusal && error.status < 500) refused(error);
    }
  };
  const light = (state, text) => {
    $("ways").hidden = false;
    $("ways").dataset.state = state;
    $("ways-text").textContent = text;
  };

  $("join").onsubmit = (event) => {
    event.preventDefault();
    const name = $("name").value.trim();
    $("enter").setAttribute("aria-busy", "true");
    $("enter").disabled = true;
    void enter(name).finally(() => {
      $("enter").removeAttribute("aria-busy");
      $("enter").disabled = false;
    });
  };

  /* The way in: a seat; or a wait to be let in, which goes on until it is over. */
  let waits = 0;
  const enter = async (name) => {
    const waiting = ++waits;
    for (;;) {
      let said;
      try {
        said = await wire.enter(name);
      } catch (error) {
        return refused(error);
      }
      if (waiting !== waits) return;
      if (said.state === "in") return begin(said);
      out("waits", { again: false });
      await wire.sleep(said.askAgainIn);
      if (waiting !== waits) return;
    }
  };

  const refused = (error) => {
    const code = error instanceof Refusal ? error.code : "offline";
    if (code === "pattern" || code === "invalid" || error.detail?.field === "name") {
      $("name-error").textContent = error.message;
      $("name-error").hidden = false;
      $("name").setAttribute("aria-invalid", "true");
      return $("name").focus();
    }
    const opens = error.detail?.opensAt;
    out(words[`${code}_title`] ? code : "offline", { again: !["room_over", "room_cancelled", "room_missed", "room_late", "no_role"].includes(code), when: opens ? when(opens) : "" });
  };
  const when = (text) => new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "full", timeStyle: "short" }).format(new Date(text));

  const out = (name, { again = true, ...values } = {}) => {
    isIn = false;
    void recorder.stop(); // what was recorded until now is brought all the same
    if (name !== "waits") rest();
    $("out-title").textContent = say(`${name}_title`, values);
    $("out-text").textContent = say(`${name}_text`, values);
    $("again").hidden = !again;
    show("out");
    $("main").focus();
  };
  $("again").onclick = () => void resume();

  /* Nothing goes out any more: no picture, no sound, no screen, and no light beside the camera says otherwise. */
  const rest = () => {
    wire.stop();
    wire.memory.set({ isIn: false });
    link?.drop();
    link = null;
    unshare();
    devices.stop();
    ownPictures();
    document.exitFullscreen?.().catch(() => {});
  };

  /* In the call. */
  const begin = (said) => {
    const isFirst = $("call").hidden;
    peer = said.peer;
    isIn = true;
    wire.memory.set({ isIn: true });
    link?.drop();
    link = new Link({ wire, isHost });
    Object.assign(link.tracks, devices.tracks, screen ? { video: screen } : {});
    link.ice = said.ice;
    for (const [name, act] of Object.entries(heard)) link.addEventListener(name, ({ detail }) => act(detail));
    about(said.call);
    $("end").hidden = !isHost;
    $("own").hidden = false;
    show("call");
    $("notices").replaceChildren();
    ownPictures();
    drawTheirs();
    if (isFirst) history_();
    hand();
    speak();
    wire.start();
    met(said);
    if (isFirst) $("main").focus({ preventScroll: true });
  };

  /* What the call is about. Who has nothing but the link is told once the host is there. */
  const about = (told) => {
    call = told;
    $("title").textContent = call.title || say("with", { name: nameOf() });
    $("about").textContent = call.description || "";
    $("about").hidden = !call.description;
    entitle();
  };
  const entitle = () => {
    const calls = document.hidden && peer.isThere && wasAlone ? `● ${say("is_here", { name: nameOf() })}` : "";
    document.title = calls || `${call.title || say("title")} – ${call.organization}`;
  };

  /* What the embedding agent desktop knows of the call goes to it alone. */
  const hand = () => {
    const to = call.genesys?.gc_host_origin;
    if (!to || parent === globalThis) return;
    try {
      if (new URL(to).origin === to) parent.postMessage({ type: "slotline:call", detail: { callId: room.callId, genesys: call.genesys } }, to);
    } catch { /* no origin */ }
  };

  const met = ({ peer: now, knock = null, ice, door, talkedSeconds, recording: asked, call: told }) => {
    const before = peer;
    peer = now;
    if (told) about(told);
    if (ice && link.ice !== ice) void link.refresh(ice);
    if (now.isThere || !link.isUp || now.hasLeft) link.reach(now.isThere ? now.tab : 0);
    if (before.isThere && !now.isThere && now.hasLeft) notice("left", say("has_left", { name: nameOf() }));
    if (now.isThere) for (const name of ["left", "chat-alone"]) notice(name, "");
    if (now.isThere && !before.isThere) {
      wasAlone = document.hidden;
      entitle();
      if (!isHost && !call.title && !call.hostName) wire.soon({ look: true }); // who is there says what it is about
    }
    if (!call.title) $("title").textContent = say("with", { name: nameOf() });
    notice("offline", "");
    knocks = knock;
    $("knock").hidden = !knock || knock.id === declined;
    if (knock) $("knock-text").textContent = say(knock.side === "host" ? "knock_own" : "knock", { name: knock.name || say("somebody") });
    record(asked);
    notice("over", door && door !== "open" && door !== "early" ? say("time_over") : "");
    if (talkedSeconds !== undefined) began = talkedSeconds || now.isThere ? performance.now() - talkedSeconds * 1000 : 0;
    drawTheirs();
  };

  /* What this side sends is recorded by its own browser, once both have agreed. */
  const record = (now = recording) => {
    const was = recording;
    recording = now;
    const isWanted = now.wish !== "off", isAsked = isWanted && now.mine === null;
    if (isAsked && $("consent").hidden) $("consent-text").textContent = say(isHost ? "consent_host" : "consent", { name: nameOf() });
    $("consent").hidden = !isAsked;
    $("record").hidden = !isHost;
    $("pause").hidden = !isHost || !isWanted;
    $("record").setAttribute("aria-pressed", String(isWanted));
    $("allow").hidden = isHost || !isWanted || now.mine === null;
    $("allow").setAttribute("aria-pressed", String(now.mine === true));
    if (!isWanted) notice("recorder", "");
    $("pause").setAttribute("aria-pressed", String(now.wish === "paused"));
    $("recording").hidden = !now.isOn;
    const waits = isWanted && now.mine && now.theirs === null && peer.isThere;
    notice("recording", waits ? say("recording_asked", { name: nameOf() })
      : isWanted && (now.theirs === false || now.mine === false) ? say("recording_refused") : now.wish === "paused" ? say("recording_paused") : "");
    if (was.wish !== now.wish || was.mine !== now.mine) link?.tell({ look: true }); // the other page asks seldom
    if (was.isOn !== now.isOn || was.wish !== now.wish) follow();
  };
  const follow = () => recorder.follow(
    [devices.tracks.audio, screen || devices.tracks.video], isIn && (recording.isOn || (recorder.isBegun && recording.wish === "paused")), recording.wish === "paused",
  );
  $("record").onclick = () => wire.soon({ record: recording.wish === "off" ? "on" : "off" });
  $("pause").onclick = () => wire.soon({ record: recording.wish === "paused" ? "on" : "paused" });
  $("allow").onclick = () => wire.soon({ agree: recording.mine !== true });
  for (const [id, agree] of [["agree", true], ["refuse", false]])
    $(id).onclick = () => {
      $("consent").hidden = true;
      wire.soon({ agree });
    };

  /* A waiting host may be looking at another tab. */
  addEventListener("visibilitychange", () => { if (call) entitle(); });

  wire.addEventListener("online", ({ detail }) => { if (isIn) met(detail); });
  wire.addEventListener("offline", () => notice("offline", say("no_server"), "warn"));
  wire.addEventListener("lost", ({ detail: code }) => {
    if (!isIn) return;
    if (code === "joined_elsewhere" || code === "seat_lost") return out(code);
    void enter(wire.memory.kept.name); // it may be over, or somebody was let in instead; the way in says which
  });

  const heard = {
    track() {
      if ($("theirs").srcObject !== link.remote) $("theirs").srcObject = link.remote; // again would stop what plays
      void play();
    },
    state() { drawTheirs(); },
    channel() {
      tellState();
      for (const one of unheard.values()) link.tell({ chat: one });
    },
    quality(level) {
      $("quality").hidden = level === "good";
      $("quality").className = level === "bad" ? "badge badge-bad" : "badge badge-warn";
      $("quality").textContent = say(`quality_${level}`);
      notice("quality", level === "bad" ? say("quality_bad_text") : "", "warn");
      tellState();
    },
    said(said) {
      if (said.chat) {
        hear(said.chat);
        link.tell({ got: said.chat.id });
      }
      if (said.got) unheard.delete(said.got);
      if (said.state) theirs = said.state;
      if (said.look) wire.soon();
      if (said.bye) {
        peer = { ...peer, isThere: false, hasLeft: true };
        link.reach(0);
        notice("left", say("has_left", { name: nameOf() }));
        wire.soon();
      }
      drawTheirs();
    },
  };

  /* A browser may refuse to play sound before anybody has pressed anything. Only the newest try says so. */
  let plays = 0;
  const play = async () => {
    const video = $("theirs"), mine = ++plays;
    video.muted = false;
    try {
      await video.play();
      if (mine === plays) $("hear").hidden = true;
    } catch (error) {
      if (mine !== plays || error.name !== "NotAllowedError") return;
      $("hear").hidden = false;
      video.muted = true;
      void video.play().catch(() => {});
    }
  };
  $("hear").onclick = play;

  const drawTheirs = () => {
    const isUp = Boolean(link?.isUp), hasPicture = isUp && (theirs.camera || theirs.share) && !theirs.isPaused;
    $("theirs").classList.toggle("unseen", !hasPicture);
    $("theirs-off").hidden = hasPicture;
    $("face").textContent = initial(nameOf());
    $("face").hidden = !peer.isThere;
    $("theirs-name").hidden = !isUp;
    $("theirs-name").firstChild.textContent = nameOf() + (isUp && theirs.mic === false ? ` – ${say("muted")}` : "");
    const text = isUp ? (hasPicture ? "" : say(theirs.isPaused ? "their_picture_paused" : "their_camera_off", { name: nameOf() }))
      : peer.isThere ? say("connecting", { name: nameOf() }) : waitingText();
    if ($("waiting").textContent !== text) $("waiting").textContent = text;
    $("clock").hidden = !began || !peer.isThere;
    for (const id of ["share", "chat-open"]) $(id).disabled = false;
    $("pip").hidden = !document.pictureInPictureEnabled;
  };
  const waitingText = () => {
    const starts = call?.scheduledAt && new Date(call.scheduledAt) > new Date();
    if (starts) return say("waiting_until", { name: nameOf(), time: new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short" }).format(new Date(call.scheduledAt)) });
    return say("waiting", { name: nameOf() });
  };
  setInterval(() => {
    if (!began || $("clock").hidden) return;
    const seconds = Math.max(Math.floor((performance.now() - began) / 1000), 0);
    $("clock").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }, 1000);

  const tellState = () => {
    if (link?.channel?.readyState !== "open") return;
    const { wanted, tracks } = devices;
    link.tell({ state: { mic: wanted.audio && Boolean(tracks.audio), camera: wanted.video && Boolean(tracks.video), share: Boolean(screen), isPaused: link.step === 2 } });
  };

  /* The screen, in the camera's place. */
  $("share").setAttribute("aria-pressed", "false");
  $("share").onclick = async () => {
    if (screen) return unshare();
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: 15 } }, audio: false });
      [screen] = stream.getVideoTracks();
    } catch (error) {
      return notice("share", error.name === "NotAllowedError" ? "" : say("no_share"), "warn");
    }
    screen.contentHint = "detail";
    screen.onended = unshare;
    $("share").setAttribute("aria-pressed", "true");
    notice("share", say("sharing"));
    await link.put("video", screen);
    tellState();
    follow();
  };
  const unshare = () => {
    if (!screen) return;
    screen.onended = null;
    screen.stop();
    screen = null;
    $("share").setAttribute("aria-pressed", "false");
    notice("share", "");
    void link?.put("video", devices.tracks.video);
    tellState();
    follow();
  };
  if (!navigator.mediaDevices?.getDisplayMedia) $("share").hidden = true;

  /* Chat. What was said is kept by the tab through a reload. A line counts as heard once the other page says so: until
     then it is said again, to whichever page is there. */
  const unheard = new Map(), posted = new Map();
  setInterval(() => {
    if (!link?.theirs) return;
    for (const one of unheard.values()) {
      if (posted.get(one.id) !== link.theirs) link.post({ chat: one });
      posted.set(one.id, link.theirs);
    }
  }, 3000);
  const entry = ({ id, text, isMine, who: whose }) => {
    const line = document.createElement("li");
    line.dataset.id = id;
    line.className = isMine ? "mine" : "";
    const who = Object.assign(document.createElement("strong"), { textContent: isMine ? say("you") : whose || nameOf() });
    const what = Object.assign(document.createElement("span"), { textContent: text, dir: "auto" });
    line.append(who, what);
    $("said").append(line);
    line.scrollIntoView({ block: "nearest" });
  };
  const remember = (one) => {
    const said = (wire.memory.kept.said || []).slice(-199);
    wire.memory.set({ said: [...said, one] });
    entry(one);
  };
  const history_ = () => {
    $("said").replaceChildren();
    for (const one of wire.memory.kept.said || []) entry(one);
  };
  const hear = ({ id, text }) => {
    if (typeof id !== "string" || typeof text !== "string" || (wire.memory.kept.said || []).some((one) => one.id === id)) return;
    remember({ id: id.slice(0, 64), text: text.slice(0, 2000), isMine: false, who: nameOf() });
    if ($("chat").hidden) {
      $("chat-open").classList.add("has-news");
      notice("chat", say("new_message", { name: nameOf() }));
    }
  };
  const chat = (isOpen) => {
    $("chat").hidden = !isOpen;
    $("chat-open").setAttribute("aria-expanded", String(isOpen));
    $("chat-open").classList.remove("has-news");
    notice("chat", "");
    (isOpen ? $("text") : $("chat-open")).focus();
  };
  $("chat-open").setAttribute("aria-expanded", "false");
  $("chat-open").setAttribute("aria-controls", "chat");
  $("chat-open").onclick = () => chat($("chat").hidden);
  $("chat-close").onclick = () => chat(false);
  $("chat").onkeydown = ({ key }) => { if (key === "Escape") chat(false); };
  $("say").onsubmit = (event) => {
    event.preventDefault();
    const text = $("text").value.trim();
    if (!text) return;
    if (!peer.isThere) return notice("chat-alone", say("chat_alone"), "warn");
    const one = { id: crypto.randomUUID?.() || `${Date.now()}-${Math.random()}`, text };
    unheard.set(one.id, one);
    link.tell({ chat: one });
    remember({ ...one, isMine: true });
    $("text").value = "";
  };

  $("settings").onclick = () => {
    $("settings-devices").append($("devices"));
    $("settings-dialog").showModal();
  };
  $("settings-dialog").onclose = () => document.querySelector("details.devices").append($("devices"));
  $("full").onclick = () => {
    if (document.fullscreenElement) return void document.exitFullscreen();
    const stage = $("call");
    if (stage.requestFullscreen) void stage.requestFullscreen().catch(() => {});
    else $("theirs").webkitEnterFullscreen?.();
  };
  $("pip").onclick = () => {
    if (document.pictureInPictureElement) return void document.exitPictureInPicture();
    void $("theirs").requestPictureInPicture?.().catch(() => {});
  };
  $("later").onclick = () => {
    declined = knocks?.id;
    $("knock").hidden = true;
  };
  $("admit").onclick = () => {
    $("knock").hidden = true;
    if (knocks) wire.soon({ admit: knocks.id });
  };

  /* The way out, and back. */
  const go = async (how) => {
    link.tell({ bye: true });
    isIn = false;
    if (recorder.isBegun) notice("leaving", say("saving"));
    for (const id of ["leave", "end"]) $(id).disabled = true;
    unshare();
    await Promise.race([recorder.stop(), wire.sleep(8000)]); // what is left of a recording goes first
    const told = await wire.leave(how).catch(() => ({ isOver: false }));
    for (const id of ["leave", "end"]) $(id).disabled = false;
    out(told.isOver ? "room_over" : "left", { again: !told.isOver });
  };
  $("leave").onclick = () => void go("leave");
  $("end").onclick = () => $("end-dialog").showModal();
  $("end-dialog").onclose = ({ target }) => { if (target.returnValue === "end") void go("end"); };
  $("more").onclick = () => {
    const isOpen = $("tools").classList.toggle("has-more");
    $("more").setAttribute("aria-expanded", String(isOpen));
  };
  /* To the room itself: the address stays as it is. */
  document.querySelector(".skip").onclick = (event) => {
    event.preventDefault();
    $("main").focus();
  };
  addEventListener("pagehide", () => { if (isIn) void wire.leave("away").catch(() => {}); });
  addEventListener("pageshow", ({ persisted }) => { if (persisted && isIn) wire.soon(); });
  addEventListener("online", () => { if (isIn) wire.anew(); void link?.mend(); });

  const resume = async () => {
    void devices.open(); // a browser may ask whether they are allowed, for as long as it likes
    await enter(wire.memory.kept.name);
  };

  /* Loaded again in the middle of a call, a page goes on with it at once. */
  pressed();
  $("name").value = wire.memory.kept.name || room.name || "";
  if (wire.memory.kept.isIn) {
    void resume();
  } else {
    show("prejoin");
    ownPictures();
    if (room.previewEnabled) void devices.open();
    drawLevel();
    void lookForWays();
  }
  if (!room.previewEnabled) $("enter").addEventListener("click", () => void devices.open(), { once: true });
})();
