/** The order's details that every message shows: number, dates, total, tax and address. */
import type { Output } from "#core/contract.ts";
import { formatMoney } from "#core/money.ts";
import type { Language } from "#core/text.ts";
import type { Copy, Row, Surroundings } from "../notification.model.ts";

type Address = Output<"order.lookup">["items"][number]["shippingAddress"];

const words = {
  en: {
    number: "Order number",
    id: "Order ID",
    ordered: "Ordered on",
    shipping: "Shipping",
    total: "Order total, tax included",
    tax: "Tax in the total",
    address: "Delivery to",
    code: "Code",
    token: "Code to open the order",
    device: "Device",
    network: "Network",
  },
  ko: {
    number: "주문 번호",
    id: "주문 ID",
    ordered: "주문 일시",
    shipping: "배송비",
    total: "주문 금액 (세금 포함)",
    tax: "주문 금액 중 세금",
    address: "배송지",
    code: "인증 코드",
    token: "주문 조회 코드",
    device: "기기",
    network: "네트워크",
  },
} as const satisfies Record<Language, object>;

interface Numbered {
  readonly orderId: string;
  readonly number?: string | undefined;
}

/** The order's number. Where it is not known, the end of the id, which is random; the beginning is the time. */
export const orderNumber = ({ orderId, number }: Numbered): string =>
  number ?? orderId.replaceAll("-", "").slice(-8).toUpperCase();

/** Formatters are kept, because making one costs more than rendering a whole e-mail. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** The time to the minute, with the time zone. */
export function formatTime(at: string, language: Language, timeZone: string): string {
  const key = `${language} ${timeZone}`;
  const [date, time] = [
    { year: "numeric", month: "long", day: "numeric" } as const,
    { hour: "2-digit", minute: "2-digit" } as const,
  ];
  const format =
    formats.get(key) ??
    new Intl.DateTimeFormat(language, { ...date, ...time, hourCycle: "h23", timeZone, timeZoneName: "short" });
  formats.set(key, format);
  return format.format(new Date(at));
}

const regions = {
  en: new Intl.DisplayNames("en", { type: "region" }),
  ko: new Intl.DisplayNames("ko", { type: "region" }),
};

/** The order of the parts by language: English begins with the smallest place, Korean with the largest. */
function addressLine(address: Address, language: Language): string {
  const { name, line1, line2, city, postalCode, country } = address;
  const land = regions[language].of(country) ?? country;
  const street = [line1, line2].filter(Boolean);
  if (language === "ko") return [`${name},`, `(${postalCode})`, land, city, ...street].join(" ");
  return [name, ...street, `${postalCode} ${city}`, land].join(", ");
}

type Item = NonNullable<Copy["items"]>[number];

/** What a variant is: ` (blue, large)`. */
const variantIn = ({ optionValues = [] }: Item): string =>
  optionValues.length === 0 ? "" : ` (${optionValues.map(({ value }) => value).join(", ")})`;

/** One line of an order: `Tea cup, ₩12,000 × 2`, and its sum. */
export const itemRow = (item: Item, language: Language): Row => [
  `${item.name}${variantIn(item)}, ${formatMoney(item.unitPrice, language)} × ${item.quantity}`,
  formatMoney(item.lineTotal, language),
];

const taxOf = (items: readonly Item[]) => {
  const { currency } = items[0]!.tax;
  return { amount: items.reduce((sum, { tax }) => sum + tax.amount, 0), currency };
};

/** A message that is about no order has its own rows alone. The confirmation's event holds the lines of its order. For the other messages, the order service is asked. */
export function details(
  { orderId, number }: Partial<Numbered>,
  copy: Copy,
  language: Language,
  around: Surroundings,
): Row[] {
  const { order, at, timeZone, shop, mail } = around;
  const label = words[language];
  const time = (moment: string) => formatTime(moment, language, timeZone);
  // Without a page to which a link could lead, its secret is shown by itself.
  const secret = copy.link !== undefined && mail?.link === null && mail.code ? [[label.code, mail.code] as const] : [];
  const facts = (["device", "network"] as const).flatMap((one) =>
    copy.hasOrigin && mail?.[one] ? [[label[one], mail[one]] as const] : [],
  );
  const total = copy.total ?? order?.total;
  if (orderId === undefined) return [[copy.when, time(at)], ...copy.rows, ...facts, ...secret];
  // That of the lines is not all where shipping is taxed too.
  const tax = order?.tax ?? (copy.items?.[0] ? taxOf(copy.items) : undefined);
  const { shipping, guest } = order ?? {};
  return [
    [label.number, orderNumber({ orderId, number })],
    ...(order ? [[label.ordered, time(order.createdAt)] as const] : []),
    [copy.when, time(at)],
    ...copy.rows,
    ...(shipping && shipping.amount > 0 ? [[label.shipping, formatMoney(shipping, language)] as const] : []),
    ...(total ? [[label.total, formatMoney(total, language)] as const] : []),
    ...(tax ? [[label.tax, formatMoney(tax, language)] as const] : []),
    // What a guest writes there would reach whomever they name as their address.
    ...(copy.hasAddress && order && !guest
      ? [[label.address, addressLine(order.shippingAddress, language)] as const]
      : []),
    // Without a page to which the link of a guest could lead.
    ...(guest?.link === null ? [[label.token, guest.token] as const] : []),
    // With a shop's address, a link shows the order, so its id is needed only without one.
    ...(shop === null ? [[label.id, orderId] as const] : []),
  ];
}
