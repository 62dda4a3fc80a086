/** The plain player page: sign in, say who watches, choose a film, and watch it. */
import { ask, demoAccounts, leave, list, Refusal, session, signIn } from "./api.js";
import { play } from "./player.js";
import { button, byId, element, language, notice, say, show, switchLanguage, titleOf } from "./words.js";

document.documentElement.lang = language;
byId("language").textContent = say("other");
byId("language").addEventListener("click", switchLanguage);

/** What it shows, and a sentence when that fails. */
const attempt =
  (work) =>
  async (...given) => {
    const was = session();
    try {
      await work(...given);
    } catch (error) {
      // Who was never in keeps what they have typed.
      if (was && !session()) await showSignIn();
      notice(error instanceof Refusal ? error.message : say("broken"));
      // What is no refusal is a fault of the page, which the browser's console should show.
      if (!(error instanceof Refusal)) reportError(error);
    }
  };

function showWho() {
  const own = session();
  const out = button(
    say("signOut"),
    attempt(async () => (leave(), showWho(), showSignIn())),
  );
  byId("who").replaceChildren(...(own ? [`${own.email} `, out] : []));
}

async function showSignIn() {
  const email = element("input", {
    type: "email",
    required: true,
    autocomplete: "username",
    placeholder: say("email"),
    ariaLabel: say("email"),
  });
  const password = element("input", {
    type: "password",
    required: true,
    autocomplete: "current-password",
    placeholder: say("password"),
    ariaLabel: say("password"),
  });
  const enter = attempt(async (name, secret) => {
    await signIn(name, secret);
    await showProfiles();
  });
  const form = element("form", {}, email, password, element("button", { textContent: say("signIn") }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void enter(email.value, password.value);
  });
  const accounts = (await demoAccounts()).map((one) => button(one.email, () => enter(one.email, one.password)));
  const demo = accounts.length > 0 && element("p", {}, `${say("demo")}: `, accounts);
  show(element("h2", { textContent: say("signIn") }), demo, form);
}

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
    element("h2", { textContent: say("plans") }),
    element("p", { textContent: say("needsPlan") }),
    element("div", { className: "tiles" }, tiles),
  );
}

const minutes = (milliseconds) => `${Math.max(Math.round(milliseconds / 60_000), 1)} ${say("minutes")}`;

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
  (/Android|iPhone|iPad/.exec(navigator.userAgent)?.[0] ?? navigator.platform ?? "").slice(0, 100) || "Web";

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

void attempt(session() ? showProfiles : showSignIn)();
