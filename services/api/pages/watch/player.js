/** Plays one film: hls.js, its choices, keyboard, heartbeats, and where the viewer is. */
import { ask } from "./api.js";
import { button, element, language, notice, say, show } from "./words.js";

/** The package's own file, which is larger than the page and needed only now. */
const SCRIPT = "/watch/hls.js";
/** Milliseconds after which a film that broke off is asked for again; the pause doubles each time. */
const PAUSE = 1000;
const LONGEST_PAUSE = 30_000;
let recoveries = 0;
/** Seconds by which the arrows seek. */
const STEP = 10;

/** An edge that fails is left after one more try; so much is held that this takes no time from the viewer. */
const settings = ({ id, videoId, telemetryToken, resumeMs, heartbeatMs }) => ({
  workerPath: "/watch/hls.worker.js",
  startPosition: resumeMs / 1000,
  audioPreference: { lang: language },
  maxBufferLength: 30,
  // Bytes would let a small picture be loaded whole, however long the film is.
  maxBufferSize: 0,
  backBufferLength: 60,
  fragLoadPolicy: {
    default: {
      maxTimeToFirstByteMs: 5000,
      maxLoadTimeMs: 60_000,
      timeoutRetry: { maxNumRetry: 1, retryDelayMs: 0, maxRetryDelayMs: 0 },
      errorRetry: { maxNumRetry: 1, retryDelayMs: 200, maxRetryDelayMs: 400 },
    },
  },
  cmcd: {
    version: 2,
    sessionId: id,
    contentId: videoId,
    includeKeys: ["br", "bl", "sid", "cid", "st", "sf", "sta", "ts", "e", "sn", "v"],
    eventTargets: [
      {
        url: `${location.origin}/api/v1/playback/telemetry/${telemetryToken}`,
        events: ["ps", "t", "e", "br"],
        interval: Math.max(heartbeatMs / 1000, 1),
      },
    ],
  },
});

const select = (label, options, chosen, change) =>
  element(
    "label",
    {},
    `${label} `,
    element(
      "select",
      { on: { change: ({ target }) => change(Number(target.value)) } },
      options.map(([value, text]) => element("option", { value, textContent: text, selected: value === chosen })),
    ),
  );

/** Selects for quality, sound and subtitles, made anew whenever there is something to choose. */
function showChoices(hls, place) {
  const quality = [[-1, say("auto")], ...bestFirst(hls.levels).map(([index, { height }]) => [index, `${height}p`])];
  const named = ({ name, lang }, index) => [index, name || lang];
  const audio = hls.audioTracks.map(named);
  const subtitles = [[-1, say("off")], ...hls.subtitleTracks.map(named)];
  place.replaceChildren(
    ...[
      select(say("quality"), quality, hls.autoLevelEnabled ? -1 : hls.currentLevel, (level) => (hls.nextLevel = level)),
      audio.length > 1 && select(say("audio"), audio, hls.audioTrack, (track) => (hls.audioTrack = track)),
      subtitles.length > 1 &&
        select(say("subtitles"), subtitles, hls.subtitleTrack, (track) => {
          hls.subtitleDisplay = track >= 0;
          hls.subtitleTrack = track;
        }),
    ].filter(Boolean),
  );
}

/** One level for each height, though there is one for each edge. */
function bestFirst(levels) {
  const heights = new Map();
  levels.forEach((level, index) => heights.has(level.height) || heights.set(level.height, [index, level]));
  return [...heights.values()].toSorted(([, a], [, b]) => b.height - a.height);
}

function keysOf(video, hls, frame) {
  // Not to the very end, where there is nothing left to play.
  const seek = (seconds) =>
    (video.currentTime = Math.min(Math.max(video.currentTime + seconds, 0), video.duration - 1));
  const louder = (by) => (video.volume = Math.min(Math.max(video.volume + by, 0), 1));
  const subtitles = () => {
    hls.subtitleDisplay = true;
    hls.subtitleTrack = hls.subtitleTrack >= 0 || hls.subtitleTracks.length === 0 ? -1 : 0;
  };
  const fill = () => (document.fullscreenElement ? document.exitFullscreen() : frame.requestFullscreen());
  const toggle = () => (video.paused ? video.play() : video.pause());
  return {
    " ": toggle,
    k: toggle,
    ArrowLeft: () => seek(-STEP),
    ArrowRight: () => seek(STEP),
    ArrowUp: () => louder(0.1),
    ArrowDown: () => louder(-0.1),
    m: () => (video.muted = !video.muted),
    c: subtitles,
    f: fill,
  };
}

