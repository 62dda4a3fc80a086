/** Sent to whoever asked for reminders, when their cart has not changed for a day. */
import type { Template } from "../notification.model.ts";

export const cartReminder: Template<"order.cart_abandoned"> = {
  event: "order.cart_abandoned",
  sample: {
    cartId: "01980000-0000-7000-8000-000000000008",
    userId: "01980000-0000-7000-8000-000000000003",
    items: [{ productId: "01980000-0000-7000-8000-000000000004", quantity: 2 }],
  },
  copy: {
    en: ({ items }) => ({
      subject: "Your cart is waiting",
      summary: `There ${items.length === 1 ? "is one item" : `are ${items.length} items`} in your cart.`,
      paragraphs: [
        `There ${items.length === 1 ? "is one item" : `are ${items.length} items`} in your cart. It stays there for thirty days after the last change.`,
        "Prices and stock may change until you buy. You get this message because you asked for reminders.",
      ],
      when: "Sent on",
      rows: [],
    }),
    ko: ({ items }) => ({
      subject: "장바구니에 담아 두신 상품이 있습니다",
      summary: `장바구니에 상품 ${items.length}종이 담겨 있습니다.`,
      paragraphs: [
        `장바구니에 상품 ${items.length}종이 담겨 있습니다. 마지막으로 변경하신 뒤 30일 동안 보관됩니다.`,
        "구매하시기 전까지 가격과 재고가 바뀔 수 있습니다. 리마인더 수신을 신청하셔서 보내 드리는 메일입니다.",
      ],
      when: "안내 일시",
      rows: [],
    }),
  },
};
