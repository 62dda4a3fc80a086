/** The plain player page: sign in, say who watches, choose a film, and watch it. */
import { ask, demoAccounts, list } from "./api.js";
import { play } from "./player.js";
import { attempt, open, showWho } from "./sign-in.js";
import { button, element, language, say, show, titleOf } from "./words.js";

async function showProfiles() {
  showWho();
  const profiles = await list("/profiles");
  const choose = attempt(async (profile) => {
    const pin = profile.hasPin ? prompt(say("pin")) : null;
    await showFilms({ profile, ...(pin && { pin }) });
  });
  const name = element("input", {
    required: true,
    maxLength: 40,
    placeholder: say("profileName"),
    ariaLabel: say("profileName"),
  });
  const form = element("form", {}, name, element("button", { textContent: say("newProfile") }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void attempt(async () => {
      await choose(await ask("POST", "/profiles", { name: name.value }));
    })();
  });
  const tiles = profiles.map((profile) => button(profile.name, () => choose(profile), { className: "profile" }));
  show(element("h2", { textContent: say("who") }), element("div", { className: "tiles" }, tiles), form);
}

/** Plans, where a demo can pay for one: the sandbox's card is good nowhere else. */
async function showPlans(viewer) {
  const [plans, demo] = await Promise.all([list("/plans"), demoAccounts()]);
  const subscribe = attempt(async ({ id }) => {
    const key = { "idempotency-key": crypto.randomUUID() };
    await ask("POST", "/subscription", { planId: id, paymentMethod: "tok_success" }, { headers: key });
    await showFilms(viewer);
  });
  const tiles = plans.map((plan) =>
    element(
      "article",
      {},
      element("h3", { textContent: plan.name[language] }),
      element("p", {
        textContent: `${new Intl.NumberFormat(language).format(plan.price.amount)} ${plan.price.currency}`,
      }),
      demo.length > 0 && button(say("demoCard"), () => subscribe(plan)),
    ),
  );
  show(
    button(
      say("back"),
      attempt(() => showFilms(viewer)),
      { className: "back" },
    ),
    element("h2", { textContent: say("plans") }),
    element("p", { textContent: say("needsPlan") }),
    element("div", { className: "tiles" }, tiles),
  );
}

const minutes = (milliseconds) => `${Math.max(Math.round(milliseconds / 60_000), 1)}${say("minutes")}`;

/** The browser asks for a picture, and keeps it. */
const posterOf = ({ id, posterId }) => `/api/v1/videos/${id}/posters/${posterId}`;

async function showFilms(viewer) {
  const [films, begun] = await Promise.all([
    list("/videos?limit=100"),
    list(`/profiles/${viewer.profile.id}/continue-watching?limit=20`),
  ]);
  const playable = films.filter(({ kind }) => kind === "film" || kind === "episode");
  const watch = attempt((film, more) => start(viewer, film, more));
  const tile = (film, seen) =>
    element(
      "article",
      {},
      film.posterId && element("img", { src: posterOf(film), alt: "", loading: "lazy" }),
      element("h3", { textContent: titleOf(film) }),
      film.durationMs && element("p", { textContent: minutes(film.durationMs) }),
      seen?.durationMs &&
        element("progress", { max: seen.durationMs, value: seen.positionMs, ariaLabel: say("continued") }),
      button(seen?.durationMs ? say("resume") : "▶", () => watch(film), { ariaLabel: `▶ ${titleOf(film)}` }),
      seen?.durationMs && button(say("again"), () => watch(film, { fromStart: true })),
    );
  const known = new Map(playable.map((film) => [film.id, film]));
  const going = begun.flatMap((seen) => (known.has(seen.videoId) ? [tile(known.get(seen.videoId), seen)] : []));
  const row = (title, tiles) =>
    tiles.length > 0 && [element("h2", { textContent: title }), element("div", { className: "tiles" }, tiles)];
  show(
    button(`← ${viewer.profile.name}`, attempt(showProfiles), { className: "back" }),
    row(say("continued"), going),
    row(
      say("films"),
      playable.map((film) => tile(film)),
    ),
    playable.length === 0 && element("p", { textContent: say("noFilms") }),
  );
}

/** Each browser is a device: what it plays gives way to what it plays next. */
function deviceId() {
  const known = localStorage.getItem("device") ?? crypto.randomUUID();
  localStorage.setItem("device", known);
  return known;
}

async function start(viewer, film, more = {}) {
  const wanted = {
    profileId: viewer.profile.id,
    videoId: film.id,
    deviceId: deviceId(),
    device: deviceName(),
    ...more,
  };
  if (viewer.pin) wanted.pin = viewer.pin;
  let started;
  try {
    started = await ask("POST", "/playback/sessions", wanted);
  } catch (error) {
    if (error.problem?.code === "ACCOUNT_NOT_ENTITLED") return showPlans(viewer);
    if (error.problem?.code === "PLAYBACK_LIMIT_REACHED") return showLimit(viewer, film, error.problem.sessions);
    throw error;
  }
  const back = attempt(() => showFilms(viewer));
  const again = attempt(() => start(viewer, film));
  const next = started.next && attempt(async () => start(viewer, await ask("GET", `/videos/${started.next}`)));
  await play(started, { title: titleOf(film), back, again, next });
}

const deviceName = () =>
  (
    /Android|iPhone|iPad/.exec(navigator.userAgent)?.[0] ??
    navigator.userAgentData?.platform ??
    navigator.platform ??
    ""
  ).slice(0, 100) || "Web";

function showLimit(viewer, film, sessions) {
  const instead = attempt((session) => start(viewer, film, { replaces: session.id }));
  const rows = sessions.map((one) =>
    element(
      "li",
      {},
      `${one.device || say("device")} · ${one.title} `,
      button(say("takeOver"), () => instead(one)),
    ),
  );
  show(
    button(
      say("back"),
      attempt(() => showFilms(viewer)),
      { className: "back" },
    ),
    element("p", { textContent: say("limit"), role: "alert" }),
    element("ul", {}, rows),
  );
}

void open(showProfiles);
