/** Written by `npm run generate` from the contracts of the services. */

export interface AccountAddProfileBody {
  readonly name: string;
  readonly language?: "en" | "ko";
  readonly isKids?: boolean;
  /** The age that films are rated for */
  readonly maxRating?: number | null;
  readonly pin?: string;
  readonly parentPin?: string;
}

export interface AccountAdvanceBody {
  readonly userId: string;
  readonly to: string;
}

export interface AccountBuyBody {
  readonly videoId: string;
  readonly kind: "buy" | "rent";
  readonly paymentMethod: string;
}

export interface AccountCreatePlanBody {
  readonly code: string;
  /** How often it is paid */
  readonly interval: "month" | "year";
  readonly name: {
    readonly en: string;
    readonly ko: string;
  };
  readonly price: Money;
  /** Basis points of the tax that the price includes */
  readonly taxRate: number;
  /** Devices that play at once */
  readonly maxStreams: number;
  /** Lines of the best picture */
  readonly maxHeight: number;
  /** Where it is offered; empty for everywhere */
  readonly regions: readonly string[];
  /** For who had no trial before */
  readonly trialDays: number;
}

export interface AccountEditPlanBody {
  readonly name?: {
    readonly en: string;
    readonly ko: string;
  };
  readonly price?: Money;
  /** Basis points of the tax that the price includes */
  readonly taxRate?: number;
  /** Devices that play at once */
  readonly maxStreams?: number;
  /** Lines of the best picture */
  readonly maxHeight?: number;
  /** Where it is offered; empty for everywhere */
  readonly regions?: readonly string[];
  /** For who had no trial before */
  readonly trialDays?: number;
}

export interface AccountEditProfileBody {
  readonly name?: string;
  readonly language?: "en" | "ko";
  readonly isKids?: boolean;
  /** The age that films are rated for */
  readonly maxRating?: number | null;
  readonly pin?: string;
  readonly parentPin?: string;
  /** null unlocks the profile */
  readonly newPin?: string | null;
}

export interface AccountEditSubscriptionBody {
  readonly planId?: string;
  readonly previewedAt?: string;
  readonly cancelAtPeriodEnd?: boolean;
  readonly paymentMethod?: string;
}

export interface AccountGetInvoiceDocumentResult {
  /** A name for the file */
  readonly name: string;
  readonly mediaType: "application/pdf";
  /** The file in Base64 */
  readonly content: string;
}

export interface AccountGetJobResult {
  readonly id: string;
  readonly kind: string;
  readonly key: string | null;
  readonly state: JobState;
  readonly priority: "high" | "normal" | "low";
  readonly nextAt: string | null;
  readonly attempt: number;
  readonly failures: number;
  readonly error: string | null;
  readonly owner: string | null;
  readonly progress: JobProgress | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly input: unknown;
  readonly result: unknown;
}

export interface AccountGetSagaResult {
  readonly id: string;
  readonly version: number;
  readonly status: "active" | "waiting" | "completed" | "compensated" | "parked";
  readonly direction: "forward" | "backward";
  readonly step: number;
  readonly attempt: number;
  readonly reason: string | null;
  readonly nextAt: string | null;
  readonly owner: string | null;
  readonly steps: readonly SagaStep[];
}

export interface AccountListDeadLettersResult {
  readonly items: readonly {
    readonly id: string;
    readonly type: string;
    readonly subject: string;
    readonly time: string;
    readonly attempts: number;
    readonly error: string;
    readonly data: unknown;
  }[];
  readonly nextCursor: string | null;
}

export interface AccountListJobKindsResult {
  readonly items: readonly {
    readonly kind: string;
    readonly summary: string;
    readonly cron: string | null;
    readonly paused: boolean;
    readonly due: number;
    readonly running: number;
    readonly dead: number;
  }[];
}

export interface AccountListJobsResult {
  readonly items: readonly {
    readonly id: string;
    readonly kind: string;
    readonly key: string | null;
    readonly state: JobState;
    readonly priority: "high" | "normal" | "low";
    readonly nextAt: string | null;
    readonly attempt: number;
    readonly failures: number;
    readonly error: string | null;
    readonly owner: string | null;
    readonly progress: JobProgress | null;
    readonly createdAt: string;
    readonly startedAt: string | null;
    readonly endedAt: string | null;
  }[];
  readonly nextCursor: string | null;
}

export interface AccountListSagasResult {
  readonly items: readonly {
    readonly id: string;
    readonly version: number;
    readonly status: "active" | "waiting" | "completed" | "compensated" | "parked";
    readonly direction: "forward" | "backward";
    readonly step: number;
    readonly attempt: number;
    readonly reason: string | null;
    readonly nextAt: string | null;
    readonly owner: string | null;
  }[];
  readonly nextCursor: string | null;
}

export interface AccountRemoveProfileBody {
  readonly pin?: string;
}

export interface AccountReplayEventsBody {
  readonly since: string;
  readonly type?: string;
  readonly subject?: string;
}

export interface AccountReplayEventsResult {
  readonly count: number;
}

export interface AccountSetBillingBody {
  readonly name: string;
  readonly line1: string;
  readonly city: string;
  readonly postalCode: string;
  /** ISO 3166-1 alpha-2 */
  readonly country: string;
  readonly taxId?: string;
}

export interface AccountSettleInvoiceBody {
  readonly status: "paid" | "failed";
}

export interface AccountSubscribeBody {
  readonly planId: string;
  readonly paymentMethod: string;
}

export interface AddedVariants {
  readonly added: number;
}

export interface Address {
  readonly name: string;
  readonly line1: string;
  readonly line2?: string;
  readonly city: string;
  readonly postalCode: string;
  /** ISO 3166-1 alpha-2 */
  readonly country: string;
  readonly phone?: string;
  readonly isDefault: boolean;
  readonly id: string;
  readonly version: number;
}

export interface AddressPage {
  readonly items: readonly Address[];
  readonly nextCursor: string | null;
}

export interface AddressedProduct {
  readonly id: string;
  /** The address that it has now */
  readonly slug: string;
  /** true: the product has another address now */
  readonly isFormer: boolean;
  readonly language: Language;
  readonly product: Product;
}

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  /** How the key begins; this part is no secret */
  readonly prefix: string;
  /** Names of actions such as `product.update`, `product.*` for all of a service, or `*` for all there are */
  readonly permissions: readonly string[];
  readonly createdAt: string;
  readonly expiresAt: string;
  /** To within five minutes */
  readonly usedAt: string | null;
}

export interface ApiKeyPage {
  readonly items: readonly ApiKey[];
  readonly nextCursor: string | null;
}

export interface ApiListBreakersResult {
  readonly items: readonly Breaker[];
}

export interface ApiListNodesResult {
  readonly items: readonly Node[];
}

export interface ApiResetBreakerBody {
  readonly action: string;
  readonly target?: string;
}

export interface AppliedCoupon {
  readonly id: string;
  readonly code: string;
  readonly kind: CouponKind;
  readonly amount: Money;
  readonly version: number;
}

export interface AuditChange {
  readonly table: string;
  /** insert, update or delete */
  readonly kind: string;
  /** How many rows; the first of them follow */
  readonly rows: number;
  readonly before: unknown;
  readonly after: unknown;
}

export interface AuditEntry {
  readonly seq: number;
  readonly at: string;
  /** `user:<id>`, `key:<id>`, or `operator` for somebody at a node's shell */
  readonly actor: string;
  readonly action: string;
  /** The path of the route */
  readonly object: string;
  readonly requestId: string;
  readonly changes: readonly AuditChange[];
  /** SHA-256 over this entry and the one before it */
  readonly hash: string;
}

export interface AuditEntryPage {
  readonly items: readonly AuditEntry[];
  readonly nextCursor: string | null;
}

export interface BillingDetails {
  readonly name: string;
  readonly line1: string;
  readonly city: string;
  readonly postalCode: string;
  /** ISO 3166-1 alpha-2 */
  readonly country: string;
  readonly taxId?: string;
}

export interface Breaker {
  readonly node: string;
  readonly action: string;
  readonly target: string;
  readonly state: "open" | "half-open";
  readonly time: string;
}

export interface Capture {
  readonly id: string;
  readonly paymentId: string;
  readonly amount: Money;
  readonly status: "pending" | "succeeded" | "failed";
  /** Whether the rest of the authorized amount was released */
  readonly final: boolean;
  readonly createdAt: string;
}

export interface CapturePage {
  readonly items: readonly Capture[];
  readonly nextCursor: string | null;
}

export interface Cart {
  readonly items: readonly CartLine[];
  readonly subtotal: Money | null;
  readonly expiresAt: string | null;
  readonly version: number;
}

export interface CartLine {
  readonly productId: string;
  readonly quantity: number;
  /** changed: its price is another than when it was put here; gone: it is not on sale */
  readonly state: "available" | "changed" | "gone";
  readonly name: string | null;
  readonly unitPrice: Money | null;
  readonly lineTotal: Money | null;
  readonly formerPrice: Money | null;
  readonly sku?: string;
  readonly optionValues?: readonly {
    readonly name: string;
    readonly value: string;
  }[];
}

export interface Category {
  readonly id: string;
  readonly name: string;
  readonly language: Language;
  readonly parentId: string | null;
  /** The categories above it, from the top */
  readonly path: readonly {
    readonly id: string;
    readonly name: string;
  }[];
  readonly version: number;
}

export interface CategoryPage {
  readonly items: readonly Category[];
  readonly nextCursor: string | null;
}

export interface CategoryTranslation {
  readonly language: Language;
  readonly name: string;
}

export interface Chapter {
  /** Milliseconds from the beginning */
  readonly from: number;
  /** Milliseconds from the beginning */
  readonly until: number;
  readonly title: string;
  /** Players offer to skip all but chapters */
  readonly kind: "chapter" | "intro" | "recap" | "credits";
}

export interface ContentCreateBody {
  readonly kind: VideoKind;
  readonly parentId?: string;
  /** Of the season or episode within its parent */
  readonly number?: number;
  /** By language: the title, and what it is about */
  readonly titles: {
    readonly en?: {
      readonly title: string;
      readonly synopsis?: string;
    };
    readonly ko?: {
      readonly title: string;
      readonly synopsis?: string;
    };
  };
  /** The youngest age for which it is suitable */
  readonly rating: number;
  readonly year?: number;
  readonly genres?: readonly string[];
  readonly credits?: readonly {
    readonly personId: string;
    readonly role: CreditRole;
    readonly character?: string;
  }[];
  readonly chapters?: readonly Chapter[];
  /** Where, when and with which plans it may be watched. A season and an episode without any have those above */
  readonly rights?: readonly RightsWindow[];
  readonly offers?: Offers;
}

export interface ContentCreateEncodingBody {
  /** Of the upload. Left out, what is played is encoded again from the upload that it was made of */
  readonly sourceId?: string;
  /** Publish it as soon as it is ready */
  readonly publish?: boolean;
}

export interface ContentCreatePersonBody {
  readonly name: string;
  readonly nameKo?: string;
}

export interface ContentGetNextResult {
  readonly next: VideoSummary | null;
}

export interface ContentGetPosterResult {
  /** A name for the file */
  readonly name: string;
  readonly mediaType: "image/jpeg";
  /** The file in Base64 */
  readonly content: string;
}