/**
 * @param started the session
 * @param around the title, and what happens on the way back, again and to the next episode
 */
export async function play(started, { title, back, again, next }) {
  const { default: Hls } = await import(SCRIPT);
  const video = element("video", { controls: true, playsInline: true, ariaLabel: title });
  const choices = element("div", { className: "choices" });
  let skipTo = 0;
  const skip = button("", () => (video.currentTime = skipTo), { className: "skip", hidden: true });
  const frame = element("div", { className: "frame" }, video, skip);
  const hls = new Hls(settings(started));
  const isOpen = new AbortController();
  const { signal } = isOpen;

  let sequence = 0;
  let hasPlayed = false;
  const path = `/playback/sessions/${started.id}`;
  // Before it plays, a video is at its beginning, wherever it will go on.
  const where = () => ({
    sequence: (sequence += 1),
    ...(hasPlayed && { positionMs: Math.round(video.currentTime * 1000) }),
  });
  const beat = () =>
    void ask("POST", `${path}/heartbeats`, where()).catch((error) => {
      if (error.problem?.status === 404) over();
    });
  const timer = setInterval(beat, started.heartbeatMs);

  function close() {
    clearInterval(timer);
    isOpen.abort();
    hls.destroy();
  }
  function over() {
    close();
    show(
      button(say("back"), back, { className: "back" }),
      element("p", { textContent: say("over"), role: "alert" }),
      button(say("resume"), again),
    );
  }
  /** Gives the place back, and tells where the viewer was. */
  async function leave(more) {
    if (signal.aborted) return;
    const told = hasPlayed ? where() : {};
    close();
    await ask("DELETE", path, told, more).catch(() => {});
  }

  /** hls.js leaves an edge that failed alone for minutes; a new session is given one that is there. */
  async function recover() {
    notice(say("broken"));
    const pause = Math.min(PAUSE * 2 ** recoveries, LONGEST_PAUSE);
    recoveries += 1;
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (signal.aborted) return;
    await leave();
    await again();
  }

  addEventListener("pagehide", () => void leave({ keepalive: true }), { signal });
  video.addEventListener("playing", () => ((hasPlayed = true), (recoveries = 0)), { signal });
  video.addEventListener("pause", () => signal.aborted || beat(), { signal });
  video.addEventListener("seeked", () => video.paused && beat(), { signal });
  video.addEventListener(
    "timeupdate",
    () => {
      const at = video.currentTime * 1000;
      const chapter = started.chapters.find(
        ({ kind, from, until }) => kind !== "chapter" && at >= from && at < until - 1000,
      );
      skip.hidden = !chapter;
      if (!chapter) return;
      skip.textContent = `${say("skip")}: ${chapter.title}`;
      skipTo = chapter.until / 1000;
    },
    { signal },
  );
  const keys = keysOf(video, hls, frame);
  addEventListener(
    "keydown",
    (event) => {
      const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      const isTyping = event.target instanceof Element && event.target.closest("input, select, button");
      if (!act || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      void act();
    },
    { signal },
  );

  for (const event of [
    Hls.Events.MANIFEST_PARSED,
    Hls.Events.AUDIO_TRACKS_UPDATED,
    Hls.Events.AUDIO_TRACK_SWITCHED,
    Hls.Events.SUBTITLE_TRACKS_UPDATED,
    Hls.Events.SUBTITLE_TRACK_SWITCH,
  ])
    hls.on(event, () => showChoices(hls, choices));
  hls.on(Hls.Events.MANIFEST_PARSED, () => {
    // A page may play only what its reader has asked for, and this was a click.
    video.play().catch(() => {});
  });
  hls.on(Hls.Events.ERROR, (_, { fatal, type, response }) => {
    if (!fatal) return;
    if (response?.code === 403) over();
    else if (type === Hls.ErrorTypes.MEDIA_ERROR) hls.recoverMediaError();
    else void recover();
  });

  show(
    button(`← ${title}`, async () => (await leave(), back()), { className: "back" }),
    frame,
    choices,
    next && button(say("next"), async () => (await leave(), next())),
    element("p", { className: "keys", textContent: say("keys") }),
  );
  hls.loadSource(new URL(started.manifestUrl, location.href).href);
  hls.attachMedia(video);
  // For who tests or mends the page: nothing of it is secret to its reader.
  globalThis.player = { hls, video };
}
