/** Sent once to whoever asked for it, when a product that was sold out can be ordered again. */
import type { Language } from "#core/text.ts";
import type { Template } from "../notification.model.ts";

/** Of whom, and what the product is called: the event is about the product alone. */
interface Asked {
  readonly userId: string;
  readonly productName: Readonly<Record<Language, string>>;
}

export const backInStock: Template<"product.restocked", Asked> = {
  event: "product.restocked",
  isAsked: true,
  sample: {
    productId: "01980000-0000-7000-8000-000000000004",
    userId: "01980000-0000-7000-8000-000000000003",
    sellable: 12,
    productName: { en: "Celadon tea cup", ko: "청자 찻잔" },
  },
  copy: {
    en: ({ productName: { en: name } }) => ({
      subject: "It is back in stock",
      summary: `${name} can be ordered again.`,
      paragraphs: [
        `${name} can be ordered again.`,
        "You asked us to tell you once. We cannot keep it for you, and it may be sold out again soon.",
      ],
      when: "Back on",
      rows: [],
      link: "See the product",
    }),
    ko: ({ productName: { ko: name } }) => ({
      subject: "상품이 다시 입고되었습니다",
      summary: `${name} 상품을 다시 구매하실 수 있습니다.`,
      paragraphs: [
        `${name} 상품을 다시 구매하실 수 있습니다.`,
        "재입고 알림을 신청하셔서 한 번 보내 드리는 안내입니다. 수량이 한정되어 있어 다시 품절될 수 있습니다.",
      ],
      when: "입고 일시",
      rows: [],
      link: "상품 보기",
    }),
  },
};
