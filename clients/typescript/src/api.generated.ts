/** Written by `npm run generate` from the contracts of the services. */
import type { CallOptions, LiveEvent } from "./request.ts";
import type * as schemas from "./schemas.generated.ts";

/** Each action of each service that the gateway offers. Its input is one object, whatever of it is path, query or body. */
export interface Api {
  readonly account: {
    /**
     * Add a viewer profile. If a profile has a PIN, a new profile that allows more than the children's profiles needs that PIN as `parentPin`. Who may call: Everybody who is signed in. An `Idempotency-Key` counts for nothing here. The request may hold a PIN, of which only the hash is stored.
     * @throws ACCOUNT_PIN_REQUIRED, ACCOUNT_PIN_WRONG, ACCOUNT_PROFILES_FULL
     */
    addProfile(input: schemas.AccountAddProfileBody, options?: CallOptions): Promise<schemas.Profile>;
    /**
     * Move an account's test clock on: all that is due until then happens, in order. It never goes back, and no account with real invoices gets one. Who may call: Staff and administrators.
     * @throws ACCOUNT_CLOCK_ADVANCING, ACCOUNT_CLOCK_BACK, ACCOUNT_CLOCK_REFUSED
     */
    advance(input: schemas.AccountAdvanceBody, options?: CallOptions): Promise<schemas.TestClock>;
    /** Offer a plan no longer. Who has it keeps it. Who may call: Staff and administrators. */
    archivePlan(input: { readonly id: string; readonly version?: number; }, options?: CallOptions): Promise<void>;
    /**
     * Buy a film, or rent it. Who may call: Everybody who is signed in.
     * @throws ACCOUNT_PAYMENT_DECLINED, ACCOUNT_ALREADY_OWNED, ACCOUNT_NOT_AVAILABLE, ACCOUNT_NOT_OFFERED, ACCOUNT_PAYMENT_METHOD_INVALID
     */
    buy(input: schemas.AccountBuyBody, options?: CallOptions): Promise<schemas.Purchase>;
    /** Cancel my subscription at once. `cancelAtPeriodEnd` lets it run until then instead. Who may call: Everybody who is signed in. */
    cancel(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<schemas.Subscription>;
    /** Give a job up that has not ended, or that is dead. Who may call: Staff and administrators. */
    cancelJob(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /**
     * Offer a plan. Who may call: Staff and administrators.
     * @throws ACCOUNT_CODE_TAKEN
     */
    createPlan(input: schemas.AccountCreatePlanBody, options?: CallOptions): Promise<schemas.Plan>;
    /** Give an event up for good. Who may call: Staff and administrators. */
    discardDeadLetter(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /** Change a plan. Who has it pays the new price from the next period on. Who may call: Staff and administrators. */
    editPlan(input: { readonly id: string; readonly version?: number; } & schemas.AccountEditPlanBody, options?: CallOptions): Promise<schemas.Plan>;
    /**
     * Change a viewer profile. A profile with a PIN needs that PIN. A change that allows more than before also needs a parent's PIN as `parentPin`. Who may call: Everybody who is signed in.
     * @throws ACCOUNT_PIN_REQUIRED, ACCOUNT_PIN_WRONG
     */
    editProfile(input: { readonly id: string; readonly version?: number; } & schemas.AccountEditProfileBody, options?: CallOptions): Promise<schemas.Profile>;
    /**
     * Change my plan, how I pay, or whether it ends with the period. The price of a preview holds for 15 minutes. Who may call: Everybody who is signed in.
     * @throws ACCOUNT_PAYMENT_DECLINED, ACCOUNT_NOT_POSSIBLE, ACCOUNT_PREVIEW_EXPIRED, ACCOUNT_PAYMENT_METHOD_INVALID, ACCOUNT_PLAN_NOT_FOUND
     */
    editSubscription(input: { readonly version?: number; } & schemas.AccountEditSubscriptionBody, options?: CallOptions): Promise<schemas.Subscription>;
    /** My billing details, which invoices carry. Who may call: Everybody who is signed in. */
    getBilling(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<schemas.BillingDetails>;
    /** One of my invoices. Staff see all invoices. Who may call: Everybody who is signed in. */
    getInvoice(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.Invoice>;
    /** An invoice as PDF, in the language of the request: the file itself for `Accept: application/pdf`. Who may call: Everybody who is signed in. */
    getInvoiceDocument(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.AccountGetInvoiceDocumentResult>;
    /** A job with its input and its result. Who may call: Staff and administrators. */
    getJob(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.AccountGetJobResult>;
    /** A plan, also an archived one. Who may call: Everybody. */
    getPlan(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.Plan>;
    /** One of my viewer profiles. Who may call: Everybody who is signed in. */
    getProfile(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.Profile>;
    /** A film that I bought or rented. Who may call: Everybody who is signed in. */
    getPurchase(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.Purchase>;
    /** A saga with every step that it began. Who may call: Staff and administrators. */
    getSaga(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.AccountGetSagaResult>;
    /** My subscription, or the last one that I had. Who may call: Everybody who is signed in. */
    getSubscription(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<schemas.Subscription>;
    /** An account's test clock, and whether it stands. Who may call: Staff and administrators. */
    getTestClock(input: { readonly userId: string; }, options?: CallOptions): Promise<schemas.TestClock>;
    /** What staff, administrators and API keys changed in the account service, newest first. Who may call: Administrators. */
    listAuditLog(input?: { readonly limit?: number; readonly cursor?: string; readonly actor?: string; readonly action?: string; readonly object?: string; readonly since?: string; readonly until?: string; }, options?: CallOptions): Promise<schemas.AuditEntryPage>;
    /** Events that the account service failed to handle. Who may call: Staff and administrators. */
    listDeadLetters(input?: { readonly limit?: number; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.AccountListDeadLettersResult>;
    /** My invoices and credit notes, newest first. Who may call: Everybody who is signed in. */
    listInvoices(input?: { readonly limit?: number; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.InvoicePage>;
    /** Kinds of jobs of the account service, with how many are due, running and dead. Who may call: Staff and administrators. */
    listJobKinds(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<schemas.AccountListJobKindsResult>;
    /** Jobs of the account service, newest first. Who may call: Staff and administrators. */
    listJobs(input?: { readonly limit?: number; readonly cursor?: string; readonly kind?: string; readonly state?: schemas.JobState; }, options?: CallOptions): Promise<schemas.AccountListJobsResult>;
    /** Plans that can be chosen, cheapest first. Who may call: Everybody. */
    listPlans(input?: { readonly region?: string; }, options?: CallOptions): Promise<schemas.PlanPage>;
    /** My viewer profiles, oldest first: so few that one page holds them. Who may call: Everybody who is signed in. */
    listProfiles(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<schemas.ProfilePage>;
    /** Films that I bought or rented, newest first. Who may call: Everybody who is signed in. */
    listPurchases(input?: { readonly limit?: number; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.PurchasePage>;
    /** Sagas of the account service that have not ended, or those that need a person. Who may call: Staff and administrators. */
    listSagas(input?: { readonly limit?: number; readonly cursor?: string; readonly parked?: boolean; }, options?: CallOptions): Promise<schemas.AccountListSagasResult>;
    /**
     * Pause my subscription: what is left of the period is kept. It goes on by itself after 90 days. Who may call: Everybody who is signed in.
     * @throws ACCOUNT_NOT_POSSIBLE
     */
    pause(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<schemas.Subscription>;
    /** Begin no more jobs of a kind; those that run go on. Who may call: Staff and administrators. An `Idempotency-Key` counts for nothing here. Asked again, it changes nothing more. */
    pauseJobs(input: { readonly kind: string; }, options?: CallOptions): Promise<void>;
    /**
     * What a change of plan costs, before it is made. Who may call: Everybody who is signed in.
     * @throws ACCOUNT_NOT_POSSIBLE, ACCOUNT_PLAN_NOT_FOUND
     */
    previewChange(input: { readonly planId: string; }, options?: CallOptions): Promise<schemas.PlanChangePreview>;
    /**
     * Remove a viewer profile, with what it watched. Who may call: Everybody who is signed in.
     * @throws ACCOUNT_PIN_REQUIRED, ACCOUNT_PIN_WRONG
     */
    removeProfile(input: { readonly id: string; readonly version?: number; } & schemas.AccountRemoveProfileBody, options?: CallOptions): Promise<void>;
    /** Try an event again. Who may call: Staff and administrators. An `Idempotency-Key` counts for nothing here. Asked again, it changes nothing more. */
    replayDeadLetter(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /** Tell the events of the account service again; subscribers pass over those they have had. Who may call: Administrators. An `Idempotency-Key` counts for nothing here. Subscribers pass over events that they have had. */
    replayEvents(input: schemas.AccountReplayEventsBody, options?: CallOptions): Promise<schemas.AccountReplayEventsResult>;
    /** Unlock a profile whose PIN was forgotten. Who may call: Staff and administrators. */
    resetPin(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /**
     * Go on with my paused subscription. Who may call: Everybody who is signed in.
     * @throws ACCOUNT_NOT_POSSIBLE
     */
    resume(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<schemas.Subscription>;
    /** Begin jobs of a kind again. Who may call: Staff and administrators. An `Idempotency-Key` counts for nothing here. Asked again, it changes nothing more. */
    resumeJobs(input: { readonly kind: string; }, options?: CallOptions): Promise<void>;
    /**
     * Continue a payment of an invoice that needs attention. Who may call: Staff and administrators.
     * @throws ACCOUNT_NOT_POSSIBLE
     */
    retryInvoice(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.Invoice>;
    /** Try a dead job again. Who may call: Staff and administrators. An `Idempotency-Key` counts for nothing here. Asked again, it changes nothing more. */
    retryJob(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /** Set my billing details. Invoices that were issued keep theirs. Who may call: Everybody who is signed in. */
    setBilling(input: schemas.AccountSetBillingBody, options?: CallOptions): Promise<schemas.BillingDetails>;
    /**
     * End a payment of an invoice that needs attention by hand. Who may call: Administrators.
     * @throws ACCOUNT_NOT_POSSIBLE
     */
    settleInvoice(input: { readonly id: string; } & schemas.AccountSettleInvoiceBody, options?: CallOptions): Promise<schemas.Invoice>;
    /**
     * Subscribe to a plan. The first time begins with the plan's trial. Who may call: Everybody who is signed in.
     * @throws ACCOUNT_PAYMENT_DECLINED, ACCOUNT_ALREADY_SUBSCRIBED, ACCOUNT_PAYMENT_METHOD_INVALID, ACCOUNT_PLAN_NOT_FOUND
     */
    subscribe(input: schemas.AccountSubscribeBody, options?: CallOptions): Promise<schemas.Subscription>;
    /** Follow a job as it goes on. Who may call: Staff and administrators. */
    watchJob(input: { readonly id: string; readonly after?: number; }, options?: CallOptions): AsyncIterable<LiveEvent<"job.changed", schemas.JobChangedEvent>>;
  };
  readonly api: {
    /**
     * Let a node finish its work and accept no new work. Who may call: Administrators. An `Idempotency-Key` counts for nothing here. A repeated request changes nothing more.
     * @throws API_KEY_INVALID
     */
    drainNode(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.NodeState>;
    /**
     * All data that is stored about me. Who may call: Everybody who is signed in.
     * @throws API_KEY_INVALID
     */
    export(input?: { readonly cursor?: string; }, options?: CallOptions): Promise<schemas.Export>;
    /**
     * Circuit breakers, of all nodes, that are not closed. Who may call: Staff and administrators.
     * @throws API_KEY_INVALID
     */
    listBreakers(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<schemas.ApiListBreakersResult>;
    /**
     * The nodes that this gateway sees, and what they run. Who may call: Staff and administrators.
     * @throws API_KEY_INVALID
     */
    listNodes(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<schemas.ApiListNodesResult>;
    /**
     * Close the circuit breakers of an action in every node that calls it. Who may call: Administrators. An `Idempotency-Key` counts for nothing here. A repeated request changes nothing more.
     * @throws API_KEY_INVALID
     */
    resetBreaker(input: schemas.ApiResetBreakerBody, options?: CallOptions): Promise<void>;
    /**
     * Let a drained node accept work again. Who may call: Administrators. An `Idempotency-Key` counts for nothing here. A repeated request changes nothing more.
     * @throws API_KEY_INVALID
     */
    resumeNode(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.NodeState>;
  };
  readonly content: {
    /** Give an encoding up that has not ended. Who may call: Staff and administrators. */
    cancelEncoding(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /**
     * Add a film, series, season or episode, as a draft. Who may call: Staff and administrators.
     * @throws CONTENT_NUMBER_TAKEN, CONTENT_GENRE_NOT_FOUND, CONTENT_PARENT_INVALID, CONTENT_PERSON_NOT_FOUND
     */
    create(input: schemas.ContentCreateBody, options?: CallOptions): Promise<schemas.VideoDetails>;
    /**
     * Give a film or an episode its video: the file is checked and encoded, and what is played changes when all is done. Who may call: Staff and administrators.
     * @throws CONTENT_ENCODING_IN_PROGRESS, CONTENT_NOT_PLAYED, CONTENT_SOURCE_NOT_FOUND
     */
    createEncoding(input: { readonly id: string; } & schemas.ContentCreateEncodingBody, options?: CallOptions): Promise<schemas.Encoding>;
    /** Add a person who made or acts in something. Who may call: Staff and administrators. */
    createPerson(input: schemas.ContentCreatePersonBody, options?: CallOptions): Promise<schemas.Person>;
    /** A published film, series, season or episode. Who may call: Everybody. */
    get(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.Video>;
    /** A film, series, season or episode as staff see it. Who may call: Staff and administrators. */
    getDetails(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.VideoDetails>;
    /** The last encoding of a film: how far it is, or how it ended. Who may call: Staff and administrators. */
    getEncoding(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.Encoding>;
    /** The episode after this one, also of the next season; null after the last. Who may call: Everybody. */
    getNext(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.ContentGetNextResult>;
    /** A person. Who may call: Everybody. */
    getPerson(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.Person>;
    /** A poster, which never changes under its id: the picture itself for `Accept: image/jpeg` or `image/*`. Who may call: Everybody. */
    getPoster(input: { readonly id: string; readonly posterId: string; }, options?: CallOptions): Promise<schemas.ContentGetPosterResult>;
    /** Search films and series by title, person and genre; with `parent`, its seasons or episodes. Who may call: Everybody. */
    list(input?: { readonly limit?: number; readonly cursor?: string; readonly q?: string; readonly kind?: schemas.VideoKind; readonly genre?: string; readonly person?: string; readonly parent?: string; readonly maxRating?: number; readonly sort?: "newest" | "title" | "number"; }, options?: CallOptions): Promise<schemas.VideoSummaryPage>;
    /** What staff, administrators and API keys changed in the content service, newest first. Who may call: Administrators. */
    listAuditLog(input?: { readonly limit?: number; readonly cursor?: string; readonly actor?: string; readonly action?: string; readonly object?: string; readonly since?: string; readonly until?: string; }, options?: CallOptions): Promise<schemas.AuditEntryPage>;
    /** Everything that was not removed, newest first, whatever its state. Who may call: Staff and administrators. */
    listDetails(input?: { readonly limit?: number; readonly cursor?: string; readonly state?: schemas.VideoState; }, options?: CallOptions): Promise<schemas.VideoDetailsPage>;
    /** All genres, by code. Who may call: Everybody. */
    listGenres(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<schemas.ContentListGenresResult>;
    /** People by name, newest first. Who may call: Everybody. */
    listPeople(input?: { readonly limit?: number; readonly cursor?: string; readonly q?: string; }, options?: CallOptions): Promise<schemas.PersonPage>;
    /** Subtitles that were added to a film, by language. Those of its video are not among them. Who may call: Staff and administrators. */
    listSubtitles(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.ContentListSubtitlesResult>;
    /**
     * Show it to customers. Who may call: Staff and administrators. An `Idempotency-Key` counts for nothing here. Asked again, it changes nothing more.
     * @throws CONTENT_NOT_READY
     */
    publish(input: { readonly id: string; readonly version?: number; }, options?: CallOptions): Promise<schemas.VideoDetails>;
    /**
     * Remove it with its files, for good. Who may call: Staff and administrators.
     * @throws CONTENT_HAS_PARTS
     */
    remove(input: { readonly id: string; readonly version?: number; }, options?: CallOptions): Promise<void>;
    /** Remove its poster: a film shows a frame of its own again. Who may call: Staff and administrators. */
    removePoster(input: { readonly id: string; readonly version?: number; }, options?: CallOptions): Promise<void>;
    /**
     * Remove subtitles that were added; those of its video are shown again. Who may call: Staff and administrators.
     * @throws CONTENT_CHANGED_MEANWHILE
     */
    removeSubtitles(input: { readonly id: string; readonly language: string; }, options?: CallOptions): Promise<void>;
    /** Tell the events of the content service again; subscribers pass over those they have had. Who may call: Administrators. An `Idempotency-Key` counts for nothing here. Subscribers pass over events that they have had. */
    replayEvents(input: schemas.ContentReplayEventsBody, options?: CallOptions): Promise<schemas.ContentReplayEventsResult>;
    /** Add a genre, or change its name. Who may call: Staff and administrators. */
    setGenre(input: { readonly code: string; } & schemas.ContentSetGenreBody, options?: CallOptions): Promise<schemas.Genre>;
    /**
     * Give it a poster: an uploaded JPEG, PNG or WebP, which is made smaller. Without one, a film shows a frame of its own. Who may call: Staff and administrators.
     * @throws CONTENT_IMAGE_INVALID, CONTENT_SOURCE_NOT_FOUND
     */
    setPoster(input: { readonly id: string; readonly version?: number; } & schemas.ContentSetPosterBody, options?: CallOptions): Promise<schemas.VideoDetails>;
    /**
     * Add subtitles in a language: an uploaded WebVTT or SRT. They take the place of those in this language. Who may call: Staff and administrators.
     * @throws CONTENT_CHANGED_MEANWHILE, CONTENT_NOT_PLAYED, CONTENT_SUBTITLES_FULL, CONTENT_SOURCE_NOT_FOUND, CONTENT_SUBTITLES_INVALID
     */
    setSubtitles(input: { readonly id: string; readonly language: string; } & schemas.ContentSetSubtitlesBody, options?: CallOptions): Promise<schemas.Subtitles>;
    /**
     * Change what is known about it, where it may be watched, and what it costs. Who may call: Staff and administrators.
     * @throws CONTENT_NUMBER_TAKEN, CONTENT_GENRE_NOT_FOUND, CONTENT_PARENT_INVALID, CONTENT_PERSON_NOT_FOUND
     */
    update(input: { readonly id: string; readonly version?: number; } & schemas.ContentUpdateBody, options?: CallOptions): Promise<schemas.VideoDetails>;
    /** Correct a person's name. Who may call: Staff and administrators. */
    updatePerson(input: { readonly id: string; } & schemas.ContentUpdatePersonBody, options?: CallOptions): Promise<schemas.Person>;
    /** Follow the encoding of a film as it goes on. Who may call: Staff and administrators. */
    watchEncoding(input: { readonly id: string; readonly after?: number; }, options?: CallOptions): AsyncIterable<LiveEvent<"encoding.changed", schemas.Encoding>>;
    /** Take it down: who watches it is stopped. What it consists of goes with it, and it can be published again. Who may call: Staff and administrators. An `Idempotency-Key` counts for nothing here. Asked again, it changes nothing more. */
    withdraw(input: { readonly id: string; readonly version?: number; }, options?: CallOptions): Promise<schemas.VideoDetails>;
  };
  readonly notification: {
    /**
     * Let me know once, when a product that is sold out can be ordered again. Who may call: Everybody who is signed in. An `Idempotency-Key` counts for nothing here. A person has one alert for a product: asked again, it is the same one.
     * @throws NOTIFICATION_IN_STOCK, NOTIFICATION_IN_VARIANTS, NOTIFICATION_RESTOCK_ALERTS_FULL
     */
    addRestockAlert(input: schemas.NotificationAddRestockAlertBody, options?: CallOptions): Promise<schemas.RestockAlert>;
    /** Give a job up that has not ended, or that is dead. Who may call: Staff and administrators. */
    cancelJob(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /**
     * Write a version of a template. It is not in use before it is made the active one. Who may call: Staff and administrators.
     * @throws NOTIFICATION_VERSIONS_FULL
     */
    createTemplateVersion(input: { readonly name: string; } & schemas.NotificationCreateTemplateVersionBody, options?: CallOptions): Promise<schemas.WrittenTemplateVersion>;
    /** Give an event up for good. Who may call: Staff and administrators. */
    discardDeadLetter(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /** A job with its input and its result. Who may call: Staff and administrators. */
    getJob(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.NotificationGetJobResult>;
    /** Which messages I want, on which channels, and when. Who may call: Everybody who is signed in. */
    getPreferences(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<schemas.Preferences>;
    /** The key with which a browser subscribes to push messages. Who may call: Everybody. */
    getPushKey(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<schemas.PushKey>;
    /** A version of a template, with its words. Who may call: Staff and administrators. */
    getTemplateVersion(input: { readonly name: string; readonly version: number; }, options?: CallOptions): Promise<schemas.WrittenTemplateVersion>;
    /**
     * What the link of an e-mail stops. Who may call: Everybody.
     * @throws NOTIFICATION_LINK_INVALID
     */
    getUnsubscription(input: { readonly token: string; }, options?: CallOptions): Promise<schemas.Unsubscription>;
    /** My messages, newest first. Who may call: Everybody who is signed in. */
    list(input?: { readonly limit?: number; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.NotificationPage>;
    /** What staff, administrators and API keys changed in the notification service, newest first. Who may call: Administrators. */
    listAuditLog(input?: { readonly limit?: number; readonly cursor?: string; readonly actor?: string; readonly action?: string; readonly object?: string; readonly since?: string; readonly until?: string; }, options?: CallOptions): Promise<schemas.AuditEntryPage>;
    /** Events that the notification service failed to handle. Who may call: Staff and administrators. */
    listDeadLetters(input?: { readonly limit?: number; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.NotificationListDeadLettersResult>;
    /** Messages of all people, newest first, without their words. Who may call: Staff and administrators. */
    listDeliveries(input?: { readonly limit?: number; readonly cursor?: string; readonly userId?: string; readonly channel?: "email" | "sms" | "push"; readonly status?: "queued" | "sent" | "failed" | "suppressed"; }, options?: CallOptions): Promise<schemas.LoggedNotificationPage>;
    /** Kinds of jobs of the notification service, with how many are due, running and dead. Who may call: Staff and administrators. */
    listJobKinds(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<schemas.NotificationListJobKindsResult>;
    /** Jobs of the notification service, newest first. Who may call: Staff and administrators. */
    listJobs(input?: { readonly limit?: number; readonly cursor?: string; readonly kind?: string; readonly state?: schemas.JobState; }, options?: CallOptions): Promise<schemas.NotificationListJobsResult>;
    /** Products for which I wait: so few that one page holds them. Who may call: Everybody who is signed in. */
    listRestockAlerts(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<schemas.RestockAlertPage>;
    /** Browsers that receive my push messages: so few that one page holds them. Who may call: Everybody who is signed in. */
    listSubscriptions(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<schemas.PushSubscriptionPage>;
    /** Addresses to which nothing is sent, newest first. They are known by their hash: `address` finds one. Who may call: Staff and administrators. */
    listSuppressions(input?: { readonly limit?: number; readonly cursor?: string; readonly channel?: "email" | "sms"; readonly address?: string; }, options?: CallOptions): Promise<schemas.SuppressionPage>;
    /** The versions of a template that staff wrote, newest first: so few that one page holds them. Who may call: Staff and administrators. */
    listTemplateVersions(input: { readonly name: string; }, options?: CallOptions): Promise<schemas.TemplateVersionPage>;
    /** Templates of messages. Who may call: Staff and administrators. */
    listTemplates(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<schemas.NotificationListTemplatesResult>;
    /** Begin no more jobs of a kind; those that run go on. Who may call: Staff and administrators. An `Idempotency-Key` counts for nothing here. Asked again, it changes nothing more. */
    pauseJobs(input: { readonly kind: string; }, options?: CallOptions): Promise<void>;
    /** A template with sample data. Who may call: Staff and administrators. */
    previewTemplate(input: { readonly name: string; readonly language?: "en" | "ko"; readonly version?: number; }, options?: CallOptions): Promise<schemas.NotificationPreviewTemplateResult>;
    /** Wait for a product no more. Who may call: Everybody who is signed in. */
    removeRestockAlert(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /** Send to an address again. Who may call: Staff and administrators. */
    removeSuppression(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /** Try an event again. Who may call: Staff and administrators. An `Idempotency-Key` counts for nothing here. Asked again, it changes nothing more. */
    replayDeadLetter(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /** Begin jobs of a kind again. Who may call: Staff and administrators. An `Idempotency-Key` counts for nothing here. Asked again, it changes nothing more. */
    resumeJobs(input: { readonly kind: string; }, options?: CallOptions): Promise<void>;
    /** Try a dead job again. Who may call: Staff and administrators. An `Idempotency-Key` counts for nothing here. Asked again, it changes nothing more. */
    retryJob(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /** Send a template with sample data to myself. Who may call: Staff and administrators. */
    sendTest(input: { readonly name: string; } & schemas.NotificationSendTestBody, options?: CallOptions): Promise<schemas.TemplateTest>;
    /** Put a version of a template to use, or go back to one before; 0 is the repository's own. Who may call: Staff and administrators. */
    setActiveVersion(input: { readonly name: string; } & schemas.NotificationSetActiveVersionBody, options?: CallOptions): Promise<schemas.NotificationTemplate>;
    /** Choose which messages I want, on which channels, and when. What is not sent of kinds and quiet hours stays. Who may call: Everybody who is signed in. */
    setPreferences(input: { readonly version?: number; } & schemas.NotificationSetPreferencesBody, options?: CallOptions): Promise<schemas.Preferences>;
    /**
     * Let a browser receive push messages. Who may call: Everybody who is signed in. An `Idempotency-Key` counts for nothing here. A browser has one subscription, whose address is a secret: asked again, it is the same one.
     * @throws NOTIFICATION_SUBSCRIPTIONS_FULL
     */
    subscribe(input: schemas.NotificationSubscribeBody, options?: CallOptions): Promise<schemas.PushSubscription>;
    /** Stop push messages to a browser. Who may call: Everybody who is signed in. */
    unsubscribe(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /** Follow a job as it goes on. Who may call: Staff and administrators. */
    watchJob(input: { readonly id: string; readonly after?: number; }, options?: CallOptions): AsyncIterable<LiveEvent<"job.changed", schemas.JobChangedEvent>>;
  };
  readonly order: {
    /**
     * Put units of a product into my cart, beside those that are there. Who may call: Everybody.
     * @throws ORDER_CART_FULL, ORDER_MIXED_CURRENCIES, ORDER_PRODUCT_UNAVAILABLE, ORDER_VARIANT_REQUIRED
     */
    addCartLine(input: { readonly cartToken?: string; } & schemas.OrderAddCartLineBody, options?: CallOptions): Promise<schemas.Cart>;
    /** Add a note about an order, which stays as it is. Who may call: Staff and administrators. */
    addNote(input: { readonly id: string; } & schemas.OrderAddNoteBody, options?: CallOptions): Promise<schemas.StaffNote>;
    /**
     * Cancel an order: its payment is refunded and its stock released. Who may call: Everybody who is signed in.
     * @throws ORDER_NOT_CANCELLABLE, ORDER_TITLE_GRANTED
     */
    cancel(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.Order>;
    /**
     * Cancel a guest's order: its payment is refunded and its stock released. Who may call: Everybody.
     * @throws ORDER_NOT_CANCELLABLE
     */
    cancelGuest(input: { readonly number: string; readonly orderToken?: string; }, options?: CallOptions): Promise<schemas.Order>;
    /**
     * Cancel units of a guest's order that are not packed yet. Who may call: Everybody.
     * @throws ORDER_NOT_SHIPPABLE, ORDER_UNITS_UNAVAILABLE
     */
    cancelGuestItems(input: { readonly number: string; readonly orderToken?: string; } & schemas.OrderCancelGuestItemsBody, options?: CallOptions): Promise<schemas.Order>;
    /**
     * Cancel units of an order that are not packed yet: what was paid for them is refunded. Staff take films back. Who may call: Everybody who is signed in.
     * @throws ORDER_NOT_SHIPPABLE, ORDER_TITLE_GRANTED, ORDER_UNITS_UNAVAILABLE
     */
    cancelItems(input: { readonly id: string; } & schemas.OrderCancelItemsBody, options?: CallOptions): Promise<schemas.Order>;
    /** Give a job up that has not ended, or that is dead. Who may call: Staff and administrators. */
    cancelJob(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /**
     * Take a guest's order that was placed with my verified e-mail address into my account. Who may call: Everybody who is signed in.
     * @throws ORDER_EMAIL_UNVERIFIED, ORDER_NOT_CLAIMABLE
     */
    claimGuest(input: { readonly number: string; readonly version?: number; }, options?: CallOptions): Promise<schemas.Order>;
    /**
     * Continue the payment of a guest's order after 3-D Secure. Who may call: Everybody.
     * @throws ORDER_PAYMENT_DECLINED
     */
    confirmGuestPayment(input: { readonly number: string; readonly orderToken?: string; }, options?: CallOptions): Promise<schemas.GuestPayment>;
    /**
     * Place an order. Who may call: Everybody who is signed in.
     * @throws ORDER_PAYMENT_DECLINED, ORDER_CANCELLED, ORDER_CART_CHANGED, ORDER_COUPON_REFUSED, ORDER_EXPIRED, ORDER_FAILED, ORDER_MIXED_CURRENCIES, ORDER_OUT_OF_STOCK, ORDER_POINTS_REFUSED, ORDER_PRICE_CHANGED, ORDER_PRODUCT_UNAVAILABLE, ORDER_QUOTE_EXPIRED, ORDER_TITLE_NOT_AVAILABLE, ORDER_TITLE_OWNED, ORDER_VARIANT_REQUIRED, ORDER_PAYMENT_METHOD_INVALID, ORDER_QUOTE_MISMATCH, ORDER_TITLE_NOT_OFFERED, ORDER_TOO_LARGE, ORDER_TOTAL_TOO_LARGE
     */
    create(input: schemas.OrderCreateBody, options?: CallOptions): Promise<schemas.Order>;
    /** Begin a guest's cart; its token is shown this once. Who may call: Everybody. An `Idempotency-Key` counts for nothing here. The token is never stored. */
    createCart(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<schemas.OrderCreateCartResult>;
    /**
     * Place an order from a guest's cart, without an account. Who may call: Everybody.
     * @throws ORDER_PAYMENT_DECLINED, ORDER_CANCELLED, ORDER_CART_CHANGED, ORDER_EXPIRED, ORDER_FAILED, ORDER_MIXED_CURRENCIES, ORDER_OUT_OF_STOCK, ORDER_PRICE_CHANGED, ORDER_PRODUCT_UNAVAILABLE, ORDER_QUOTE_EXPIRED, ORDER_TITLES_NEED_ACCOUNT, ORDER_VARIANT_REQUIRED, ORDER_PAYMENT_METHOD_INVALID, ORDER_QUOTE_MISMATCH, ORDER_TOO_LARGE, ORDER_TOTAL_TOO_LARGE
     */
    createGuest(input: { readonly cartToken?: string; } & schemas.OrderCreateGuestBody, options?: CallOptions): Promise<schemas.GuestOrder>;
    /**
     * Ask to return units of a guest's order that have arrived. Who may call: Everybody.
     * @throws ORDER_NOT_RETURNABLE, ORDER_NOT_SHIPPABLE
     */
    createGuestReturn(input: { readonly number: string; readonly orderToken?: string; } & schemas.OrderCreateGuestReturnBody, options?: CallOptions): Promise<schemas.Return>;
    /**
     * Ask to return units that have arrived. Who may call: Everybody who is signed in.
     * @throws ORDER_NOT_RETURNABLE, ORDER_NOT_SHIPPABLE
     */
    createReturn(input: { readonly id: string; } & schemas.OrderCreateReturnBody, options?: CallOptions): Promise<schemas.Return>;
    /**
     * Pack a parcel with units of an order: those that are named, or all that are left. Who may call: Staff and administrators.
     * @throws ORDER_NOT_SHIPPABLE, ORDER_TOO_MANY_SHIPMENTS, ORDER_TRACKING_TAKEN, ORDER_UNITS_UNAVAILABLE
     */
    createShipment(input: { readonly id: string; } & schemas.OrderCreateShipmentBody, options?: CallOptions): Promise<schemas.Shipment>;
    /** Give an event up for good. Who may call: Staff and administrators. */
    discardDeadLetter(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /** An order. Who may call: Everybody who is signed in. */
    get(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.Order>;
    /** My cart with today's prices. Who may call: Everybody. */
    getCart(input?: { readonly cartToken?: string; }, options?: CallOptions): Promise<schemas.Cart>;
    /** A guest's order. Who may call: Everybody. */
    getGuest(input: { readonly number: string; readonly orderToken?: string; }, options?: CallOptions): Promise<schemas.Order>;
    /** An invoice or a credit note of a guest's order as PDF, in the language of the request. Who may call: Everybody. */
    getGuestDocument(input: { readonly number: string; readonly id: string; readonly orderToken?: string; }, options?: CallOptions): Promise<schemas.OrderGetGuestDocumentResult>;
    /** The payment of a guest's order, and where it goes on. Who may call: Everybody. */
    getGuestPayment(input: { readonly number: string; readonly orderToken?: string; }, options?: CallOptions): Promise<schemas.GuestPayment>;
    /** What happened to a guest's order. Who may call: Everybody. */
    getGuestTimeline(input: { readonly number: string; readonly orderToken?: string; }, options?: CallOptions): Promise<schemas.OrderGetGuestTimelineResult>;
    /** An invoice or a credit note of one of my orders. Staff see all of them. Who may call: Everybody who is signed in. */
    getInvoice(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.OrderInvoice>;
    /** An invoice or a credit note of an order as PDF, in the language of the request: the file itself for `Accept: application/pdf`. Who may call: Everybody who is signed in. */
    getInvoiceDocument(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.OrderGetInvoiceDocumentResult>;
    /** A job with its input and its result. Who may call: Staff and administrators. */
    getJob(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.OrderGetJobResult>;
    /** One of my returns. Staff see all returns. Who may call: Everybody who is signed in. */
    getReturn(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.Return>;
    /** A saga with every step that it began. Who may call: Staff and administrators. */
    getSaga(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.OrderGetSagaResult>;
    /** A shipment of one of my orders. Staff see all shipments. Who may call: Everybody who is signed in. */
    getShipment(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.Shipment>;
    /** What happened to an order. Who may call: Everybody who is signed in. */
    getTimeline(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.OrderGetTimelineResult>;
    /** My orders, newest first. Who may call: Everybody who is signed in. */
    list(input?: { readonly limit?: number; readonly cursor?: string; readonly status?: schemas.OrderStatus; readonly number?: string; readonly from?: string; readonly to?: string; readonly product?: string; }, options?: CallOptions): Promise<schemas.OrderPage>;
    /** Everybody's orders, newest first. Who may call: Staff and administrators. */
    listAll(input?: { readonly limit?: number; readonly cursor?: string; readonly status?: schemas.OrderStatus; readonly number?: string; readonly from?: string; readonly to?: string; readonly customer?: string; }, options?: CallOptions): Promise<schemas.OrderPage>;
    /** Invoices and credit notes of everybody's orders, newest first. Who may call: Staff and administrators. */
    listAllInvoices(input?: { readonly limit?: number; readonly cursor?: string; readonly kind?: "invoice" | "credit_note"; }, options?: CallOptions): Promise<schemas.OrderInvoicePage>;
    /** Everybody's returns, newest first. Who may call: Staff and administrators. */
    listAllReturns(input?: { readonly limit?: number; readonly cursor?: string; readonly state?: schemas.ReturnState; readonly order?: string; }, options?: CallOptions): Promise<schemas.ReturnPage>;
    /** What staff, administrators and API keys changed in the order service, newest first. Who may call: Administrators. */
    listAuditLog(input?: { readonly limit?: number; readonly cursor?: string; readonly actor?: string; readonly action?: string; readonly object?: string; readonly since?: string; readonly until?: string; }, options?: CallOptions): Promise<schemas.AuditEntryPage>;
    /** Events that the order service failed to handle. Who may call: Staff and administrators. */
    listDeadLetters(input?: { readonly limit?: number; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.OrderListDeadLettersResult>;
    /** Invoices and credit notes of a guest's order, newest first. Who may call: Everybody. */
    listGuestInvoices(input: { readonly number: string; readonly limit?: number; readonly cursor?: string; readonly orderToken?: string; }, options?: CallOptions): Promise<schemas.OrderInvoicePage>;
    /** The returns of a guest's order, newest first. Who may call: Everybody. */
    listGuestReturns(input: { readonly number: string; readonly limit?: number; readonly cursor?: string; readonly orderToken?: string; }, options?: CallOptions): Promise<schemas.ReturnPage>;
    /** Invoices and credit notes of an order, newest first. Who may call: Everybody who is signed in. */
    listInvoices(input: { readonly id: string; readonly limit?: number; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.OrderInvoicePage>;
    /** Kinds of jobs of the order service, with how many are due, running and dead. Who may call: Staff and administrators. */
    listJobKinds(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<schemas.OrderListJobKindsResult>;
    /** Jobs of the order service, newest first. Who may call: Staff and administrators. */
    listJobs(input?: { readonly limit?: number; readonly cursor?: string; readonly kind?: string; readonly state?: schemas.JobState; }, options?: CallOptions): Promise<schemas.OrderListJobsResult>;
    /** What staff noted about an order, oldest first. Who may call: Staff and administrators. */
    listNotes(input: { readonly id: string; readonly limit?: number; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.StaffNotePage>;
    /** Invoices and credit notes of my orders, newest first. Who may call: Everybody who is signed in. */
    listOwnInvoices(input?: { readonly limit?: number; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.OrderInvoicePage>;
    /** Orders that need attention. Who may call: Staff and administrators. */
    listParked(input?: { readonly limit?: number; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.OrderPage>;
    /** Captures of parcels that the payment provider refused, newest first. Who may call: Staff and administrators. */
    listRefusedCaptures(input?: { readonly limit?: number; readonly cursor?: string; readonly state?: "open" | "ended"; readonly reason?: string; }, options?: CallOptions): Promise<schemas.RefusedCapturePage>;
    /** My returns, newest first. Who may call: Everybody who is signed in. */
    listReturns(input?: { readonly limit?: number; readonly cursor?: string; readonly state?: schemas.ReturnState; readonly order?: string; }, options?: CallOptions): Promise<schemas.ReturnPage>;
    /** Sagas of the order service that have not ended, or those that need a person. Who may call: Staff and administrators. */
    listSagas(input?: { readonly limit?: number; readonly cursor?: string; readonly parked?: boolean; }, options?: CallOptions): Promise<schemas.OrderListSagasResult>;
    /** What shipping costs in each currency. Who may call: Staff and administrators. */
    listShippingRules(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<schemas.OrderListShippingRulesResult>;
    /** The taxes of all countries that have their own. Who may call: Staff and administrators. */
    listTaxRates(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<schemas.OrderListTaxRatesResult>;
    /** Put a guest's cart into mine after the sign-in; its token ends. Who may call: Everybody who is signed in. */
    mergeCart(input?: { readonly cartToken?: string; }, options?: CallOptions): Promise<schemas.MergedCart>;
    /** Begin no more jobs of a kind; those that run go on. Who may call: Staff and administrators. An `Idempotency-Key` counts for nothing here. Asked again, it changes nothing more. */
    pauseJobs(input: { readonly kind: string; }, options?: CallOptions): Promise<void>;
    /**
     * Price a basket. Who may call: Everybody who is signed in.
     * @throws ORDER_CART_CHANGED, ORDER_COUPON_REFUSED, ORDER_MIXED_CURRENCIES, ORDER_PRODUCT_UNAVAILABLE, ORDER_TITLE_NOT_AVAILABLE, ORDER_TITLE_OWNED, ORDER_VARIANT_REQUIRED, ORDER_TITLE_NOT_OFFERED, ORDER_TOO_LARGE, ORDER_TOTAL_TOO_LARGE
     */
    quote(input: schemas.OrderQuoteBody, options?: CallOptions): Promise<schemas.Quote>;
    /**
     * Price a guest's cart. Who may call: Everybody.
     * @throws ORDER_CART_CHANGED, ORDER_MIXED_CURRENCIES, ORDER_PRODUCT_UNAVAILABLE, ORDER_TITLES_NEED_ACCOUNT, ORDER_VARIANT_REQUIRED, ORDER_TOO_LARGE, ORDER_TOTAL_TOO_LARGE
     */
    quoteGuest(input: { readonly cartToken?: string; } & schemas.OrderQuoteGuestBody, options?: CallOptions): Promise<schemas.Quote>;
    /** Take everything out of my cart. Who may call: Everybody. */
    removeCart(input?: { readonly cartToken?: string; }, options?: CallOptions): Promise<void>;
    /** Take a product out of my cart. Who may call: Everybody. */
    removeCartLine(input: { readonly productId: string; readonly cartToken?: string; readonly version?: number; }, options?: CallOptions): Promise<schemas.Cart>;
    /**
     * Unpack a parcel that was not sent. Who may call: Staff and administrators.
     * @throws ORDER_NOT_SHIPPABLE, ORDER_SHIPMENT_ENDED, ORDER_CAPTURE_PENDING
     */
    removeShipment(input: { readonly id: string; readonly version?: number; }, options?: CallOptions): Promise<void>;
    /** Try an event again. Who may call: Staff and administrators. An `Idempotency-Key` counts for nothing here. Asked again, it changes nothing more. */
    replayDeadLetter(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /** Tell the events of the order service again; subscribers pass over those they have had. Who may call: Administrators. An `Idempotency-Key` counts for nothing here. Subscribers pass over events that they have had. */
    replayEvents(input: schemas.OrderReplayEventsBody, options?: CallOptions): Promise<schemas.OrderReplayEventsResult>;
    /** Begin jobs of a kind again. Who may call: Staff and administrators. An `Idempotency-Key` counts for nothing here. Asked again, it changes nothing more. */
    resumeJobs(input: { readonly kind: string; }, options?: CallOptions): Promise<void>;
    /**
     * Continue an order that needs attention. Who may call: Staff and administrators.
     * @throws ORDER_NOT_PARKED
     */
    retry(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.Order>;
    /** Try a dead job again. Who may call: Staff and administrators. An `Idempotency-Key` counts for nothing here. Asked again, it changes nothing more. */
    retryJob(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /**
     * Set the quantity of a product in my cart; what else was changed meanwhile stays. Who may call: Everybody.
     * @throws ORDER_CART_FULL, ORDER_MIXED_CURRENCIES, ORDER_PRODUCT_UNAVAILABLE, ORDER_VARIANT_REQUIRED
     */
    setCartLine(input: { readonly productId: string; readonly cartToken?: string; readonly version?: number; } & schemas.OrderSetCartLineBody, options?: CallOptions): Promise<schemas.Cart>;
    /**
     * Set what shipping costs in a currency, for orders from now on; an empty list makes it free. Who may call: Staff and administrators.
     * @throws ORDER_RULES_AMBIGUOUS
     */
    setShippingRules(input: { readonly currency: "KRW" | "JPY" | "USD" | "EUR" | "KWD"; } & schemas.OrderSetShippingRulesBody, options?: CallOptions): Promise<schemas.ShippingRules>;
    /**
     * Set all taxes of a country, for orders from now on; an empty list removes them. Who may call: Staff and administrators.
     * @throws ORDER_RATES_AMBIGUOUS
     */
    setTaxRates(input: { readonly country: string; } & schemas.OrderSetTaxRatesBody, options?: CallOptions): Promise<schemas.CountryTaxes>;
    /**
     * End an order that needs attention by hand. Who may call: Administrators.
     * @throws ORDER_NOT_PARKED
     */
    settle(input: { readonly id: string; } & schemas.OrderSettleBody, options?: CallOptions): Promise<schemas.Order>;
    /**
     * Approve or reject a return, or say that it has come: then it is refunded. Who may call: Staff and administrators.
     * @throws ORDER_NOT_SHIPPABLE, ORDER_RETURN_ENDED
     */
    updateReturn(input: { readonly id: string; readonly version?: number; } & schemas.OrderUpdateReturnBody, options?: CallOptions): Promise<schemas.Return>;
    /**
     * Say where a shipment is: sent, delivered or lost, or with which number it travels. Who may call: Staff and administrators.
     * @throws ORDER_CAPTURE_REFUSED, ORDER_NOT_SHIPPABLE, ORDER_SHIPMENT_ENDED, ORDER_TRACKING_TAKEN, ORDER_UNITS_UNAVAILABLE, ORDER_CAPTURE_PENDING
     */
    updateShipment(input: { readonly id: string; readonly version?: number; } & schemas.OrderUpdateShipmentBody, options?: CallOptions): Promise<schemas.Shipment>;
    /** Follow an order as it happens. Who may call: Everybody who is signed in. */
    watch(input: { readonly id: string; readonly after?: number; }, options?: CallOptions): AsyncIterable<LiveEvent<"order.placed", schemas.OrderPlacedEvent> | LiveEvent<"order.confirmed", schemas.OrderConfirmedEvent> | LiveEvent<"order.cancelled", schemas.OrderCancelledEvent> | LiveEvent<"order.shipped", schemas.OrderShippedEvent> | LiveEvent<"order.delivered", schemas.OrderDeliveredEvent> | LiveEvent<"order.delivery_failed", schemas.OrderDeliveryFailedEvent> | LiveEvent<"order.items_cancelled", schemas.OrderItemsCancelledEvent> | LiveEvent<"order.refunded", schemas.OrderRefundedEvent> | LiveEvent<"order.return_requested", schemas.OrderReturnRequestedEvent> | LiveEvent<"order.return_approved", schemas.OrderReturnApprovedEvent> | LiveEvent<"order.return_rejected", schemas.OrderReturnRejectedEvent> | LiveEvent<"order.returned", schemas.OrderReturnedEvent> | LiveEvent<"order.parked", schemas.OrderParkedEvent>>;
    /** Follow a job as it goes on. Who may call: Staff and administrators. */
    watchJob(input: { readonly id: string; readonly after?: number; }, options?: CallOptions): AsyncIterable<LiveEvent<"job.changed", schemas.JobChangedEvent>>;
  };
  readonly payment: {
    /** Give a job up that has not ended, or that is dead. Who may call: Staff and administrators. */
    cancelJob(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /**
     * Continue a payment after 3-D Secure. Who may call: Everybody who is signed in.
     * @throws PAYMENT_DECLINED, PAYMENT_CANCELLED, PAYMENT_MISMATCH, PAYMENT_METHOD_NOT_FOUND, PAYMENT_PROVIDER_UNAVAILABLE
     */
    confirm(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.Payment>;
    /** Give an event up for good. Who may call: Staff and administrators. */
    discardDeadLetter(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /** What daily reports have found, as CSV, newest first. With `Accept: text/csv` all of it. Who may call: Staff and administrators. */
    exportDifferences(input?: { readonly cursor?: string; readonly day?: string; readonly state?: "open" | "settled"; }, options?: CallOptions): Promise<schemas.PaymentExportDifferencesResult>;
    /** Daily reports as CSV, newest first: a line for each currency of a day. With `Accept: text/csv` all of them. Who may call: Staff and administrators. */
    exportReports(input?: { readonly cursor?: string; }, options?: CallOptions): Promise<schemas.PaymentExportReportsResult>;
    /** One of my payments. Staff see all payments. Who may call: Everybody who is signed in. */
    get(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.Payment>;
    /** A dispute about a payment. Who may call: Staff and administrators. */
    getDispute(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.Dispute>;
    /** A job with its input and its result. Who may call: Staff and administrators. */
    getJob(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.PaymentGetJobResult>;
    /** My payments, newest first. Who may call: Everybody who is signed in. */
    list(input?: { readonly limit?: number; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.PaymentPage>;
    /** What staff, administrators and API keys changed in the payment service, newest first. Who may call: Administrators. */
    listAuditLog(input?: { readonly limit?: number; readonly cursor?: string; readonly actor?: string; readonly action?: string; readonly object?: string; readonly since?: string; readonly until?: string; }, options?: CallOptions): Promise<schemas.AuditEntryPage>;
    /** The captures of a payment that is captured in parts, newest first. Who may call: Everybody who is signed in. */
    listCaptures(input: { readonly id: string; readonly limit?: number; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.CapturePage>;
    /** The sandbox provider's own ledger. Who may call: Administrators. */
    listCharges(input?: { readonly limit?: number; readonly cursor?: string; readonly reference?: string; }, options?: CallOptions): Promise<schemas.SandboxChargePage>;
    /** Events that the payment service failed to handle. Who may call: Staff and administrators. */
    listDeadLetters(input?: { readonly limit?: number; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.PaymentListDeadLettersResult>;
    /** Differences that daily reports have found, newest first. Who may call: Staff and administrators. */
    listDifferences(input?: { readonly limit?: number; readonly cursor?: string; readonly day?: string; readonly state?: "open" | "settled"; }, options?: CallOptions): Promise<schemas.ReportDifferencePage>;
    /** Disputes about payments, newest first. Who may call: Staff and administrators. */
    listDisputes(input?: { readonly limit?: number; readonly cursor?: string; readonly status?: schemas.DisputeStatus; }, options?: CallOptions): Promise<schemas.DisputePage>;
    /** Kinds of jobs of the payment service, with how many are due, running and dead. Who may call: Staff and administrators. */
    listJobKinds(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<schemas.PaymentListJobKindsResult>;
    /** Jobs of the payment service, newest first. Who may call: Staff and administrators. */
    listJobs(input?: { readonly limit?: number; readonly cursor?: string; readonly kind?: string; readonly state?: schemas.JobState; }, options?: CallOptions): Promise<schemas.PaymentListJobsResult>;
    /** My saved payment methods, newest first. Who may call: Everybody who is signed in. */
    listMethods(input?: { readonly limit?: number; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.PaymentMethodPage>;
    /** The refunds of a payment, newest first. Who may call: Everybody who is signed in. */
    listRefunds(input: { readonly id: string; readonly limit?: number; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.RefundPage>;
    /** Daily reports of the payment provider's books beside ours, newest first. Who may call: Staff and administrators. */
    listReports(input?: { readonly limit?: number; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.PaymentReportPage>;
    /** Begin no more jobs of a kind; those that run go on. Who may call: Staff and administrators. An `Idempotency-Key` counts for nothing here. Asked again, it changes nothing more. */
    pauseJobs(input: { readonly kind: string; }, options?: CallOptions): Promise<void>;
    /**
     * Refund a payment in whole or in part. Who may call: Staff and administrators.
     * @throws PAYMENT_REFUND_EXCEEDED, PAYMENT_CURRENCY_MISMATCH
     */
    refund(input: { readonly id: string; } & schemas.PaymentRefundBody, options?: CallOptions): Promise<schemas.Refund>;
    /** Remove a saved payment method. Who may call: Everybody who is signed in. */
    removeMethod(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /** Try an event again. Who may call: Staff and administrators. An `Idempotency-Key` counts for nothing here. Asked again, it changes nothing more. */
    replayDeadLetter(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /** Tell the events of the payment service again; subscribers pass over those they have had. Who may call: Administrators. An `Idempotency-Key` counts for nothing here. Subscribers pass over events that they have had. */
    replayEvents(input: schemas.PaymentReplayEventsBody, options?: CallOptions): Promise<schemas.PaymentReplayEventsResult>;
    /** Begin jobs of a kind again. Who may call: Staff and administrators. An `Idempotency-Key` counts for nothing here. Asked again, it changes nothing more. */
    resumeJobs(input: { readonly kind: string; }, options?: CallOptions): Promise<void>;
    /** Try a dead job again. Who may call: Staff and administrators. An `Idempotency-Key` counts for nothing here. Asked again, it changes nothing more. */
    retryJob(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /**
     * Save a payment method from a token of the provider. Who may call: Everybody who is signed in.
     * @throws PAYMENT_METHODS_FULL, PAYMENT_METHOD_INVALID, PAYMENT_METHOD_NOT_FOUND, PAYMENT_PROVIDER_UNAVAILABLE
     */
    saveMethod(input: schemas.PaymentSaveMethodBody, options?: CallOptions): Promise<schemas.PaymentMethod>;
    /** Settle a difference of a daily report with a note. Who may call: Staff and administrators. */
    settleDifference(input: { readonly id: string; } & schemas.PaymentSettleDifferenceBody, options?: CallOptions): Promise<schemas.ReportDifference>;
    /** Follow a job as it goes on. Who may call: Staff and administrators. */
    watchJob(input: { readonly id: string; readonly after?: number; }, options?: CallOptions): AsyncIterable<LiveEvent<"job.changed", schemas.JobChangedEvent>>;
  };
  readonly playback: {
    /**
     * Start a film or an episode on a device. Who may call: Everybody who is signed in.
     * @throws PLAYBACK_LIMIT_REACHED, PLAYBACK_NOT_SUITABLE
     */
    createSession(input: schemas.PlaybackCreateSessionBody, options?: CallOptions): Promise<schemas.StartedPlayback>;
    /** Give an event up for good. Who may call: Staff and administrators. */
    discardDeadLetter(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /** One of my playback sessions. Who may call: Everybody who is signed in. */
    getSession(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.PlaybackSession>;
    /** What staff, administrators and API keys changed in the playback service, newest first. Who may call: Administrators. */
    listAuditLog(input?: { readonly limit?: number; readonly cursor?: string; readonly actor?: string; readonly action?: string; readonly object?: string; readonly since?: string; readonly until?: string; }, options?: CallOptions): Promise<schemas.AuditEntryPage>;
    /** What a profile began and has not seen to its end, latest first, and the next episodes. Who may call: Everybody who is signed in. */
    listContinued(input: { readonly profileId: string; readonly limit?: number; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.WatchedVideoPage>;
    /** Events that the playback service failed to handle. Who may call: Staff and administrators. */
    listDeadLetters(input?: { readonly limit?: number; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.PlaybackListDeadLettersResult>;
    /** What a profile watched, latest first. Who may call: Everybody who is signed in. */
    listHistory(input: { readonly profileId: string; readonly limit?: number; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.WatchedVideoPage>;
    /** What a profile likes and dislikes, latest first. Who may call: Everybody who is signed in. */
    listLikes(input: { readonly profileId: string; readonly limit?: number; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.LikedVideoPage>;
    /** What plays on my devices, newest first. Who may call: Everybody who is signed in. */
    listSessions(input?: { readonly limit?: number; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.PlaybackSessionPage>;
    /** What a profile keeps for later, latest first. Who may call: Everybody who is signed in. */
    listWatchList(input: { readonly profileId: string; readonly limit?: number; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.KeptVideoPage>;
    /** A heartbeat: the session goes on, and this is how far it is. Who may call: Everybody who is signed in. An `Idempotency-Key` counts for nothing here. A repeated heartbeat changes nothing more. */
    refreshSession(input: { readonly id: string; } & schemas.PlaybackRefreshSessionBody, options?: CallOptions): Promise<schemas.PlaybackRefreshSessionResult>;
    /** Keep a title no longer. Who may call: Everybody who is signed in. */
    removeFromWatchList(input: { readonly profileId: string; readonly videoId: string; }, options?: CallOptions): Promise<void>;
    /** Forget that a profile watched something. Who may call: Everybody who is signed in. */
    removeHistory(input: { readonly profileId: string; readonly videoId: string; }, options?: CallOptions): Promise<void>;
    /** Take back what a profile said of a title. Who may call: Everybody who is signed in. */
    removeLike(input: { readonly profileId: string; readonly videoId: string; }, options?: CallOptions): Promise<void>;
    /** Stop a playback, on this device or on another of mine. Who may call: Everybody who is signed in. */
    removeSession(input: { readonly id: string; } & schemas.PlaybackRemoveSessionBody, options?: CallOptions): Promise<void>;
    /** Try an event again. Who may call: Staff and administrators. An `Idempotency-Key` counts for nothing here. Asked again, it changes nothing more. */
    replayDeadLetter(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /** Tell the events of the playback service again; subscribers pass over those they have had. Who may call: Administrators. An `Idempotency-Key` counts for nothing here. Subscribers pass over events that they have had. */
    replayEvents(input: schemas.PlaybackReplayEventsBody, options?: CallOptions): Promise<schemas.PlaybackReplayEventsResult>;
    /**
     * Keep a title for later. Who may call: Everybody who is signed in.
     * @throws PLAYBACK_LIST_FULL
     */
    saveToWatchList(input: { readonly profileId: string; readonly videoId: string; }, options?: CallOptions): Promise<schemas.KeptVideo>;
    /**
     * Say that a profile likes or dislikes a title. Who may call: Everybody who is signed in.
     * @throws PLAYBACK_LIST_FULL
     */
    setLike(input: { readonly profileId: string; readonly videoId: string; } & schemas.PlaybackSetLikeBody, options?: CallOptions): Promise<schemas.LikedVideo>;
  };
  readonly product: {
    /**
     * Add a picture to a product or a variant, behind those that it has: a JPEG, PNG, WebP or AVIF. Who may call: Staff and administrators.
     * @throws PRODUCT_IMAGES_FULL, PRODUCT_IMAGE_BUSY, PRODUCT_IMAGE_EXISTS, PRODUCT_IMAGE_INVALID
     */
    addImage(input: { readonly id: string; } & schemas.ProductAddImageBody, options?: CallOptions): Promise<schemas.Product>;
    /**
     * Send another part of a file of products; it may be sent again. Who may call: Staff and administrators.
     * @throws PRODUCT_IMPORT_PART, PRODUCT_IMPORT_ENCODING
     */
    addImportPart(input: { readonly id: string; readonly number: number; } & schemas.ProductAddImportPartBody, options?: CallOptions): Promise<schemas.ProductImport>;
    /**
     * Book stock in or out. Who may call: Staff and administrators.
     * @throws PRODUCT_IN_VARIANTS, PRODUCT_OUT_OF_STOCK
     */
    adjustStock(input: { readonly id: string; } & schemas.ProductAdjustStockBody, options?: CallOptions): Promise<schemas.Stock>;
    /** Take a product off sale for good, with its variants. Existing orders keep it. Who may call: Staff and administrators. */
    archive(input: { readonly id: string; readonly version?: number; }, options?: CallOptions): Promise<void>;
    /** Give a job up that has not ended, or that is dead. Who may call: Staff and administrators. */
    cancelJob(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /**
     * Add a product, with its price and first stock. Who may call: Staff and administrators.
     * @throws PRODUCT_SKU_TAKEN, PRODUCT_CATEGORY_NOT_FOUND
     */
    create(input: schemas.ProductCreateBody, options?: CallOptions): Promise<schemas.Product>;
    /**
     * Add a category. Who may call: Staff and administrators.
     * @throws PRODUCT_CATEGORY_NOT_FOUND
     */
    createCategory(input: schemas.ProductCreateCategoryBody, options?: CallOptions): Promise<schemas.Category>;
    /**
     * Import products from a CSV file, or from its first part. Who may call: Staff and administrators.
     * @throws PRODUCT_IMPORT_COLUMNS, PRODUCT_IMPORT_CSV, PRODUCT_IMPORT_ENCODING
     */
    createImport(input: schemas.ProductCreateImportBody, options?: CallOptions): Promise<schemas.ProductImport>;
    /**
     * Add a variant of a product. Who may call: Staff and administrators.
     * @throws PRODUCT_NO_OPTIONS, PRODUCT_SKU_TAKEN, PRODUCT_VARIANTS_FULL, PRODUCT_VARIANT_EXISTS, PRODUCT_OPTION_VALUE_UNKNOWN, PRODUCT_PRICE_CURRENCY
     */
    createVariant(input: { readonly id: string; } & schemas.ProductCreateVariantBody, options?: CallOptions): Promise<schemas.Product>;
    /**
     * Add a variant for each combination of options that has none. Who may call: Staff and administrators.
     * @throws PRODUCT_NO_OPTIONS, PRODUCT_SKU_TAKEN, PRODUCT_VARIANTS_FULL, PRODUCT_PRICE_CURRENCY
     */
    createVariants(input: { readonly id: string; } & schemas.ProductCreateVariantsBody, options?: CallOptions): Promise<schemas.AddedVariants>;
    /** What is on sale, as CSV that can be imported again. With `Accept: text/csv` all of it. Who may call: Staff and administrators. */
    exportProducts(input?: { readonly cursor?: string; }, options?: CallOptions): Promise<schemas.ProductExportProductsResult>;
    /** A product with its current price. Who may call: Everybody. */
    get(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.Product>;
    /** A picture as AVIF, which never changes: the file itself for `Accept: image/avif` or `image/*`. Who may call: Everybody. */
    getAvif(input: { readonly hash: string; readonly width: number; }, options?: CallOptions): Promise<schemas.ProductGetAvifResult>;
    /** The product at an address that it has or had. Who may call: Everybody. */
    getBySlug(input: { readonly slug: string; }, options?: CallOptions): Promise<schemas.AddressedProduct>;
    /** A category. Who may call: Everybody. */
    getCategory(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.Category>;
    /** How many products match, and how many of them each category, price range and stock has. Who may call: Everybody. */
    getFacets(input?: { readonly q?: string; readonly category?: string; readonly minPrice?: number; readonly maxPrice?: number; readonly inStock?: boolean; }, options?: CallOptions): Promise<schemas.ProductFacets>;
    /** How far an import of products is. Who may call: Staff and administrators. */
    getImport(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.ProductImport>;
    /** The rows that an import refused, as CSV: line, SKU, code, and what to do. With `Accept: text/csv` all of them. Who may call: Staff and administrators. */
    getImportReport(input: { readonly id: string; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.ProductGetImportReportResult>;
    /** A job with its input and its result. Who may call: Staff and administrators. */
    getJob(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.ProductGetJobResult>;
    /** What is in stock. Who may call: Everybody. */
    getStock(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.Stock>;
    /** From how many units on the stock of a product is low. Who may call: Staff and administrators. */
    getStockThreshold(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.StockThreshold>;
    /** A picture as WebP, which never changes: the file itself for `Accept: image/webp` or `image/*`. Who may call: Everybody. */
    getWebp(input: { readonly hash: string; readonly width: number; }, options?: CallOptions): Promise<schemas.ProductGetWebpResult>;
    /** Search the catalogue; a category includes those below it. Who may call: Everybody. */
    list(input?: { readonly limit?: number; readonly cursor?: string; readonly q?: string; readonly category?: string; readonly minPrice?: number; readonly maxPrice?: number; readonly inStock?: boolean; readonly sort?: "newest" | "price" | "-price" | "name" | "relevance"; }, options?: CallOptions): Promise<schemas.ProductPage>;
    /** What staff, administrators and API keys changed in the product service, newest first. Who may call: Administrators. */
    listAuditLog(input?: { readonly limit?: number; readonly cursor?: string; readonly actor?: string; readonly action?: string; readonly object?: string; readonly since?: string; readonly until?: string; }, options?: CallOptions): Promise<schemas.AuditEntryPage>;
    /** All categories, oldest first. Who may call: Everybody. */
    listCategories(input?: { readonly limit?: number; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.CategoryPage>;
    /** What a category is called in other languages. Who may call: Staff and administrators. */
    listCategoryTranslations(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.ProductListCategoryTranslationsResult>;
    /** Kinds of jobs of the product service, with how many are due, running and dead. Who may call: Staff and administrators. */
    listJobKinds(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<schemas.ProductListJobKindsResult>;
    /** Jobs of the product service, newest first. Who may call: Staff and administrators. */
    listJobs(input?: { readonly limit?: number; readonly cursor?: string; readonly kind?: string; readonly state?: schemas.JobState; }, options?: CallOptions): Promise<schemas.ProductListJobsResult>;
    /** The stock ledger, latest first. Who may call: Staff and administrators. */
    listMovements(input: { readonly id: string; readonly limit?: number; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.StockMovementPage>;
    /** Past, present and scheduled prices, latest first. Who may call: Staff and administrators. */
    listPrices(input: { readonly id: string; readonly limit?: number; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.PricePage>;
    /** Products that are low on stock or sold out. Who may call: Staff and administrators. */
    listShortStock(input?: { readonly limit?: number; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.ShortStockPage>;
    /** A product's texts in other languages. Who may call: Staff and administrators. */
    listTranslations(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.ProductListTranslationsResult>;
    /** The variants of a product with their prices and stock, oldest first. Who may call: Everybody. */
    listVariants(input: { readonly id: string; readonly limit?: number; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.ProductPage>;
    /** Begin no more jobs of a kind; those that run go on. Who may call: Staff and administrators. An `Idempotency-Key` counts for nothing here. Asked again, it changes nothing more. */
    pauseJobs(input: { readonly kind: string; }, options?: CallOptions): Promise<void>;
    /**
     * Remove a category without products and subcategories. Who may call: Staff and administrators.
     * @throws PRODUCT_CATEGORY_IN_USE
     */
    removeCategory(input: { readonly id: string; readonly version?: number; }, options?: CallOptions): Promise<void>;
    /** Remove what a category is called in another language. Who may call: Staff and administrators. */
    removeCategoryTranslation(input: { readonly id: string; readonly language: schemas.Language; readonly version?: number; }, options?: CallOptions): Promise<void>;
    /** Remove a picture of a product. Who may call: Staff and administrators. */
    removeImage(input: { readonly id: string; readonly imageId: string; readonly version?: number; }, options?: CallOptions): Promise<void>;
    /**
     * Remove a product's texts in another language. Who may call: Staff and administrators.
     * @throws PRODUCT_IS_VARIANT
     */
    removeTranslation(input: { readonly id: string; readonly language: schemas.Language; readonly version?: number; }, options?: CallOptions): Promise<void>;
    /** Tell the events of the product service again; subscribers pass over those they have had. Who may call: Administrators. An `Idempotency-Key` counts for nothing here. Subscribers pass over events that they have had. */
    replayEvents(input: schemas.ProductReplayEventsBody, options?: CallOptions): Promise<schemas.ProductReplayEventsResult>;
    /** Begin jobs of a kind again. Who may call: Staff and administrators. An `Idempotency-Key` counts for nothing here. Asked again, it changes nothing more. */
    resumeJobs(input: { readonly kind: string; }, options?: CallOptions): Promise<void>;
    /** Try a dead job again. Who may call: Staff and administrators. An `Idempotency-Key` counts for nothing here. Asked again, it changes nothing more. */
    retryJob(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /**
     * Set what a category is called in another language. Who may call: Staff and administrators.
     * @throws PRODUCT_OWN_LANGUAGE
     */
    setCategoryTranslation(input: { readonly id: string; readonly language: schemas.Language; readonly version?: number; } & schemas.ProductSetCategoryTranslationBody, options?: CallOptions): Promise<schemas.Category>;
    /**
     * Set the order of a product's pictures; the first is its face. Who may call: Staff and administrators.
     * @throws PRODUCT_IMAGE_UNKNOWN
     */
    setImages(input: { readonly id: string; readonly version?: number; } & schemas.ProductSetImagesBody, options?: CallOptions): Promise<schemas.Product>;
    /**
     * Set the options of a product, which is sold in variants from then on. Who may call: Staff and administrators.
     * @throws PRODUCT_IS_VARIANT, PRODUCT_OPTION_IN_USE, PRODUCT_STOCK_LEFT, PRODUCT_OPTION_UNKNOWN
     */
    setOptions(input: { readonly id: string; readonly version?: number; } & schemas.ProductSetOptionsBody, options?: CallOptions): Promise<schemas.Product>;
    /**
     * Set the price, from now or a future time until the next scheduled price, or for a period. Who may call: Staff and administrators.
     * @throws PRODUCT_IN_VARIANTS, PRODUCT_PRICE_CURRENCY, PRODUCT_PRICE_IN_PAST, PRODUCT_PRICE_PERIOD
     */
    setPrice(input: { readonly id: string; readonly version?: number; } & schemas.ProductSetPriceBody, options?: CallOptions): Promise<schemas.Product>;
    /**
     * Set from how many units on the stock of a product is low. Who may call: Staff and administrators.
     * @throws PRODUCT_IN_VARIANTS
     */
    setStockThreshold(input: { readonly id: string; } & schemas.ProductSetStockThresholdBody, options?: CallOptions): Promise<schemas.StockThreshold>;
    /**
     * Set all texts of a product in another language; what is left out is shown in the shop's own. Who may call: Staff and administrators.
     * @throws PRODUCT_IS_VARIANT, PRODUCT_OWN_LANGUAGE, PRODUCT_IMAGE_UNKNOWN, PRODUCT_OPTION_UNKNOWN
     */
    setTranslation(input: { readonly id: string; readonly language: schemas.Language; readonly version?: number; } & schemas.ProductSetTranslationBody, options?: CallOptions): Promise<schemas.Product>;
    /**
     * Change the information about a product. Who may call: Staff and administrators.
     * @throws PRODUCT_IS_VARIANT, PRODUCT_SKU_TAKEN, PRODUCT_SLUG_TAKEN, PRODUCT_CATEGORY_NOT_FOUND
     */
    update(input: { readonly id: string; readonly version?: number; } & schemas.ProductUpdateBody, options?: CallOptions): Promise<schemas.Product>;
    /**
     * Rename a category, or move it with all its subcategories. Who may call: Staff and administrators.
     * @throws PRODUCT_CATEGORY_CYCLE, PRODUCT_CATEGORY_NOT_FOUND
     */
    updateCategory(input: { readonly id: string; readonly version?: number; } & schemas.ProductUpdateCategoryBody, options?: CallOptions): Promise<schemas.Category>;
    /** Change what a picture of a product is said to show. Who may call: Staff and administrators. */
    updateImage(input: { readonly id: string; readonly imageId: string; readonly version?: number; } & schemas.ProductUpdateImageBody, options?: CallOptions): Promise<schemas.Product>;
    /** Follow a job as it goes on. Who may call: Staff and administrators. */
    watchJob(input: { readonly id: string; readonly after?: number; }, options?: CallOptions): AsyncIterable<LiveEvent<"job.changed", schemas.JobChangedEvent>>;
  };
  readonly user: {
    /**
     * Add an address. Who may call: Everybody who is signed in.
     * @throws USER_TOO_MANY_ADDRESSES
     */
    addAddress(input: schemas.UserAddAddressBody, options?: CallOptions): Promise<schemas.Address>;
    /**
     * Offer a coupon. Who may call: Staff and administrators.
     * @throws USER_COUPON_CODE_TAKEN
     */
    addCoupon(input: schemas.UserAddCouponBody, options?: CallOptions): Promise<schemas.Coupon>;
    /**
     * Begin with an authenticator app: its secret is shown once, and a code of it confirms it. Who may call: Everybody who is signed in. An `Idempotency-Key` counts for nothing here. The request or its answer holds a secret.
     * @throws USER_BAD_CREDENTIALS, USER_EMAIL_UNVERIFIED, USER_SECOND_FACTOR_ON
     */
    addSecondFactor(input: schemas.UserAddSecondFactorBody, options?: CallOptions): Promise<schemas.SecondFactorEnrolment>;
    /**
     * Give points to a user, or take some, with a reason that the user sees. Who may call: Staff and administrators.
     * @throws USER_POINTS_TOO_FEW
     */
    adjustPoints(input: { readonly id: string; } & schemas.UserAdjustPointsBody, options?: CallOptions): Promise<schemas.Points>;
    /** Sign in the device that shows this code as me, or refuse it. Who may call: Everybody who is signed in. An `Idempotency-Key` counts for nothing here. Approved twice, it is approved once. */
    approveDevice(input: { readonly userCode: string; } & schemas.UserApproveDeviceBody, options?: CallOptions): Promise<void>;
    /** Begin the sign-in of a device that has no keyboard: it shows the code to its person. Who may call: Everybody. An `Idempotency-Key` counts for nothing here. Codes are never stored. */
    authorizeDevice(input: schemas.UserAuthorizeDeviceBody, options?: CallOptions): Promise<schemas.DeviceAuthorization>;
    /**
     * Change my e-mail address: it takes effect when the link that is sent to it is confirmed. Who may call: Everybody who is signed in. An `Idempotency-Key` counts for nothing here. The request holds a password.
     * @throws USER_BAD_CREDENTIALS, USER_EMAIL_TAKEN, USER_EMAIL_VERIFIED
     */
    changeEmail(input: schemas.UserChangeEmailBody, options?: CallOptions): Promise<void>;
    /**
     * Change my password and end my other sessions. Who may call: Everybody who is signed in. An `Idempotency-Key` counts for nothing here. The request holds passwords, of which only the hash is stored.
     * @throws USER_BAD_CREDENTIALS
     */
    changePassword(input: schemas.UserChangePasswordBody, options?: CallOptions): Promise<void>;
    /**
     * Confirm an e-mail address with the secret of the link that was sent to it. Who may call: Everybody. An `Idempotency-Key` counts for nothing here. The link is good once.
     * @throws USER_EMAIL_TAKEN, USER_LINK_INVALID
     */
    confirmEmail(input: schemas.UserConfirmEmailBody, options?: CallOptions): Promise<void>;
    /**
     * Confirm the app with its first code: from now on a sign-in needs one. Answers recovery codes, once. Who may call: Everybody who is signed in. An `Idempotency-Key` counts for nothing here. The request or its answer holds a secret.
     * @throws USER_CODE_WRONG, USER_SECOND_FACTOR_OFF, USER_SECOND_FACTOR_ON
     */
    confirmSecondFactor(input: schemas.UserConfirmSecondFactorBody, options?: CallOptions): Promise<schemas.RecoveryCodes>;
    /**
     * Make an API key for a machine, which acts as staff with exactly these permissions. The key is shown once. Who may call: Administrators. An `Idempotency-Key` counts for nothing here. The answer holds a secret, of which only the hash is stored.
     * @throws USER_API_KEYS_FULL
     */
    createApiKey(input: schemas.UserCreateApiKeyBody, options?: CallOptions): Promise<schemas.CreatedApiKey>;
    /** Give an event up for good. Who may call: Staff and administrators. */
    discardDeadLetter(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /** Change one of my addresses. Who may call: Everybody who is signed in. */
    editAddress(input: { readonly id: string; readonly version?: number; } & schemas.UserEditAddressBody, options?: CallOptions): Promise<schemas.Address>;
    /**
     * Change the terms of a coupon, or disable it. What orders hold of it stays theirs. Who may call: Staff and administrators.
     * @throws USER_COUPON_IN_USE
     */
    editCoupon(input: { readonly id: string; readonly version?: number; } & schemas.UserEditCouponBody, options?: CallOptions): Promise<schemas.Coupon>;
    /** Change my profile. Who may call: Everybody who is signed in. */
    editProfile(input: { readonly version?: number; } & schemas.UserEditProfileBody, options?: CallOptions): Promise<schemas.User>;
    /**
     * Delete my account: personal data is removed, only the id stays. Who may call: Everybody who is signed in.
     * @throws USER_BAD_CREDENTIALS, USER_LAST_ADMIN
     */
    erase(input: { readonly version?: number; } & schemas.UserEraseBody, options?: CallOptions): Promise<void>;
    /** A user. Who may call: Administrators. */
    get(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.User>;
    /** One of my addresses. Who may call: Everybody who is signed in. */
    getAddress(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.Address>;
    /** A coupon, and how often it was used. Who may call: Staff and administrators. */
    getCoupon(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.Coupon>;
    /** The device that shows this code, before its sign-in is approved. Who may call: Everybody who is signed in. */
    getDevice(input: { readonly userCode: string; }, options?: CallOptions): Promise<schemas.PendingDevice>;
    /** What a user may do as staff. Who may call: Administrators. */
    getPermissions(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.StaffPermissions>;
    /** My points. Who may call: Everybody who is signed in. */
    getPoints(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<schemas.Points>;
    /** A user's points. Who may call: Staff and administrators. */
    getPointsOf(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.Points>;
    /** My profile. Who may call: Everybody who is signed in. */
    getProfile(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<schemas.User>;
    /** Whether my sign-in needs a code, and how many recovery codes are left. Who may call: Everybody who is signed in. */
    getSecondFactor(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<schemas.SecondFactor>;
    /** Users, newest first. Who may call: Administrators. */
    list(input?: { readonly limit?: number; readonly cursor?: string; readonly q?: string; }, options?: CallOptions): Promise<schemas.UserPage>;
    /** My addresses, all on one page. Who may call: Everybody who is signed in. */
    listAddresses(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<schemas.AddressPage>;
    /** API keys, newest first, without their secrets. Who may call: Administrators. */
    listApiKeys(input?: { readonly limit?: number; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.ApiKeyPage>;
    /** What staff, administrators and API keys changed in the user service, newest first. Who may call: Administrators. */
    listAuditLog(input?: { readonly limit?: number; readonly cursor?: string; readonly actor?: string; readonly action?: string; readonly object?: string; readonly since?: string; readonly until?: string; }, options?: CallOptions): Promise<schemas.AuditEntryPage>;
    /** All coupons, newest first. Who may call: Staff and administrators. */
    listCoupons(input?: { readonly limit?: number; readonly cursor?: string; readonly code?: string; }, options?: CallOptions): Promise<schemas.CouponPage>;
    /** Events that the user service failed to handle. Who may call: Staff and administrators. */
    listDeadLetters(input?: { readonly limit?: number; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.UserListDeadLettersResult>;
    /** What changed of my points and why, newest first. Who may call: Everybody who is signed in. */
    listPoints(input?: { readonly limit?: number; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.PointsEntryPage>;
    /** What changed of a user's points and why, newest first. Who may call: Staff and administrators. */
    listPointsOf(input: { readonly id: string; readonly limit?: number; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.PointsEntryPage>;
    /** Where I am signed in. Who may call: Everybody who is signed in. */
    listSessions(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<schemas.SessionPage>;
    /**
     * Exchange a refresh token, once, for new tokens. Who may call: Everybody. An `Idempotency-Key` counts for nothing here. Tokens are never stored.
     * @throws USER_REFRESH_TOKEN_INVALID, USER_REFRESH_TOKEN_REUSED
     */
    refresh(input: schemas.UserRefreshBody, options?: CallOptions): Promise<schemas.Tokens>;
    /** Remove one of my addresses. Who may call: Everybody who is signed in. */
    removeAddress(input: { readonly id: string; readonly version?: number; }, options?: CallOptions): Promise<void>;
    /** Revoke an API key: from now on, no node accepts it. Who may call: Administrators. */
    removeApiKey(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /** Sign out everywhere else: end all my sessions but this one. Who may call: Everybody who is signed in. */
    removeOtherSessions(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<void>;
    /**
     * Sign in without a code from now on. Who may call: Everybody who is signed in.
     * @throws USER_BAD_CREDENTIALS, USER_CODE_WRONG, USER_SECOND_FACTOR_OFF
     */
    removeSecondFactor(input: schemas.UserRemoveSecondFactorBody, options?: CallOptions): Promise<void>;
    /** Sign out there: end one of my sessions, and its access tokens. Who may call: Everybody who is signed in. */
    removeSession(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /** Try an event again. Who may call: Staff and administrators. An `Idempotency-Key` counts for nothing here. Asked again, it changes nothing more. */
    replayDeadLetter(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /** Tell the events of the user service again; subscribers pass over those they have had. Who may call: Administrators. An `Idempotency-Key` counts for nothing here. Subscribers pass over events that they have had. */
    replayEvents(input: schemas.UserReplayEventsBody, options?: CallOptions): Promise<schemas.UserReplayEventsResult>;
    /**
     * Set a new password with the secret of the link that was sent, and end all sessions. Who may call: Everybody. An `Idempotency-Key` counts for nothing here. The link is good once.
     * @throws USER_LINK_INVALID
     */
    resetPassword(input: schemas.UserResetPasswordBody, options?: CallOptions): Promise<void>;
    /**
     * Get ten new recovery codes; the ones before are good no more. Who may call: Everybody who is signed in. An `Idempotency-Key` counts for nothing here. The request or its answer holds a secret.
     * @throws USER_BAD_CREDENTIALS, USER_CODE_WRONG, USER_SECOND_FACTOR_OFF
     */
    resetRecoveryCodes(input: schemas.UserResetRecoveryCodesBody, options?: CallOptions): Promise<schemas.RecoveryCodes>;
    /** Have a link sent with which a forgotten password is replaced; the answer never tells whether there is an account. Who may call: Everybody. An `Idempotency-Key` counts for nothing here. Each request may send another e-mail, and their number is limited. */
    sendPasswordReset(input: schemas.UserSendPasswordResetBody, options?: CallOptions): Promise<void>;
    /**
     * Send me another e-mail with which I confirm my address. Who may call: Everybody who is signed in. An `Idempotency-Key` counts for nothing here. Each request sends another e-mail, and their number is limited.
     * @throws USER_EMAIL_VERIFIED
     */
    sendVerification(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<void>;
    /** Set what a user may do as staff, from now on and on every node. Administrators may do everything. Who may call: Administrators. */
    setPermissions(input: { readonly id: string; readonly version?: number; } & schemas.UserSetPermissionsBody, options?: CallOptions): Promise<schemas.StaffPermissions>;
    /**
     * Set a user's roles. A user who loses a role is signed out. Who may call: Administrators.
     * @throws USER_LAST_ADMIN
     */
    setRoles(input: { readonly id: string; readonly version?: number; } & schemas.UserSetRolesBody, options?: CallOptions): Promise<schemas.User>;
    /**
     * Sign in. Who may call: Everybody. An `Idempotency-Key` counts for nothing here. Tokens are never stored.
     * @throws USER_BAD_CREDENTIALS, USER_SECOND_FACTOR_REQUIRED
     */
    signIn(input: schemas.UserSignInBody, options?: CallOptions): Promise<schemas.Tokens>;
    /**
     * Ask for the tokens of a device, until its person has approved it. Who may call: Everybody. An `Idempotency-Key` counts for nothing here. Tokens are never stored.
     * @throws USER_DEVICE_CODE_INVALID, USER_AUTHORIZATION_PENDING, USER_DEVICE_REFUSED, USER_SLOW_DOWN
     */
    signInDevice(input: schemas.UserSignInDeviceBody, options?: CallOptions): Promise<schemas.Tokens>;
    /**
     * The second step of a sign-in: a code of the app, or a recovery code. Who may call: Everybody. An `Idempotency-Key` counts for nothing here. Tokens are never stored.
     * @throws USER_CHALLENGE_INVALID, USER_CODE_WRONG
     */
    signInWithCode(input: schemas.UserSignInWithCodeBody, options?: CallOptions): Promise<schemas.Tokens>;
    /** Sign out here. Who may call: Everybody who is signed in. */
    signOut(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<void>;
    /**
     * Create an account. Who may call: Everybody. An `Idempotency-Key` counts for nothing here. The request holds a password, of which only the hash is stored.
     * @throws USER_EMAIL_TAKEN
     */
    signUp(input: schemas.UserSignUpBody, options?: CallOptions): Promise<schemas.User>;
    /**
     * Remove the second factor of a person who has lost it and all recovery codes. The person is told. Who may call: Administrators.
     * @throws USER_SECOND_FACTOR_OFF
     */
    withdrawSecondFactor(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
  };
  readonly webhook: {
    /** Give a job up that has not ended, or that is dead. Who may call: Staff and administrators. */
    cancelJob(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /**
     * Register an address to which events are sent. The answer holds its secret, which is shown once. Who may call: Administrators. An `Idempotency-Key` counts for nothing here. The answer holds a secret, of which no copy is kept for a repeated request.
     * @throws WEBHOOK_ENDPOINTS_FULL
     */
    createEndpoint(input: schemas.WebhookCreateEndpointBody, options?: CallOptions): Promise<schemas.WebhookEndpointWithSecret>;
    /** Give an event up for good. Who may call: Staff and administrators. */
    discardDeadLetter(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /** Change an endpoint, pause it, or make it active again. Who may call: Administrators. */
    editEndpoint(input: { readonly id: string; readonly version?: number; } & schemas.WebhookEditEndpointBody, options?: CallOptions): Promise<schemas.WebhookEndpoint>;
    /** A delivery, with what was sent and how each attempt ended. Who may call: Staff and administrators. */
    getDelivery(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.LoggedWebhookDelivery>;
    /** An endpoint. Who may call: Staff and administrators. */
    getEndpoint(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.WebhookEndpoint>;
    /** A job with its input and its result. Who may call: Staff and administrators. */
    getJob(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.WebhookGetJobResult>;
    /** What staff, administrators and API keys changed in the webhook service, newest first. Who may call: Administrators. */
    listAuditLog(input?: { readonly limit?: number; readonly cursor?: string; readonly actor?: string; readonly action?: string; readonly object?: string; readonly since?: string; readonly until?: string; }, options?: CallOptions): Promise<schemas.AuditEntryPage>;
    /** Events that the webhook service failed to handle. Who may call: Staff and administrators. */
    listDeadLetters(input?: { readonly limit?: number; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.WebhookListDeadLettersResult>;
    /** What was and will be sent to an endpoint, newest first. Who may call: Staff and administrators. */
    listDeliveries(input: { readonly id: string; readonly limit?: number; readonly cursor?: string; readonly status?: schemas.WebhookDeliveryStatus; }, options?: CallOptions): Promise<schemas.WebhookDeliveryPage>;
    /** Registered endpoints, newest first. Who may call: Staff and administrators. */
    listEndpoints(input?: { readonly limit?: number; readonly cursor?: string; }, options?: CallOptions): Promise<schemas.WebhookEndpointPage>;
    /** The events that webhooks can tell of. Who may call: Staff and administrators. */
    listEventTypes(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<schemas.WebhookListEventTypesResult>;
    /** Kinds of jobs of the webhook service, with how many are due, running and dead. Who may call: Staff and administrators. */
    listJobKinds(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<schemas.WebhookListJobKindsResult>;
    /** Jobs of the webhook service, newest first. Who may call: Staff and administrators. */
    listJobs(input?: { readonly limit?: number; readonly cursor?: string; readonly kind?: string; readonly state?: schemas.JobState; }, options?: CallOptions): Promise<schemas.WebhookListJobsResult>;
    /** Begin no more jobs of a kind; those that run go on. Who may call: Staff and administrators. An `Idempotency-Key` counts for nothing here. Asked again, it changes nothing more. */
    pauseJobs(input: { readonly kind: string; }, options?: CallOptions): Promise<void>;
    /** Remove an endpoint, with its log of deliveries. Who may call: Administrators. */
    removeEndpoint(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /** Try an event again. Who may call: Staff and administrators. An `Idempotency-Key` counts for nothing here. Asked again, it changes nothing more. */
    replayDeadLetter(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /** Give an endpoint a new secret. For a day, what is sent is signed with both. Who may call: Administrators. An `Idempotency-Key` counts for nothing here. The answer holds a secret, of which no copy is kept for a repeated request. */
    resetSecret(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.WebhookSecret>;
    /** Begin jobs of a kind again. Who may call: Staff and administrators. An `Idempotency-Key` counts for nothing here. Asked again, it changes nothing more. */
    resumeJobs(input: { readonly kind: string; }, options?: CallOptions): Promise<void>;
    /**
     * Send again what failed at an endpoint: at most a thousand at once, oldest first. Who may call: Staff and administrators.
     * @throws WEBHOOK_NOT_ACTIVE
     */
    retryDeliveries(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.RetriedWebhookDeliveries>;
    /**
     * Send a delivery again, whether it failed or not. Who may call: Staff and administrators.
     * @throws WEBHOOK_NOT_ACTIVE
     */
    retryDelivery(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.WebhookDelivery>;
    /** Try a dead job again. Who may call: Staff and administrators. An `Idempotency-Key` counts for nothing here. Asked again, it changes nothing more. */
    retryJob(input: { readonly id: string; }, options?: CallOptions): Promise<void>;
    /**
     * Send a test message to an endpoint. Who may call: Staff and administrators.
     * @throws WEBHOOK_NOT_ACTIVE
     */
    sendTest(input: { readonly id: string; }, options?: CallOptions): Promise<schemas.WebhookDelivery>;
    /** Follow a job as it goes on. Who may call: Staff and administrators. */
    watchJob(input: { readonly id: string; readonly after?: number; }, options?: CallOptions): AsyncIterable<LiveEvent<"job.changed", schemas.JobChangedEvent>>;
  };
}