export interface ContentListGenresResult {
  readonly items: readonly Genre[];
}

export interface ContentListSubtitlesResult {
  readonly items: readonly Subtitles[];
}

export interface ContentReplayEventsBody {
  readonly since: string;
  readonly type?: string;
  readonly subject?: string;
}

export interface ContentReplayEventsResult {
  readonly count: number;
}

export interface ContentSetGenreBody {
  readonly name: string;
  readonly nameKo: string;
}

export interface ContentSetPosterBody {
  /** Of the upload */
  readonly sourceId: string;
}

export interface ContentSetSubtitlesBody {
  /** Of the upload */
  readonly sourceId: string;
  readonly name?: string;
}

export interface ContentUpdateBody {
  /** Of the season or episode within its parent */
  readonly number?: number;
  /** By language: the title, and what it is about */
  readonly titles?: {
    readonly en?: {
      readonly title: string;
      readonly synopsis?: string;
    };
    readonly ko?: {
      readonly title: string;
      readonly synopsis?: string;
    };
  };
  /** The youngest age for which it is suitable */
  readonly rating?: number;
  readonly year?: number;
  readonly genres?: readonly string[];
  readonly credits?: readonly {
    readonly personId: string;
    readonly role: CreditRole;
    readonly character?: string;
  }[];
  readonly chapters?: readonly Chapter[];
  /** Where, when and with which plans it may be watched. A season and an episode without any have those above */
  readonly rights?: readonly RightsWindow[];
  readonly offers?: Offers;
}

export interface ContentUpdatePersonBody {
  readonly name?: string;
  readonly nameKo?: string;
}

export interface CountryTaxes {
  /** ISO 3166-1 alpha-2 */
  readonly country: string;
  readonly rates: readonly TaxRate[];
}

export interface Coupon {
  readonly id: string;
  readonly code: string;
  readonly kind: CouponKind;
  /** Basis points of the prices: 1500 is 15 % */
  readonly percent?: number;
  /** At most one for each currency */
  readonly amounts: readonly Money[];
  /** Of the prices of an order, by currency; a currency without one has none */
  readonly minimums: readonly Money[];
  /** Only for these products; empty: any */
  readonly productIds: readonly string[];
  /** Only for products of these categories and of their subcategories; empty: any */
  readonly categoryIds: readonly string[];
  /** Together with other coupons that are stackable too */
  readonly stackable: boolean;
  readonly from?: string;
  readonly until?: string;
  readonly most?: number;
  readonly mostPerPerson?: number;
  readonly budget?: Money;
  readonly disabled: boolean;
  /** Uses by orders that are not paid yet */
  readonly held: number;
  /** Uses by orders that are */
  readonly redeemed: number;
  readonly spent?: Money;
  readonly createdAt: string;
  readonly version: number;
}

export type CouponKind = "percent" | "amount" | "free_shipping";

export interface CouponPage {
  readonly items: readonly Coupon[];
  readonly nextCursor: string | null;
}

export interface CreatedApiKey {
  readonly id: string;
  readonly name: string;
  /** How the key begins; this part is no secret */
  readonly prefix: string;
  /** Names of actions such as `product.update`, `product.*` for all of a service, or `*` for all there are */
  readonly permissions: readonly string[];
  readonly createdAt: string;
  readonly expiresAt: string;
  /** To within five minutes */
  readonly usedAt: string | null;
  /** Sent as `Authorization: Bearer`. It is shown this once */
  readonly apiKey: string;
}

export type CreditRole = "director" | "writer" | "actor" | "composer" | "producer";

export interface CutLine {
  readonly productId: string;
  readonly quantity: number;
}

export interface DeviceAuthorization {
  /** Known to the device alone */
  readonly deviceCode: string;
  /** Shown to people; no letters that are mistaken for others, and no vowels */
  readonly userCode: string;
  /** The page on which a person types the code; null when the deployment names none */
  readonly verificationUri: string | null;
  /** The same page with the code, for a QR code */
  readonly verificationUriComplete: string | null;
  /** Seconds */
  readonly expiresIn: number;
  /** Seconds to wait between two questions for tokens */
  readonly interval: number;
}

export interface Difference {
  readonly fields: readonly string[];
  readonly status: "requires_action" | "processing" | "authorized" | "captured" | "declined" | "voided";
  readonly authorized: Money;
  readonly captured: Money;
  readonly refunded: Money;
}

export interface Dispute {
  readonly id: string;
  readonly paymentId: string;
  readonly provider: string;
  /** By which the provider's own pages find it */
  readonly providerId: string;
  readonly amount: Money;
  readonly status: DisputeStatus;
  readonly reason: string | null;
  /** Until when the provider takes evidence */
  readonly dueAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface DisputePage {
  readonly items: readonly Dispute[];
  readonly nextCursor: string | null;
}

export type DisputeStatus = "inquiry" | "needs_response" | "under_review" | "won" | "lost" | "closed";

export interface Encoding {
  readonly id: string;
  readonly state: EncodingState;
  readonly failure: EncodingFailure | null;
  /** What the program said */
  readonly detail: string | null;
  /** Why it does not go on now; it is tried again by itself */
  readonly waitsFor: "DISK_FULL" | "FAILED" | null;
  /** Seconds of film that are encoded, of all rungs together */
  readonly doneSeconds: number;
  /** 0 until the file has been checked */
  readonly totalSeconds: number;
  readonly rungs: readonly {
    readonly height: number;
    readonly doneSeconds: number;
    readonly totalSeconds: number;
  }[];
  readonly createdAt: string;
  readonly endedAt: string | null;
}

export type EncodingFailure = "NOT_A_VIDEO" | "NO_VIDEO_TRACK" | "TOO_LARGE" | "TOO_LONG" | "TRUNCATED" | "UNSUPPORTED" | "BROKEN";

export type EncodingState = "checking" | "encoding" | "done" | "failed" | "cancelled";

/** Beside these the parts by name, such as profile, addresses, sessions, orders, payments, paymentMethods, messages, preferences; what is more than fits goes on at nextCursor */
export interface Export {
  readonly exportedAt: string;
  readonly nextCursor: string | null;
}

export interface Genre {
  readonly code: string;
  readonly name: string;
  readonly nameKo: string;
}

export interface GuestOrder {
  readonly id: string;
  /** What people call the order by */
  readonly number?: string;
  readonly status: OrderStatus;
  readonly items: readonly OrderItem[];
  readonly subtotal: Money;
  readonly discount?: Money;
  readonly shipping: Money;
  readonly tax: Money;
  readonly taxes: readonly TaxShare[];
  readonly shippingRule?: string;
  readonly total: Money;
  readonly coupons?: readonly AppliedCoupon[];
  readonly points?: number;
  readonly payable?: Money;
  readonly paymentId: string | null;
  readonly reason: string | null;
  readonly shippingAddress: ShippingAddress;
  readonly note?: string;
  readonly shipments?: readonly Shipment[];
  readonly createdAt: string;
  readonly version: number;
  /** Send it as Order-Token. It ends when the order is claimed */
  readonly token: string;
}

export interface GuestPayment {
  readonly id: string;
  readonly status: string;
  readonly amount: Money;
  /** Where the guest goes on, such as 3-D Secure */
  readonly nextAction: {
    readonly type: string;
    readonly url: string;
  } | null;
}

export type ImportState = "receiving" | "waiting" | "running" | "done" | "cancelled" | "failed";

export interface Invoice {
  readonly id: string;
  /** Without gaps in its year */
  readonly number: string;
  readonly kind: "invoice" | "credit_note";
  readonly purpose: "start" | "renewal" | "change" | "buy" | "rent" | "refund";
  readonly status: "open" | "paid" | "void" | "uncollectible";
  readonly lines: readonly InvoiceLine[];
  readonly total: Money;
  readonly tax: Money;
  /** Taken of the customer's credit */
  readonly credited: {
    readonly amount: number;
    readonly currency: "KRW" | "JPY" | "USD" | "EUR" | "KWD";
  };
  /** Paid by the payment method */
  readonly due: {
    readonly amount: number;
    readonly currency: "KRW" | "JPY" | "USD" | "EUR" | "KWD";
  };
  readonly refunded: Money;
  /** The invoice that a credit note belongs to */
  readonly corrects: string | null;
  readonly paymentId: string | null;
  readonly billing: BillingDetails | null;
  /** Who sold, line by line */
  readonly seller?: readonly string[];
  readonly issuedAt: string;
  readonly paidAt: string | null;
}

export interface InvoiceLine {
  readonly text: {
    readonly en: string;
    readonly ko: string;
  };
  /** Minor units of the invoice's currency; below 0 for what is given back */
  readonly amount: number;
  /** Basis points of the tax that the amount includes */
  readonly taxRate: number;
  /** Minor units of the invoice's currency; below 0 for what is given back */
  readonly tax: number;
  readonly from: string | null;
  readonly to: string | null;
}

export interface InvoicePage {
  readonly items: readonly Invoice[];
  readonly nextCursor: string | null;
}

export interface JobChangedEvent {
  readonly id: string;
  readonly kind: string;
  readonly key: string | null;
  readonly state: JobState;
  readonly priority: "high" | "normal" | "low";
  readonly nextAt: string | null;
  readonly attempt: number;
  readonly failures: number;
  readonly error: string | null;
  readonly owner: string | null;
  readonly progress: JobProgress | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

export interface JobProgress {
  readonly done: number;
  readonly total?: number;
  readonly position?: string;
}

export type JobState = "waiting" | "running" | "done" | "dead" | "cancelled";

export interface KeptVideo {
  readonly videoId: string;
  readonly profileId: string;
  readonly addedAt: string;
}

export interface KeptVideoPage {
  readonly items: readonly KeptVideo[];
  readonly nextCursor: string | null;
}

export type Language = "en" | "ko";

export interface LikedVideo {
  readonly videoId: string;
  readonly profileId: string;
  readonly likes: boolean;
  readonly updatedAt: string;
}

export interface LikedVideoPage {
  readonly items: readonly LikedVideo[];
  readonly nextCursor: string | null;
}

export interface LoggedNotification {
  readonly id: string;
  readonly userId: string;
  readonly eventId: string;
  readonly channel: "email" | "sms" | "push";
  readonly template: string;
  /** With which it was sent */
  readonly templateVersion: number | null;
  readonly status: "queued" | "sent" | "failed" | "suppressed";
  readonly attempts: number;
  /** The code of the last attempt, or why it was not sent */
  readonly error: string | null;
  readonly provider: string | null;
  readonly createdAt: string;
  readonly sentAt: string | null;
  readonly deliveredAt: string | null;
  readonly nextAttemptAt: string | null;
}

export interface LoggedNotificationPage {
  readonly items: readonly LoggedNotification[];
  readonly nextCursor: string | null;
}

export interface LoggedWebhookDelivery {
  readonly id: string;
  readonly endpointId: string;
  /** Sent as webhook-id: the same at each attempt, so that receivers know a repeat */
  readonly eventId: string;
  readonly type: string;
  readonly status: WebhookDeliveryStatus;
  readonly attempts: number;
  readonly nextAttemptAt: string | null;
  readonly createdAt: string;
  /** The text that was signed and sent */
  readonly body: string;
  /** The last attempts, oldest first */
  readonly log: readonly WebhookAttempt[];
}

export interface MergedCart {
  readonly items: readonly CartLine[];
  readonly subtotal: Money | null;
  readonly expiresAt: string | null;
  readonly version: number;
  /** Units for which there was no room, or that have another currency */
  readonly cut: readonly CutLine[];
}

export interface Money {
  readonly amount: number;
  readonly currency: "KRW" | "JPY" | "USD" | "EUR" | "KWD";
}

export interface Node {
  readonly id: string;
  readonly available: boolean;
  readonly standby: boolean;
  readonly services: readonly string[];
}

export interface NodeState {
  readonly id: string;
  readonly standby: boolean;
  readonly calls: number;
}

export interface Notification {
  readonly id: string;
  readonly channel: "email" | "sms" | "push";
  readonly template: string;
  readonly title: string;
  readonly body: string;
  /** What it is about: an order, or an invoice, a subscription, a product, or something about the account */
  readonly orderId: string;
  readonly status: "queued" | "sent" | "failed" | "suppressed";
  /** Why it was suppressed, such as UNVERIFIED */
  readonly reason: string | null;
  readonly createdAt: string;
  readonly sentAt: string | null;
  /** When its arrival was reported, which text messages have */
  readonly deliveredAt?: string | null;
}

export interface NotificationAddRestockAlertBody {
  /** A product without variants, or one of its variants */
  readonly productId: string;
}

export interface NotificationCreateTemplateVersionBody {
  readonly content: TemplateContent;
  readonly note?: string;
}

export interface NotificationGetJobResult {
  readonly id: string;
  readonly kind: string;
  readonly key: string | null;
  readonly state: JobState;
  readonly priority: "high" | "normal" | "low";
  readonly nextAt: string | null;
  readonly attempt: number;
  readonly failures: number;
  readonly error: string | null;
  readonly owner: string | null;
  readonly progress: JobProgress | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly input: unknown;
  readonly result: unknown;
}

export type NotificationKind = "orders" | "payments" | "subscriptions" | "benefits" | "reminders";

/** By kind and channel; what is not named is as the channel says, and reminders are sent to nobody who has not asked for them. What is urgent is sent all the same: messages about the security of the account, and about a payment that failed */
export interface NotificationKinds {
  readonly orders?: {
    readonly email?: boolean;
    readonly sms?: boolean;
    readonly push?: boolean;
  };
  readonly payments?: {
    readonly email?: boolean;
    readonly sms?: boolean;
    readonly push?: boolean;
  };
  readonly subscriptions?: {
    readonly email?: boolean;
    readonly sms?: boolean;
    readonly push?: boolean;
  };
  readonly benefits?: {
    readonly email?: boolean;
    readonly sms?: boolean;
    readonly push?: boolean;
  };
  readonly reminders?: {
    readonly email?: boolean;
    readonly sms?: boolean;
    readonly push?: boolean;
  };
}

export interface NotificationListDeadLettersResult {
  readonly items: readonly {
    readonly id: string;
    readonly type: string;
    readonly subject: string;
    readonly time: string;
    readonly attempts: number;
    readonly error: string;
    readonly data: unknown;
  }[];
  readonly nextCursor: string | null;
}

export interface NotificationListJobKindsResult {
  readonly items: readonly {
    readonly kind: string;
    readonly summary: string;
    readonly cron: string | null;
    readonly paused: boolean;
    readonly due: number;
    readonly running: number;
    readonly dead: number;
  }[];
}

export interface NotificationListJobsResult {
  readonly items: readonly {
    readonly id: string;
    readonly kind: string;
    readonly key: string | null;
    readonly state: JobState;
    readonly priority: "high" | "normal" | "low";
    readonly nextAt: string | null;
    readonly attempt: number;
    readonly failures: number;
    readonly error: string | null;
    readonly owner: string | null;
    readonly progress: JobProgress | null;
    readonly createdAt: string;
    readonly startedAt: string | null;
    readonly endedAt: string | null;
  }[];
  readonly nextCursor: string | null;
}

export interface NotificationListTemplatesResult {
  readonly items: readonly NotificationTemplate[];
}

export interface NotificationPage {
  readonly items: readonly Notification[];
  readonly nextCursor: string | null;
}

export interface NotificationPreviewTemplateResult {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly summary?: string;
}

export interface NotificationReceiveBounceResult {
  readonly received: true;
}

export interface NotificationReceiveReceiptResult {
  readonly received: true;
}

export interface NotificationSendTestBody {
  /** 0 is the one of the repository */
  readonly version?: number;
  readonly language?: "en" | "ko";
  readonly channel?: "email" | "sms" | "push";
}

export interface NotificationSetActiveVersionBody {
  /** 0 is the one of the repository */
  readonly version: number;
}

export interface NotificationSetPreferencesBody {
  readonly email: boolean;
  readonly sms: boolean;
  readonly push: boolean;
  readonly kinds?: NotificationKinds;
  readonly quietHours?: QuietHours | null;
}

export interface NotificationSubscribeBody {
  readonly endpoint: string;
  readonly expirationTime?: number | null;
  readonly keys: {
    readonly p256dh: string;
    readonly auth: string;
  };
}

export interface NotificationTemplate {
  readonly name: string;
  readonly event: string;
  readonly languages: readonly string[];
  /** 0 is the one of the repository */
  readonly activeVersion?: number;
  /** It is sent whatever its reader has chosen, and at any hour */
  readonly isUrgent?: boolean;
  readonly placeholders?: readonly string[];
  readonly required?: readonly string[];
}

export interface Offers {
  readonly buy?: Money;
  readonly rent?: Money;
  readonly rentHours?: number;
}

export interface OptionValue {
  readonly name: string;
  readonly value: string;
}

export interface Order {
  readonly id: string;
  /** What people call the order by */
  readonly number?: string;
  readonly status: OrderStatus;
  readonly items: readonly OrderItem[];
  readonly subtotal: Money;
  readonly discount?: Money;
  readonly shipping: Money;
  readonly tax: Money;
  readonly taxes: readonly TaxShare[];
  readonly shippingRule?: string;
  readonly total: Money;
  readonly coupons?: readonly AppliedCoupon[];
  readonly points?: number;
  readonly payable?: Money;
  readonly paymentId: string | null;
  readonly reason: string | null;
  readonly shippingAddress: ShippingAddress;
  readonly note?: string;
  readonly shipments?: readonly Shipment[];
  readonly createdAt: string;
  readonly version: number;
}

export interface OrderAddCartLineBody {
  readonly productId: string;
  readonly quantity: number;
}

export interface OrderAddNoteBody {
  readonly text: string;
}

export interface OrderBilling {
  readonly name: string;
  readonly line1: string;
  readonly line2?: string;
  readonly city: string;
  readonly postalCode: string;
  /** ISO 3166-1 alpha-2 */
  readonly country: string;
}

export interface OrderCancelGuestItemsBody {
  readonly items: readonly {
    readonly productId: string;
    readonly quantity: number;
  }[];
}

export interface OrderCancelItemsBody {
  readonly items: readonly {
    readonly productId: string;
    readonly quantity: number;
  }[];
}

export interface OrderCancelledEvent {
  readonly orderId: string;
  readonly userId: string;
  /** What people call the order by */
  readonly number?: string;
  readonly total: Money;
  readonly reason: {
    readonly code: string;
    readonly message: string;
  };
  readonly payment?: "none" | "cancelled" | "refunded";
}

export interface OrderConfirmedEvent {
  readonly orderId: string;
  readonly userId: string;
  /** What people call the order by */
  readonly number?: string;
  readonly shipping?: Money;
  readonly tax?: Money;
  readonly total: Money;
  readonly points?: number;
  readonly payable?: Money;
  readonly items: readonly OrderItem[];
}

export interface OrderCreateBody {
  readonly items?: readonly {
    readonly productId: string;
    readonly quantity: number;
  }[];
  /** Instead of `items`: my cart as I saw it. Placing the order empties it */
  readonly cart?: {
    readonly version: number;
  };
  /** Films, beside `items` or `cart` or alone */
  readonly titles?: readonly RequestedTitle[];
  readonly paymentMethod: string;
  readonly shippingAddress: ShippingAddress;
  readonly quoteId?: string;
  /** Codes of coupons. Case, accents and blanks do not matter */
  readonly coupons?: readonly string[];
  /** The most points to pay with; never more than the total. A quote tells how many can be used. An order without a quote is refused when there are fewer */
  readonly points?: number;
  readonly note?: string;
}

export interface OrderCreateCartResult {
  readonly items: readonly CartLine[];
  readonly subtotal: Money | null;
  readonly expiresAt: string | null;
  readonly version: number;
  /** Send it as Cart-Token */
  readonly token: string;
}

export interface OrderCreateGuestBody {
  /** Instead of `items`: my cart as I saw it. Placing the order empties it */
  readonly cart: {
    readonly version: number;
  };
  /** Films need an account: they are refused */
  readonly titles?: readonly RequestedTitle[];
  readonly email: string;
  readonly paymentMethod: string;
  readonly shippingAddress: ShippingAddress;
  readonly quoteId?: string;
  readonly note?: string;
}

export interface OrderCreateGuestReturnBody {
  readonly items: readonly {
    readonly productId: string;
    readonly quantity: number;
    readonly cause: ReturnCause;
  }[];
  readonly note?: string;
}

export interface OrderCreateReturnBody {
  readonly items: readonly {
    readonly productId: string;
    readonly quantity: number;
    readonly cause: ReturnCause;
  }[];
  readonly note?: string;
}

export interface OrderCreateShipmentBody {
  readonly items?: readonly {
    readonly productId: string;
    readonly quantity: number;
  }[];
  /** A short name of the carrier, as the path of its webhooks has it */
  readonly carrier?: string;
  /** Kept in capital letters */
  readonly trackingNumber?: string;
}

export interface OrderDeliveredEvent {
  readonly orderId: string;
  readonly userId: string;
  /** What people call the order by */
  readonly number?: string;
  readonly shipmentId: string;
  readonly carrier?: string;
  readonly trackingNumber?: string;
  readonly items: readonly {
    readonly productId: string;
    readonly name: string;
    readonly quantity: number;
  }[];
  readonly paid?: Money;
}

export interface OrderDeliveryFailedEvent {
  readonly orderId: string;
  readonly userId: string;
  /** What people call the order by */
  readonly number?: string;
  readonly shipmentId: string;
  readonly carrier?: string;
  readonly trackingNumber?: string;
  readonly items: readonly {
    readonly productId: string;
    readonly name: string;
    readonly quantity: number;
  }[];
}

export interface OrderGetGuestDocumentResult {
  /** A name for the file */
  readonly name: string;
  readonly mediaType: "application/pdf";
  /** The file in Base64 */
  readonly content: string;
}

export interface OrderGetGuestTimelineResult {
  readonly items: readonly TimelineEntry[];
}

export interface OrderGetInvoiceDocumentResult {
  /** A name for the file */
  readonly name: string;
  readonly mediaType: "application/pdf";
  /** The file in Base64 */
  readonly content: string;
}

export interface OrderGetJobResult {
  readonly id: string;
  readonly kind: string;
  readonly key: string | null;
  readonly state: JobState;
  readonly priority: "high" | "normal" | "low";
  readonly nextAt: string | null;
  readonly attempt: number;
  readonly failures: number;
  readonly error: string | null;
  readonly owner: string | null;
  readonly progress: JobProgress | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly input: unknown;
  readonly result: unknown;
}

export interface OrderGetSagaResult {
  readonly id: string;
  readonly version: number;
  readonly status: "active" | "waiting" | "completed" | "compensated" | "parked";
  readonly direction: "forward" | "backward";
  readonly step: number;
  readonly attempt: number;
  readonly reason: string | null;
  readonly nextAt: string | null;
  readonly owner: string | null;
  readonly steps: readonly SagaStep[];
}

export interface OrderGetTimelineResult {
  readonly items: readonly TimelineEntry[];
}

export interface OrderInvoice {
  readonly id: string;
  /** Without gaps in its year, those of credit notes apart */
  readonly number: string;
  readonly kind: "invoice" | "credit_note";
  readonly orderId: string;
  /** What people call the order by */
  readonly orderNumber?: string;
  readonly lines: readonly OrderInvoiceLine[];
  readonly taxes: readonly OrderInvoiceTax[];
  readonly total: Money;
  readonly tax: Money;
  /** The invoice that a credit note belongs to */
  readonly corrects?: string;
  /** The number of that invoice */
  readonly corrected?: string;
  readonly billing?: OrderBilling;
  /** Who sold, line by line */
  readonly seller?: readonly string[];
  readonly issuedAt: string;
}

export interface OrderInvoiceLine {
  readonly text: {
    readonly en: string;
    readonly ko: string;
  };
  readonly quantity?: number;
  readonly unitPrice?: Money;
  /** Minor units of the document's currency; below 0 for a discount */
  readonly amount: number;
}

export interface OrderInvoicePage {
  readonly items: readonly OrderInvoice[];
  readonly nextCursor: string | null;
}

export interface OrderInvoiceTax {
  /** Basis points */
  readonly rate: number;
  /** false: it was added to the prices */
  readonly included: boolean;
  readonly total: Money;
  readonly tax: Money;
}

export interface OrderItem {
  readonly productId: string;
  readonly name: string;
  readonly quantity: number;
  readonly unitPrice: Money;
  readonly lineTotal: Money;
  readonly discount?: Money;
  readonly tax: Money;
  readonly taxRate?: number;
  readonly taxIncluded?: boolean;
  readonly sku?: string;
  readonly optionValues?: readonly {
    readonly name: string;
    readonly value: string;
  }[];
  readonly title?: SoldTitle;
  /** Units sent, whatever became of them since. Absent while there are none */
  readonly shipped?: number;
  /** Units that have arrived, returned ones included. Absent while there are none */
  readonly delivered?: number;
  /** Units lost on their way, which are refunded. Absent while there are none */
  readonly lost?: number;
  /** Units cancelled before they were packed. Absent while there are none */
  readonly cancelled?: number;
  /** Units that have come back. Absent while there are none */
  readonly returned?: number;
}

export interface OrderItemsCancelledEvent {
  readonly orderId: string;
  readonly userId: string;
  /** What people call the order by */
  readonly number?: string;
  readonly items: readonly {
    readonly productId: string;
    readonly name: string;
    readonly quantity: number;
  }[];
  readonly amount: Money;
  readonly points?: number;
  readonly by: "customer" | "shop";
}

export interface OrderListDeadLettersResult {
  readonly items: readonly {
    readonly id: string;
    readonly type: string;
    readonly subject: string;
    readonly time: string;
    readonly attempts: number;
    readonly error: string;
    readonly data: unknown;
  }[];
  readonly nextCursor: string | null;
}

export interface OrderListJobKindsResult {
  readonly items: readonly {
    readonly kind: string;
    readonly summary: string;
    readonly cron: string | null;
    readonly paused: boolean;
    readonly due: number;
    readonly running: number;
    readonly dead: number;
  }[];
}

export interface OrderListJobsResult {
  readonly items: readonly {
    readonly id: string;
    readonly kind: string;
    readonly key: string | null;
    readonly state: JobState;
    readonly priority: "high" | "normal" | "low";
    readonly nextAt: string | null;
    readonly attempt: number;
    readonly failures: number;
    readonly error: string | null;
    readonly owner: string | null;
    readonly progress: JobProgress | null;
    readonly createdAt: string;
    readonly startedAt: string | null;
    readonly endedAt: string | null;
  }[];
  readonly nextCursor: string | null;
}

export interface OrderListSagasResult {
  readonly items: readonly {
    readonly id: string;
    readonly version: number;
    readonly status: "active" | "waiting" | "completed" | "compensated" | "parked";
    readonly direction: "forward" | "backward";
    readonly step: number;
    readonly attempt: number;
    readonly reason: string | null;
    readonly nextAt: string | null;
    readonly owner: string | null;
  }[];
  readonly nextCursor: string | null;
}

export interface OrderListShippingRulesResult {
  readonly items: readonly ShippingRules[];
}

export interface OrderListTaxRatesResult {
  readonly items: readonly CountryTaxes[];
}

export interface OrderPage {
  readonly items: readonly Order[];
  readonly nextCursor: string | null;
}

export interface OrderParkedEvent {
  readonly orderId: string;
  readonly userId: string;
  /** What people call the order by */
  readonly number?: string;
  readonly total: Money;
  readonly reason: {
    readonly code: string;
    readonly message: string;
  };
}

export interface OrderPlacedEvent {
  readonly orderId: string;
  readonly userId: string;
  /** What people call the order by */
  readonly number?: string;
  readonly shipping?: Money;
  readonly tax?: Money;
  readonly total: Money;
  readonly points?: number;
  readonly payable?: Money;
  readonly items: readonly OrderItem[];
}

export interface OrderQuoteBody {
  readonly items?: readonly {
    readonly productId: string;
    readonly quantity: number;
  }[];
  /** Instead of `items`: my cart as I saw it. Placing the order empties it */
  readonly cart?: {
    readonly version: number;
  };
  /** Films, beside `items` or `cart` or alone */
  readonly titles?: readonly RequestedTitle[];
  /** Codes of coupons. Case, accents and blanks do not matter */
  readonly coupons?: readonly string[];
  /** The most points to pay with; never more than the total. A quote tells how many can be used. An order without a quote is refused when there are fewer */
  readonly points?: number;
  /** Where it is to go: taxes and shipping depend on it */
  readonly country?: string;
}

export interface OrderQuoteGuestBody {
  /** Instead of `items`: my cart as I saw it. Placing the order empties it */
  readonly cart: {
    readonly version: number;
  };
  /** Films need an account: they are refused */
  readonly titles?: readonly RequestedTitle[];
  /** ISO 3166-1 alpha-2 */
  readonly country?: string;
}

export interface OrderReceiveTrackingResult {
  readonly received: true;
}

export interface OrderRefundedEvent {
  readonly orderId: string;
  readonly userId: string;
  readonly refundId: string;
  readonly amount: Money;
  readonly points?: number;
  readonly reason: "items_cancelled" | "shipment_lost" | "items_returned";
}

export interface OrderReplayEventsBody {
  readonly since: string;
  readonly type?: string;
  readonly subject?: string;
}

export interface OrderReplayEventsResult {
  readonly count: number;
}

export interface OrderReturnApprovedEvent {
  readonly orderId: string;
  readonly userId: string;
  /** What people call the order by */
  readonly number?: string;
  readonly returnId: string;
  readonly items: readonly {
    readonly productId: string;
    readonly name: string;
    readonly quantity: number;
  }[];
}

export interface OrderReturnRejectedEvent {
  readonly orderId: string;
  readonly userId: string;
  /** What people call the order by */
  readonly number?: string;
  readonly returnId: string;
  readonly items: readonly {
    readonly productId: string;
    readonly name: string;
    readonly quantity: number;
  }[];
}

export interface OrderReturnRequestedEvent {
  readonly orderId: string;
  readonly userId: string;
  /** What people call the order by */
  readonly number?: string;
  readonly returnId: string;
  readonly items: readonly {
    readonly productId: string;
    readonly name: string;
    readonly quantity: number;
  }[];
}

export interface OrderReturnedEvent {
  readonly orderId: string;
  readonly userId: string;
  /** What people call the order by */
  readonly number?: string;
  readonly returnId: string;
  readonly items: readonly {
    readonly productId: string;
    readonly name: string;
    readonly quantity: number;
  }[];
  readonly amount: Money;
  readonly points?: number;
  readonly paid?: Money;
}

export interface OrderSetCartLineBody {
  readonly quantity: number;
}

export interface OrderSetShippingRulesBody {
  readonly rules: readonly ShippingRule[];
}

export interface OrderSetTaxRatesBody {
  readonly rates: readonly TaxRate[];
}

export interface OrderSettleBody {
  readonly status: "confirmed" | "cancelled";
  readonly note: string;
}

export interface OrderShippedEvent {
  readonly orderId: string;
  readonly userId: string;
  /** What people call the order by */
  readonly number?: string;
  readonly shipmentId: string;
  readonly carrier?: string;
  readonly trackingNumber?: string;
  readonly items: readonly {
    readonly productId: string;
    readonly name: string;
    readonly quantity: number;
  }[];
}

export type OrderStatus = "pending" | "confirmed" | "partially_shipped" | "shipped" | "delivered" | "returned" | "cancelled" | "needs_attention";

export interface OrderUpdateReturnBody {
  readonly state: "approved" | "rejected" | "received";
  readonly scrap?: readonly string[];
  readonly answer?: string;
}

export interface OrderUpdateShipmentBody {
  readonly state?: "shipped" | "delivered" | "lost";
  /** A short name of the carrier, as the path of its webhooks has it */
  readonly carrier?: string;
  /** Kept in capital letters */
  readonly trackingNumber?: string;
}

export interface Payment {
  readonly id: string;
  /** Of the order, or of the invoice that `purpose` says it is */
  readonly orderId: string;
  /** What is paid for. An order where it is absent */
  readonly purpose?: "order" | "invoice";
  readonly status: "requires_action" | "processing" | "requires_capture" | "succeeded" | "failed" | "cancelled" | "needs_attention";
  readonly amount: Money;
  readonly captured: Money;
  readonly refunded: Money;
  /** What left with disputes that were lost */
  readonly lost?: {
    readonly amount: number;
    readonly currency: "KRW" | "JPY" | "USD" | "EUR" | "KWD";
  };
  readonly provider: string;
  readonly nextAction: Redirect | null;
  readonly reason: string | null;
  readonly difference: Difference | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface PaymentExportDifferencesResult {
  /** A name for the file */
  readonly name: string;
  readonly mediaType: "text/csv";
  /** A page of the file in Base64 */
  readonly content: string;
  readonly nextCursor: string | null;
}

export interface PaymentExportReportsResult {
  /** A name for the file */
  readonly name: string;
  readonly mediaType: "text/csv";
  /** A page of the file in Base64 */
  readonly content: string;
  readonly nextCursor: string | null;
}

export interface PaymentGetJobResult {
  readonly id: string;
  readonly kind: string;
  readonly key: string | null;
  readonly state: JobState;
  readonly priority: "high" | "normal" | "low";
  readonly nextAt: string | null;
  readonly attempt: number;
  readonly failures: number;
  readonly error: string | null;
  readonly owner: string | null;
  readonly progress: JobProgress | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly input: unknown;
  readonly result: unknown;
}

export interface PaymentListDeadLettersResult {
  readonly items: readonly {
    readonly id: string;
    readonly type: string;
    readonly subject: string;
    readonly time: string;
    readonly attempts: number;
    readonly error: string;
    readonly data: unknown;
  }[];
  readonly nextCursor: string | null;
}

export interface PaymentListJobKindsResult {
  readonly items: readonly {
    readonly kind: string;
    readonly summary: string;
    readonly cron: string | null;
    readonly paused: boolean;
    readonly due: number;
    readonly running: number;
    readonly dead: number;
  }[];
}

export interface PaymentListJobsResult {
  readonly items: readonly {
    readonly id: string;
    readonly kind: string;
    readonly key: string | null;
    readonly state: JobState;
    readonly priority: "high" | "normal" | "low";
    readonly nextAt: string | null;
    readonly attempt: number;
    readonly failures: number;
    readonly error: string | null;
    readonly owner: string | null;
    readonly progress: JobProgress | null;
    readonly createdAt: string;
    readonly startedAt: string | null;
    readonly endedAt: string | null;
  }[];
  readonly nextCursor: string | null;
}

export interface PaymentMethod {
  readonly id: string;
  readonly provider: string;
  readonly brand: string;
  readonly last4: string;
  readonly createdAt: string;
}

export interface PaymentMethodPage {
  readonly items: readonly PaymentMethod[];
  readonly nextCursor: string | null;
}

export interface PaymentPage {
  readonly items: readonly Payment[];
  readonly nextCursor: string | null;
}

export interface PaymentReceiveWebhookResult {
  readonly received: true;
}

export interface PaymentRefundBody {
  readonly amount: {
    readonly amount: number;
    readonly currency: "KRW" | "JPY" | "USD" | "EUR" | "KWD";
  };
  readonly reason: string;
}

export interface PaymentReplayEventsBody {
  readonly since: string;
  readonly type?: string;
  readonly subject?: string;
}

export interface PaymentReplayEventsResult {
  readonly count: number;
}

export interface PaymentReport {
  readonly id: string;
  readonly provider: string;
  /** In UTC */
  readonly day: string;
  /** What the provider lists, in minor units */
  readonly totals: readonly ReportTotal[];
  /** That were found */
  readonly differences: number;
  readonly createdAt: string;
}

export interface PaymentReportPage {
  readonly items: readonly PaymentReport[];
  readonly nextCursor: string | null;
}

export interface PaymentSaveMethodBody {
  readonly token: string;
}

export interface PaymentSettleDifferenceBody {
  readonly note: string;
}

export interface PendingDevice {
  /** What the device calls itself */
  readonly name: string;
  readonly createdAt: string;
  readonly expiresAt: string;
}

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly nameKo: string | null;
}

export interface PersonPage {
  readonly items: readonly Person[];
  readonly nextCursor: string | null;
}

export interface Plan {
  readonly id: string;
  /** Never changes */
  readonly code: string;
  /** How often it is paid */
  readonly interval: "month" | "year";
  readonly name: {
    readonly en: string;
    readonly ko: string;
  };
  readonly price: Money;
  /** Basis points of the tax that the price includes */
  readonly taxRate: number;
  /** Devices that play at once */
  readonly maxStreams: number;
  /** Lines of the best picture */
  readonly maxHeight: number;
  /** Where it is offered; empty for everywhere */
  readonly regions: readonly string[];
  /** For who had no trial before */
  readonly trialDays: number;
  readonly createdAt: string;
  readonly archivedAt: string | null;
  readonly version: number;
}

export interface PlanChangePreview {
  readonly plan: Plan;
  readonly lines: readonly InvoiceLine[];
  /** To be paid now */
  readonly due: {
    readonly amount: number;
    readonly currency: "KRW" | "JPY" | "USD" | "EUR" | "KWD";
  };
  /** Taken of the customer's credit */
  readonly credited: {
    readonly amount: number;
    readonly currency: "KRW" | "JPY" | "USD" | "EUR" | "KWD";
  };
  /** Kept as credit for what comes */
  readonly credit: {
    readonly amount: number;
    readonly currency: "KRW" | "JPY" | "USD" | "EUR" | "KWD";
  };
  readonly periodEnd: string;
  /** Sent with the change, the price holds */
  readonly previewedAt: string;
}

export interface PlanPage {
  readonly items: readonly Plan[];
  readonly nextCursor: string | null;
}

export interface PlaybackChapter {
  readonly from: number;
  readonly until: number;
  readonly title: string;
  readonly kind: string;
}

export interface PlaybackCreateSessionBody {
  readonly profileId: string;
  readonly videoId: string;
  readonly deviceId?: string;
  readonly device?: string;
  readonly pin?: string;
  readonly fromStart?: boolean;
  readonly replaces?: string;
}

export interface PlaybackListDeadLettersResult {
  readonly items: readonly {
    readonly id: string;
    readonly type: string;
    readonly subject: string;
    readonly time: string;
    readonly attempts: number;
    readonly error: string;
    readonly data: unknown;
  }[];
  readonly nextCursor: string | null;
}

export interface PlaybackRefreshSessionBody {
  readonly positionMs?: number;
  readonly sequence: number;
}

export interface PlaybackRefreshSessionResult {
  readonly leaseUntil: string;
  readonly heartbeatMs: number;
}

export interface PlaybackRemoveSessionBody {
  readonly positionMs?: number;
  readonly sequence?: number;
}

export interface PlaybackReplayEventsBody {
  readonly since: string;
  readonly type?: string;
  readonly subject?: string;
}

export interface PlaybackReplayEventsResult {
  readonly count: number;
}

export interface PlaybackSession {
  readonly id: string;
  readonly videoId: string;
  readonly profileId: string;
  readonly title: string;
  readonly device: string;
  readonly startedAt: string;
  readonly leaseUntil: string;
}

export interface PlaybackSessionPage {
  readonly items: readonly PlaybackSession[];
  readonly nextCursor: string | null;
}

export interface PlaybackSetLikeBody {
  readonly likes: boolean;
}

export interface Points {
  /** What can be used. It is never below 0 */
  readonly balance: number;
  /** What orders hold that are not paid yet */
  readonly held: number;
  /** What had to be taken back after it was used. What comes next pays it */
  readonly owed: number;
  /** The balance by the time at which it expires, the earliest first, at most twelve */
  readonly expiring: readonly {
    readonly points: number;
    readonly expiresAt: string;
  }[];
}

export interface PointsEntry {
  readonly id: string;
  readonly reason: PointsReason;
  /** Below 0 for what was taken */
  readonly points: number;
  readonly orderId?: string;
  /** Why staff gave or took them */
  readonly note?: string;
  readonly createdAt: string;
}

export interface PointsEntryPage {
  readonly items: readonly PointsEntry[];
  readonly nextCursor: string | null;
}

export type PointsReason = "earned" | "adjusted" | "used" | "redeemed" | "returned" | "taken_back" | "expired" | "account_closed";

export interface Preferences {
  readonly email: boolean;
  readonly sms: boolean;
  readonly push: boolean;
  readonly kinds?: NotificationKinds;
  readonly quietHours?: QuietHours | null;
  readonly version: number;
}

export interface Price {
  readonly price: Money;
  /** null: from the beginning */
  readonly from: string | null;
  /** null: until further notice */
  readonly until: string | null;
  readonly setAt: string;
}

export interface PricePage {
  readonly items: readonly Price[];
  readonly nextCursor: string | null;
}

/** RFC 9457. What an error tells beyond this stands beside these fields. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly instance: string;
  readonly traceId: string;
  readonly errors?: readonly Violation[];
}

export interface Product {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly language: Language;
  /** The product in addresses that people read; null for some seconds at products of an earlier release */
  readonly slug: string | null;
  readonly categoryId: string | null;
  readonly price: Money;
  readonly highestPrice?: Money;
  /** Basis points of the tax that the price includes */
  readonly taxRate: number;
  /** Units that can be ordered now, of all variants together */
  readonly sellable: number;
  /** Its stock keeping unit */
  readonly sku?: string;
  /** It is sold in variants alone, which have one value of each */
  readonly options?: readonly ProductOption[];
  /** The product of which it is a variant */
  readonly variantOf?: string;
  /** What a variant is of each option */
  readonly optionValues?: readonly OptionValue[];
  /** Pictures in their order; absent when there are none */
  readonly images?: readonly ProductImage[];
  /** Whatever the shop keeps beside it, which means nothing to the platform */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly createdAt: string;
  readonly version: number;
}

export interface ProductAddImageBody {
  /** The file in Base64 */
  readonly content: string | Uint8Array | Blob;
  /** What it shows, for those who do not see it; empty for an ornament */
  readonly alt?: string;
}

export interface ProductAddImportPartBody {
  /** This part of the file in Base64: UTF-8 with the names of the columns in its first line */
  readonly content: string | Uint8Array | Blob;
  /** true: more parts follow, and the import waits for them */
  readonly isPart?: boolean;
}

export interface ProductAdjustStockBody {
  readonly quantity: number;
  readonly reason: string;
}

export interface ProductCreateBody {
  readonly name: string;
  readonly description: string;
  readonly categoryId?: string | null;
  readonly price: Money;
  /** Basis points of the tax that the price includes */
  readonly taxRate?: number;
  readonly stock?: number;
  /** The stock keeping unit, which no other product on sale has */
  readonly sku?: string;
  /** Whatever the shop keeps beside it, which means nothing to the platform */
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface ProductCreateCategoryBody {
  readonly name: string;
  readonly parentId?: string | null;
}

export interface ProductCreateImportBody {
  /** This part of the file in Base64: UTF-8 with the names of the columns in its first line */
  readonly content: string | Uint8Array | Blob;
  /** true: more parts follow, and the import waits for them */
  readonly isPart?: boolean;
}

export interface ProductCreateVariantBody {
  /** One value of each option, in their order */
  readonly values: readonly string[];
  /** The stock keeping unit, which no other product on sale has */
  readonly sku: string;
  readonly price?: Money;
  readonly stock?: number;
  /** Whatever the shop keeps beside it, which means nothing to the platform */
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface ProductCreateVariantsBody {
  /** Its variants are numbered behind it */
  readonly skuPrefix: string;
  readonly price?: Money;
  readonly stock?: number;
}

export interface ProductExportProductsResult {
  /** A name for the file */
  readonly name: string;
  readonly mediaType: "text/csv";
  /** A page of the file in Base64 */
  readonly content: string;
  readonly nextCursor: string | null;
}

export interface ProductFacets {
  readonly total: {
    /** Products */
    readonly count: number;
    /** false: more than 1,000 products have the words and may pass the filters. The newest 1,000 are counted, so show `more than` */
    readonly isExact: boolean;
  };
  readonly categories: {
    readonly items: readonly {
      readonly id: string;
      readonly name: string;
      readonly parentId: string | null;
      /** Products in it and below it, under the other filters */
      readonly count: number;
    }[];
    /** false: more than 1,000 products have the words and may pass the filters. The newest 1,000 are counted, so show `more than` */
    readonly isExact: boolean;
  };
  readonly prices: {
    readonly items: readonly {
      readonly minPrice: number;
      readonly maxPrice: number;
      /** Products of these prices, under the other filters */
      readonly count: number;
    }[];
    /** false: more than 1,000 products have the words and may pass the filters. The newest 1,000 are counted, so show `more than` */
    readonly isExact: boolean;
  };
  readonly inStock: {
    /** Products that can be ordered now, under the other filters */
    readonly count: number;
    /** false: more than 1,000 products have the words and may pass the filters. The newest 1,000 are counted, so show `more than` */
    readonly isExact: boolean;
  };
}

export interface ProductGetAvifResult {
  /** A name for the file */
  readonly name: string;
  readonly mediaType: "image/avif";
  /** The file in Base64 */
  readonly content: string;
}

export interface ProductGetImportReportResult {
  /** A name for the file */
  readonly name: string;
  readonly mediaType: "text/csv";
  /** A page of the file in Base64 */
  readonly content: string;
  readonly nextCursor: string | null;
}

export interface ProductGetJobResult {
  readonly id: string;
  readonly kind: string;
  readonly key: string | null;
  readonly state: JobState;
  readonly priority: "high" | "normal" | "low";
  readonly nextAt: string | null;
  readonly attempt: number;
  readonly failures: number;
  readonly error: string | null;
  readonly owner: string | null;
  readonly progress: JobProgress | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly input: unknown;
  readonly result: unknown;
}

export interface ProductGetWebpResult {
  /** A name for the file */
  readonly name: string;
  readonly mediaType: "image/webp";
  /** The file in Base64 */
  readonly content: string;
}

export interface ProductImage {
  readonly id: string;
  /** What it shows, for those who do not see it */
  readonly alt: string;
  /** Pixels of the upload */
  readonly width: number;
  readonly height: number;
  /** Of the upload: files are named by it */
  readonly hash: string;
  /** Pixels across, in which it can be had */
  readonly widths: readonly number[];
}

export interface ProductImport {
  /** Also the id of its job, which shows its progress live and cancels it */
  readonly id: string;
  readonly state: ImportState;
  /** Parts of the file that have come */
  readonly parts: number;
  /** Products that are new */
  readonly created: number;
  /** Products that were others before */
  readonly changed: number;
  /** Rows that the report lists, of which nothing was imported */
  readonly refused: number;
  /** Rows that were read */
  readonly rows: number;
  readonly createdAt: string;
}

export interface ProductListCategoryTranslationsResult {
  readonly items: readonly CategoryTranslation[];
}

export interface ProductListJobKindsResult {
  readonly items: readonly {
    readonly kind: string;
    readonly summary: string;
    readonly cron: string | null;
    readonly paused: boolean;
    readonly due: number;
    readonly running: number;
    readonly dead: number;
  }[];
}

export interface ProductListJobsResult {
  readonly items: readonly {
    readonly id: string;
    readonly kind: string;
    readonly key: string | null;
    readonly state: JobState;
    readonly priority: "high" | "normal" | "low";
    readonly nextAt: string | null;
    readonly attempt: number;
    readonly failures: number;
    readonly error: string | null;
    readonly owner: string | null;
    readonly progress: JobProgress | null;
    readonly createdAt: string;
    readonly startedAt: string | null;
    readonly endedAt: string | null;
  }[];
  readonly nextCursor: string | null;
}

export interface ProductListTranslationsResult {
  readonly items: readonly ProductTranslation[];
}

export interface ProductOption {
  readonly id: string;
  readonly name: string;
  readonly values: readonly {
    readonly id: string;
    readonly value: string;
  }[];
}

export interface ProductPage {
  readonly items: readonly Product[];
  readonly nextCursor: string | null;
}

export interface ProductReplayEventsBody {
  readonly since: string;
  readonly type?: string;
  readonly subject?: string;
}

export interface ProductReplayEventsResult {
  readonly count: number;
}

export interface ProductSetCategoryTranslationBody {
  readonly name: string;
}

export interface ProductSetImagesBody {
  /** All of them */
  readonly imageIds: readonly string[];
}

export interface ProductSetOptionsBody {
  /** In their order; one with an `id` keeps it under another name, and no options end the sale in variants */
  readonly options: readonly {
    readonly id?: string;
    readonly name: string;
    readonly values: readonly {
      readonly id?: string;
      readonly value: string;
    }[];
  }[];
}

export interface ProductSetPriceBody {
  readonly price: Money;
  readonly from?: string;
  readonly until?: string;
}

export interface ProductSetStockThresholdBody {
  /** null: the shop's setting */
  readonly lowAt: number | null;
}

export interface ProductSetTranslationBody {
  readonly name: string;
  readonly description?: string;
  /** What options and their values are called, by their ids */
  readonly options?: readonly {
    readonly id: string;
    readonly text: string;
  }[];
  /** What its pictures show, by their ids */
  readonly images?: readonly {
    readonly id: string;
    readonly text: string;
  }[];
}

export interface ProductTranslation {
  readonly language: Language;
  readonly name: string;
  readonly description: string | null;
  readonly options: readonly {
    readonly id: string;
    readonly text: string;
  }[];
  readonly images: readonly {
    readonly id: string;
    readonly text: string;
  }[];
}

export interface ProductUpdateBody {
  readonly name?: string;
  readonly description?: string;
  readonly slug?: string;
  readonly categoryId?: string | null;
  /** Basis points of the tax that the price includes */
  readonly taxRate?: number;
  /** The stock keeping unit, which no other product on sale has */
  readonly sku?: string;
  /** Whatever the shop keeps beside it, which means nothing to the platform */
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface ProductUpdateCategoryBody {
  readonly name?: string;
  readonly parentId?: string | null;
}

export interface ProductUpdateImageBody {
  /** What it shows, for those who do not see it; empty for an ornament */
  readonly alt: string;
}

export interface Profile {
  readonly id: string;
  readonly name: string;
  readonly language: "en" | "ko";
  readonly isKids: boolean;
  /** The age that films are rated for */
  readonly maxRating: number | null;
  /** A locked profile plays with its PIN. A child's is changed with it */
  readonly hasPin: boolean;
  readonly createdAt: string;
  readonly version: number;
}

export interface ProfilePage {
  readonly items: readonly Profile[];
  readonly nextCursor: string | null;
}

export interface Purchase {
  readonly id: string;
  readonly videoId: string;
  readonly kind: "buy" | "rent";
  readonly status: "pending" | "granted" | "ended" | "refused" | "returned";
  /** By which it is paid: its invoice, or the order that `orderId` names */
  readonly invoiceId: string;
  /** When a rental ends */
  readonly until: string | null;
  readonly createdAt: string;
  /** Of the shop's order with which it came */
  readonly orderId?: string;
}

export interface PurchasePage {
  readonly items: readonly Purchase[];
  readonly nextCursor: string | null;
}

export interface PushKey {
  /** For `applicationServerKey`, in Base64url; null where push messages are not sent */
  readonly publicKey: string | null;
}

export interface PushSubscription {
  readonly id: string;
  readonly endpoint: string;
  readonly createdAt: string;
}

export interface PushSubscriptionPage {
  readonly items: readonly PushSubscription[];
  readonly nextCursor: string | null;
}

/** Text and push messages wait until they are over, unless they are urgent. E-mails make no noise and are sent */
export interface QuietHours {
  readonly from: string;
  readonly to: string;
  readonly timeZone: string;
}

export interface Quote {
  readonly id: string;
  readonly items: readonly OrderItem[];
  readonly subtotal: Money;
  readonly discount?: Money;
  readonly shipping: Money;
  readonly tax: Money;
  readonly taxes: readonly TaxShare[];
  readonly shippingRule?: string;
  readonly total: Money;
  readonly coupons?: readonly AppliedCoupon[];
  readonly points?: number;
  readonly payable?: Money;
  readonly expiresAt: string;
}

export interface RecoveryCodes {
  /** Shown this once; each is good for one sign-in */
  readonly recoveryCodes: readonly string[];
}

export interface Redirect {
  readonly type: "redirect";
  readonly url: string;
}

export interface Refund {
  readonly id: string;
  readonly paymentId: string;
  readonly amount: Money;
  readonly status: "pending" | "succeeded" | "failed";
  readonly reason: string;
  readonly createdAt: string;
}

export interface RefundPage {
  readonly items: readonly Refund[];
  readonly nextCursor: string | null;
}

export interface RefusedCapture {
  readonly id: string;
  readonly orderId: string;
  /** What people call the order by */
  readonly orderNumber?: string;
  /** null: the rest of a payment, of which no parcel waits */
  readonly shipmentId: string | null;
  readonly amount: Money;
  /** A code */
  readonly reason: string;
  /** The parcel still waits, and nobody has tried it again */
  readonly isOpen: boolean;
  readonly createdAt: string;
  readonly refusedAt: string;
}

export interface RefusedCapturePage {
  readonly items: readonly RefusedCapture[];
  readonly nextCursor: string | null;
}

export interface ReportDifference {
  readonly id: string;
  /** In UTC */
  readonly day: string;
  /** `unknown`: we have no payment of the charge. `missing`: the provider does not have the charge */
  readonly kind: "unknown" | "missing" | "amounts";
  readonly provider: string;
  /** By which the provider's own pages find it */
  readonly charge: string;
  readonly paymentId: string | null;
  readonly currency: "KRW" | "JPY" | "USD" | "EUR" | "KWD";
  /** In our books, in minor units */
  readonly ours: {
    readonly captured: number;
    readonly refunded: number;
  };
  /** In the provider's, in minor units */
  readonly theirs: {
    readonly captured: number;
    readonly refunded: number;
  };
  readonly note: string | null;
  readonly createdAt: string;
  readonly settledAt: string | null;
}

export interface ReportDifferencePage {
  readonly items: readonly ReportDifference[];
  readonly nextCursor: string | null;
}

export interface ReportTotal {
  readonly currency: "KRW" | "JPY" | "USD" | "EUR" | "KWD";
  readonly captured: number;
  readonly refunded: number;
  readonly disputed: number;
  /** Null where the provider does not list them */
  readonly fees: number | null;
}

export interface RequestedTitle {
  readonly videoId: string;
  readonly kind: "buy" | "rent";
}

export interface RestockAlert {
  readonly id: string;
  readonly productId: string;
  readonly createdAt: string;
}

export interface RestockAlertPage {
  readonly items: readonly RestockAlert[];
  readonly nextCursor: string | null;
}

export interface RetriedWebhookDeliveries {
  readonly retried: number;
}

export interface Return {
  readonly id: string;
  readonly orderId: string;
  readonly state: ReturnState;
  readonly items: readonly ReturnItem[];
  readonly note?: string;
  readonly answer?: string;
  readonly amount?: Money;
  readonly points?: number;
  readonly createdAt: string;
  readonly version: number;
}

export type ReturnCause = "damaged" | "wrong_item" | "not_as_described" | "unwanted" | "other";

export interface ReturnItem {
  readonly productId: string;
  readonly quantity: number;
  readonly cause: ReturnCause;
  readonly outcome?: ReturnOutcome;
}

export type ReturnOutcome = "restock" | "scrap";

export interface ReturnPage {
  readonly items: readonly Return[];
  readonly nextCursor: string | null;
}

export type ReturnState = "requested" | "approved" | "received" | "refunded" | "rejected";

/** From its beginning on, and before its end */
export interface RightsWindow {
  /** Without it: everywhere */
  readonly regions?: readonly string[];
  /** Without it: all plans */
  readonly plans?: readonly string[];
  readonly from?: string;
  readonly until?: string;
}

export type Role = "customer" | "staff" | "admin";

export interface SagaStep {
  readonly step: string;
  readonly direction: "forward" | "backward";
  readonly state: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly detail: string | null;
}

export interface SandboxCharge {
  readonly id: string;
  readonly reference: string;
  readonly status: "requires_action" | "processing" | "authorized" | "captured" | "declined" | "voided";
  readonly authorized: Money;
  readonly captured: Money;
  readonly refunded: Money;
}

export interface SandboxChargePage {
  readonly items: readonly SandboxCharge[];
  readonly nextCursor: string | null;
}

export interface SecondFactor {
  readonly enabledAt: string | null;
  readonly recoveryCodesLeft: number;
  /** Without it, my account has the rights of customers only */
  readonly isRequired: boolean;
}

export interface SecondFactorEnrolment {
  /** In base 32, to be typed into an app */
  readonly secret: string;
  /** The same as `otpauth://`, to be shown as a QR code */
  readonly uri: string;
}

export interface Session {
  readonly id: string;
  /** What the device calls itself, or its browser and system, such as `Chrome, Windows` */
  readonly device: string | null;
  /** From where it signed in, roughly: the first bits of its address */
  readonly network: string | null;
  readonly createdAt: string;
  /** When it was last used, to about fifteen minutes */
  readonly refreshedAt: string;
  readonly expiresAt: string;
  /** True for the session that asks */
  readonly isCurrent: boolean;
}

export interface SessionPage {
  readonly items: readonly Session[];
  readonly nextCursor: string | null;
}

export interface Shipment {
  readonly id: string;
  readonly orderId: string;
  readonly state: ShipmentState;
  readonly carrier: string | null;
  readonly trackingNumber: string | null;
  readonly items: readonly ShipmentItem[];
  readonly createdAt: string;
  readonly shippedAt: string | null;
  readonly endedAt: string | null;
  readonly version: number;
}

export interface ShipmentItem {
  readonly productId: string;
  readonly quantity: number;
}

export type ShipmentState = "packed" | "shipped" | "delivered" | "lost";

export interface ShippingAddress {
  readonly name: string;
  readonly line1: string;
  readonly line2?: string;
  readonly city: string;
  readonly postalCode: string;
  /** ISO 3166-1 alpha-2 */
  readonly country: string;
  readonly phone?: string;
}

export interface ShippingRule {
  readonly name: string;
  /** Without it, for every country that has no rule of its own */
  readonly country?: string;
  /** One step is a flat fee; a last one without a fee is free shipping from there on */
  readonly steps: readonly ShippingStep[];
}

export interface ShippingRules {
  readonly currency: "KRW" | "JPY" | "USD" | "EUR" | "KWD";
  readonly rules: readonly ShippingRule[];
}

export interface ShippingStep {
  /** The subtotal, in minor units, from which on the fee is this */
  readonly from: number;
  /** Minor units */
  readonly fee: number;
}

export interface ShortStock {
  readonly productId: string;
  readonly sku?: string;
  /** The product of which it is a variant */
  readonly variantOf?: string;
  readonly name: string;
  readonly isSoldOut: boolean;
  /** Units that can be ordered now */
  readonly sellable: number;
}

export interface ShortStockPage {
  readonly items: readonly ShortStock[];
  readonly nextCursor: string | null;
}

/** Of a film, whose `videoId` is then the `productId`. Absent for goods */
export interface SoldTitle {
  readonly kind: "buy" | "rent";
  /** For which it is rented, from when it is granted */
  readonly hours?: number;
  /** When its rights end */
  readonly until?: string;
}

export interface StaffNote {
  readonly id: string;
  readonly authorId: string;
  readonly text: string;
  readonly createdAt: string;
}

export interface StaffNotePage {
  readonly items: readonly StaffNote[];
  readonly nextCursor: string | null;
}

export interface StaffPermissions {
  readonly id: string;
  /** Names of actions such as `product.update`, `product.*` for all of a service, or `*` for all there are */
  readonly permissions: readonly string[];
  readonly version: number;
}

export interface StartedPlayback {
  readonly id: string;
  readonly videoId: string;
  readonly profileId: string;
  readonly title: string;
  readonly device: string;
  readonly startedAt: string;
  readonly leaseUntil: string;
  /** The playlist; relative to the API's address when an edge is there */
  readonly manifestUrl: string;
  /** A WebVTT track of pictures for the time line */
  readonly thumbnailsUrl: string;
  /** For `POST /playback/telemetry/{token}` */
  readonly telemetryToken: string;
  readonly expiresAt: string;
  readonly durationMs: number;
  /** Where to go on */
  readonly resumeMs: number;
  readonly chapters: readonly PlaybackChapter[];
  readonly next: string | null;
  /** Milliseconds from one heartbeat to the next */
  readonly heartbeatMs: number;
}

export interface Stock {
  /** Units in the warehouse */
  readonly onHand: number;
  /** Of these, units reserved for orders */
  readonly held: number;
  /** Units that can be ordered now */
  readonly sellable: number;
}

export interface StockMovement {
  readonly kind: "initial" | "adjustment" | "reserve" | "release" | "expire" | "commit" | "return";
  /** Change of the units in the warehouse */
  readonly onHand: number;
  /** Change of the reserved units */
  readonly held: number;
  readonly orderId: string | null;
  readonly reason: string | null;
  readonly at: string;
}

export interface StockMovementPage {
  readonly items: readonly StockMovement[];
  readonly nextCursor: string | null;
}

export interface StockThreshold {
  /** The most sellable units of which `product.stock_dropped` tells; 0 for never */
  readonly lowAt: number;
  /** true: the shop's setting, PRODUCT_STOCK_LOW */
  readonly isDefault: boolean;
}

export interface Subscription {
  readonly id: string;
  readonly plan: Plan;
  readonly status: "pending" | "trialing" | "active" | "past_due" | "paused" | "cancelled";
  readonly price: Money;
  /** How often it is paid */
  readonly interval: "month" | "year";
  readonly periodStart: string;
  readonly periodEnd: string;
  readonly trialEnd: string | null;
  readonly cancelAtPeriodEnd: boolean;
  /** When a paused one goes on by itself */
  readonly resumesAt: string | null;
  /** When an overdue payment is tried again */
  readonly nextAttemptAt: string | null;
  readonly endedAt: string | null;
  /** Whether a payment of it is under way */
  readonly billing: "settled" | "paying";
  /** Why it was cancelled, as a code */
  readonly reason: string | null;
  readonly createdAt: string;
  readonly version: number;
}

export interface Subtitles {
  /** RFC 5646 */
  readonly language: string;
  /** What players call it; the name of the language without it */
  readonly name: string | null;
  readonly createdAt: string;
}

export interface Suppression {
  readonly id: string;
  readonly channel: "email" | "sms" | "push";
  /** BOUNCED, COMPLAINED, or the code with which a provider refused the address */
  readonly reason: string;
  readonly createdAt: string;
}

export interface SuppressionPage {
  readonly items: readonly Suppression[];
  readonly nextCursor: string | null;
}

export interface TaxRate {
  /** Basis points */
  readonly rate: number;
  /** true: prices include it; false: it is added to them */
  readonly included: boolean;
  /** Only for products whose own rate is this, such as what is taxed less at home; without it, for all others */
  readonly homeRate?: number;
}

export interface TaxShare {
  /** Basis points */
  readonly rate: number;
  /** false: it was added to the prices */
  readonly included: boolean;
  readonly base: Money;
  readonly tax: Money;
}

export interface TemplateContent {
  readonly en: TemplateWords;
  readonly ko: TemplateWords;
}

export interface TemplateTest {
  readonly id: string;
  readonly channel: "email" | "sms" | "push";
  /** 0 is the one of the repository */
  readonly version: number;
}

export interface TemplateVersion {
  readonly name: string;
  /** 0 is the one of the repository */
  readonly version: number;
  readonly isActive: boolean;
  readonly note: string | null;
  readonly author: string | null;
  readonly createdAt: string;
}

export interface TemplateVersionPage {
  readonly items: readonly TemplateVersion[];
  readonly nextCursor: string | null;
}

export interface TemplateWords {
  readonly subject: string;
  /** The whole message in one sentence, for a text or push message */
  readonly summary: string;
  readonly paragraphs: readonly string[];
}

export interface TestClock {
  readonly userId: string;
  readonly now: string;
  readonly target: string | null;
  readonly status: "ready" | "advancing";
}

export interface TimelineEntry {
  readonly at: string;
  readonly step: string;
  readonly state: string;
  readonly detail?: string;
}

export interface Tokens {
  /** Sent as `Authorization: Bearer`; valid for 15 minutes, and no longer than its session */
  readonly accessToken: string;
  /** Good for one refresh; asked again within ten seconds it answers the same new one, later it ends its sign-in */
  readonly refreshToken: string;
  readonly tokenType: "Bearer";
  /** Seconds */
  readonly expiresIn: number;
}

export interface Unsubscription {
  readonly kind: NotificationKind;
  readonly isWanted: boolean;
}

export interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly phone: string | null;
  readonly language: "en" | "ko";
  readonly roles: readonly Role[];
  readonly createdAt: string;
  /** Until the address is verified, nothing about orders is sent to it */
  readonly emailVerified: boolean;
  readonly version: number;
}

export interface UserAddAddressBody {
  readonly name: string;
  readonly line1: string;
  readonly line2?: string;
  readonly city: string;
  readonly postalCode: string;
  /** ISO 3166-1 alpha-2 */
  readonly country: string;
  readonly phone?: string;
  /** At most one address is the default; the latest choice holds */
  readonly isDefault?: boolean;
}

export interface UserAddCouponBody {
  /** Case, accents and blanks do not matter */
  readonly code: string;
  readonly kind: CouponKind;
  /** Basis points of the prices: 1500 is 15 % */
  readonly percent?: number;
  /** At most one for each currency */
  readonly amounts?: readonly Money[];
  /** Of the prices of an order, by currency; a currency without one has none */
  readonly minimums?: readonly Money[];
  /** Only for these products; empty: any */
  readonly productIds?: readonly string[];
  /** Only for products of these categories and of their subcategories; empty: any */
  readonly categoryIds?: readonly string[];
  /** Together with other coupons that are stackable too */
  readonly stackable?: boolean;
  readonly from?: string;
  readonly until?: string;
  readonly most?: number;
  readonly mostPerPerson?: number;
  /** What it may take off all orders together. It is good for orders in this currency alone */
  readonly budget?: {
    readonly amount: number;
    readonly currency: "KRW" | "JPY" | "USD" | "EUR" | "KWD";
  };
}

export interface UserAddSecondFactorBody {
  readonly password: string;
}

export interface UserAdjustPointsBody {
  /** Below 0 to take. No more is taken than there is */
  readonly points: number;
  readonly note: string;
}

export interface UserApproveDeviceBody {
  readonly approved: boolean;
}

export interface UserAuthorizeDeviceBody {
  readonly name: string;
}

export interface UserChangeEmailBody {
  readonly email: string;
  readonly password: string;
}

export interface UserChangePasswordBody {
  readonly currentPassword: string;
  readonly newPassword: string;
}

export interface UserConfirmEmailBody {
  readonly linkToken: string;
}

export interface UserConfirmSecondFactorBody {
  readonly appCode: string;
}

export interface UserCreateApiKeyBody {
  readonly name: string;
  /** Names of actions such as `product.update`, `product.*` for all of a service, or `*` for all there are */
  readonly permissions: readonly string[];
  readonly expiresAt: string;
}

export interface UserEditAddressBody {
  readonly name?: string;
  readonly line1?: string;
  readonly line2?: string | null;
  readonly city?: string;
  readonly postalCode?: string;
  /** ISO 3166-1 alpha-2 */
  readonly country?: string;
  readonly phone?: string | null;
  /** At most one address is the default; the latest choice holds */
  readonly isDefault?: boolean;
}

export interface UserEditCouponBody {
  /** Basis points of the prices: 1500 is 15 % */
  readonly percent?: number;
  /** At most one for each currency */
  readonly amounts?: readonly Money[];
  /** Of the prices of an order, by currency; a currency without one has none */
  readonly minimums?: readonly Money[];
  /** Only for these products; empty: any */
  readonly productIds?: readonly string[];
  /** Only for products of these categories and of their subcategories; empty: any */
  readonly categoryIds?: readonly string[];
  /** Together with other coupons that are stackable too */
  readonly stackable?: boolean;
  readonly from?: string | null;
  readonly until?: string | null;
  readonly most?: number | null;
  readonly mostPerPerson?: number | null;
  readonly budget?: Money;
  /** true: nobody can use it any more, until it is false again */
  readonly disabled?: boolean;
}

export interface UserEditProfileBody {
  readonly name?: string;
  readonly phone?: string | null;
  readonly language?: "en" | "ko";
}

export interface UserEraseBody {
  readonly password: string;
}

export interface UserListDeadLettersResult {
  readonly items: readonly {
    readonly id: string;
    readonly type: string;
    readonly subject: string;
    readonly time: string;
    readonly attempts: number;
    readonly error: string;
    readonly data: unknown;
  }[];
  readonly nextCursor: string | null;
}

export interface UserPage {
  readonly items: readonly User[];
  readonly nextCursor: string | null;
}

export interface UserRefreshBody {
  readonly refreshToken: string;
}

export interface UserRemoveSecondFactorBody {
  readonly password: string;
  readonly secondCode: string;
}

export interface UserReplayEventsBody {
  readonly since: string;
  readonly type?: string;
  readonly subject?: string;
}

export interface UserReplayEventsResult {
  readonly count: number;
}

export interface UserResetPasswordBody {
  readonly linkToken: string;
  readonly password: string;
}

export interface UserResetRecoveryCodesBody {
  readonly password: string;
  readonly secondCode: string;
}

export interface UserSendPasswordResetBody {
  readonly email: string;
}

export interface UserSetPermissionsBody {
  /** Names of actions such as `product.update`, `product.*` for all of a service, or `*` for all there are */
  readonly permissions: readonly string[];
}

export interface UserSetRolesBody {
  readonly roles: readonly Role[];
}

export interface UserSignInBody {
  readonly email: string;
  readonly password: string;
  /** What the device calls itself, for the list of sessions */
  readonly device?: string;
}

export interface UserSignInDeviceBody {
  readonly deviceCode: string;
}

export interface UserSignInWithCodeBody {
  readonly challenge: string;
  readonly secondCode: string;
}

export interface UserSignUpBody {
  readonly email: string;
  readonly password: string;
  readonly name: string;
  readonly phone?: string;
  readonly language?: "en" | "ko";
}

export interface Video {
  readonly id: string;
  readonly kind: VideoKind;
  readonly parentId: string | null;
  /** Of the season or episode within its parent */
  readonly number: number | null;
  readonly titles: VideoTitles;
  /** The youngest age for which it is suitable */
  readonly rating: number;
  readonly year: number | null;
  readonly durationMs: number | null;
  readonly genres: readonly string[];
  readonly publishedAt: string | null;
  readonly posterId: string | null;
  readonly credits: readonly {
    readonly personId: string;
    readonly role: CreditRole;
    readonly name: string;
    readonly nameKo: string | null;
    readonly character: string | null;
  }[];
  readonly chapters: readonly Chapter[];
  /** Of the picture, in lines, lowest first */
  readonly heights: readonly number[];
  readonly offers: VideoOffers;
  readonly version: number;
}

/** With what only staff see */
export interface VideoDetails {
  readonly id: string;
  readonly kind: VideoKind;
  readonly parentId: string | null;
  /** Of the season or episode within its parent */
  readonly number: number | null;
  readonly titles: VideoTitles;
  /** The youngest age for which it is suitable */
  readonly rating: number;
  readonly year: number | null;
  readonly durationMs: number | null;
  readonly genres: readonly string[];
  readonly publishedAt: string | null;
  readonly posterId: string | null;
  readonly credits: readonly {
    readonly personId: string;
    readonly role: CreditRole;
    readonly name: string;
    readonly nameKo: string | null;
    readonly character: string | null;
  }[];
  readonly chapters: readonly Chapter[];
  /** Of the picture, in lines, lowest first */
  readonly heights: readonly number[];
  readonly offers: VideoOffers;
  readonly version: number;
  readonly state: VideoState;
  readonly failure: string | null;
  /** Where, when and with which plans it may be watched. A season and an episode without any have those above */
  readonly rights: readonly RightsWindow[];
}

export interface VideoDetailsPage {
  readonly items: readonly VideoDetails[];
  readonly nextCursor: string | null;
}

export type VideoKind = "film" | "series" | "season" | "episode";

export interface VideoOffers {
  readonly buy: Money | null;
  readonly rent: Money | null;
  readonly rentHours: number | null;
}

export type VideoState = "draft" | "processing" | "ready" | "published" | "failed" | "removed";

export interface VideoSummary {
  readonly id: string;
  readonly kind: VideoKind;
  readonly parentId: string | null;
  /** Of the season or episode within its parent */
  readonly number: number | null;
  readonly titles: VideoTitles;
  /** The youngest age for which it is suitable */
  readonly rating: number;
  readonly year: number | null;
  readonly durationMs: number | null;
  readonly genres: readonly string[];
  readonly publishedAt: string | null;
  readonly posterId: string | null;
}

export interface VideoSummaryPage {
  readonly items: readonly VideoSummary[];
  readonly nextCursor: string | null;
}

export interface VideoTitles {
  readonly en?: {
    readonly title: string;
    readonly synopsis: string;
  };
  readonly ko?: {
    readonly title: string;
    readonly synopsis: string;
  };
}

export interface Violation {
  readonly pointer: string;
  readonly detail: string;
}

export interface WatchedVideo {
  readonly videoId: string;
  readonly profileId: string;
  readonly positionMs: number;
  readonly durationMs: number;
  /** When it was last seen to its end */
  readonly watchedAt: string | null;
  readonly updatedAt: string;
}

export interface WatchedVideoPage {
  readonly items: readonly WatchedVideo[];
  readonly nextCursor: string | null;
}

export interface WebhookAttempt {
  readonly at: string;
  /** The HTTP status; null when no answer came */
  readonly status: number | null;
  /** Why none came, such as TIMEOUT or ECONNREFUSED */
  readonly error: string | null;
  readonly milliseconds: number;
}

export interface WebhookCreateEndpointBody {
  readonly url: string;
  readonly events: readonly WebhookEventType[];
  readonly description?: string;
}

export interface WebhookDelivery {
  readonly id: string;
  readonly endpointId: string;
  /** Sent as webhook-id: the same at each attempt, so that receivers know a repeat */
  readonly eventId: string;
  readonly type: string;
  readonly status: WebhookDeliveryStatus;
  readonly attempts: number;
  readonly nextAttemptAt: string | null;
  readonly createdAt: string;
}

export interface WebhookDeliveryPage {
  readonly items: readonly WebhookDelivery[];
  readonly nextCursor: string | null;
}

export type WebhookDeliveryStatus = "waiting" | "delivered" | "failed";

export interface WebhookEditEndpointBody {
  readonly url?: string;
  readonly events?: readonly WebhookEventType[];
  readonly description?: string | null;
  readonly status?: "active" | "paused";
}

export interface WebhookEndpoint {
  readonly id: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly description: string | null;
  /** For a paused one deliveries wait; a disabled one failed for days, or answered 410, and gets nothing */
  readonly status: "active" | "paused" | "disabled";
  readonly createdAt: string;
  readonly version: number;
}

export interface WebhookEndpointPage {
  readonly items: readonly WebhookEndpoint[];
  readonly nextCursor: string | null;
}

export interface WebhookEndpointWithSecret {
  readonly id: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly description: string | null;
  /** For a paused one deliveries wait; a disabled one failed for days, or answered 410, and gets nothing */
  readonly status: "active" | "paused" | "disabled";
  readonly createdAt: string;
  readonly version: number;
  /** Signs what is sent, as standardwebhooks.com says. It is shown here and never again */
  readonly secret: string;
}

export type WebhookEventType = "order.placed" | "order.confirmed" | "order.cancelled" | "order.items_cancelled" | "order.shipped" | "order.delivered" | "order.delivery_failed" | "order.return_requested" | "order.return_approved" | "order.return_rejected" | "order.returned" | "order.refunded" | "order.parked" | "payment.disputed" | "payment.refunded" | "account.subscription_changed" | "content.published" | "content.encoded" | "content.failed" | "content.removed" | "product.stock_dropped" | "product.stock_exhausted" | "product.restocked" | "user.deleted";

export interface WebhookGetJobResult {
  readonly id: string;
  readonly kind: string;
  readonly key: string | null;
  readonly state: JobState;
  readonly priority: "high" | "normal" | "low";
  readonly nextAt: string | null;
  readonly attempt: number;
  readonly failures: number;
  readonly error: string | null;
  readonly owner: string | null;
  readonly progress: JobProgress | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly input: unknown;
  readonly result: unknown;
}

export interface WebhookListDeadLettersResult {
  readonly items: readonly {
    readonly id: string;
    readonly type: string;
    readonly subject: string;
    readonly time: string;
    readonly attempts: number;
    readonly error: string;
    readonly data: unknown;
  }[];
  readonly nextCursor: string | null;
}

export interface WebhookListEventTypesResult {
  readonly items: readonly {
    readonly type: string;
  }[];
}

export interface WebhookListJobKindsResult {
  readonly items: readonly {
    readonly kind: string;
    readonly summary: string;
    readonly cron: string | null;
    readonly paused: boolean;
    readonly due: number;
    readonly running: number;
    readonly dead: number;
  }[];
}

export interface WebhookListJobsResult {
  readonly items: readonly {
    readonly id: string;
    readonly kind: string;
    readonly key: string | null;
    readonly state: JobState;
    readonly priority: "high" | "normal" | "low";
    readonly nextAt: string | null;
    readonly attempt: number;
    readonly failures: number;
    readonly error: string | null;
    readonly owner: string | null;
    readonly progress: JobProgress | null;
    readonly createdAt: string;
    readonly startedAt: string | null;
    readonly endedAt: string | null;
  }[];
  readonly nextCursor: string | null;
}

export interface WebhookSecret {
  /** Signs what is sent, as standardwebhooks.com says. It is shown here and never again */
  readonly secret: string;
}

export interface WrittenTemplateVersion {
  readonly name: string;
  /** 0 is the one of the repository */
  readonly version: number;
  readonly isActive: boolean;
  readonly note: string | null;
  readonly author: string | null;
  readonly createdAt: string;
  readonly content: TemplateContent;
}
