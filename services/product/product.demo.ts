/** The demo shop's goods. Prices in won. */
import type { Demo } from "#mixins/node/demo.ts";

/** The oldest of the shop: what the newest are is sold as it is. */
const clothes = {
  key: "hanbok-vest",
  name: "생활한복 조끼",
  description: "Linen vest with a side tie, for every day. 옆으로 매는 모시 조끼.",
  category: "Clothes",
  price: { amount: 79_000, currency: "KRW" as const },
  stock: 20,
  options: [
    { name: "Colour", values: [{ value: "Indigo 쪽빛" }, { value: "Hemp 소색" }] },
    { name: "Size", values: [{ value: "S" }, { value: "M" }, { value: "L" }] },
  ],
  isDrawn: true,
};

const goods = {
  Tea: [
    [
      "hadong-sejak",
      "하동 세작 녹차 50 g",
      "Hand-picked green tea from Hadong, second flush. 곡우 뒤에 손으로 따서 덖은 차.",
      28_000,
    ],
    [
      "boseong-hwangcha",
      "보성 황차 40 g",
      "Lightly fermented tea, honey and toasted grain. 은은한 꿀 향의 발효차.",
      24_000,
    ],
    ["jeju-roasted", "제주 호지차 60 g", "Roasted green tea for the evening. 카페인이 적은 볶은 녹차.", 18_000],
    ["omija", "문경 오미자청 500 ml", "Five-flavour berry syrup. 물이나 탄산수에 섞어 드세요.", 22_000],
    ["yuja", "고흥 유자차 600 g", "Citron marmalade tea, whole peel. 껍질째 썬 유자차.", 16_500],
  ],
  Kitchen: [
    ["onggi-1l", "옹기 항아리 1 L", "Breathing earthenware for kimchi and sauces. 숨 쉬는 전통 옹기.", 39_000],
    ["dolsot", "돌솥 18 cm", "Stone pot that keeps rice crackling. 장수 곱돌로 깎은 돌솥.", 46_000],
    ["brass-bowl", "방짜유기 밥그릇", "Forged bronze rice bowl with lid. 두드려 만든 놋그릇.", 89_000],
    ["bamboo-tray", "담양 대나무 채반", "Woven bamboo tray. 담양 대나무를 엮은 채반.", 27_000],
    ["wood-spoon", "옻칠 수저 한 벌", "Lacquered spoon and chopsticks. 일곱 번 옻칠한 수저.", 21_000],
    ["kimchi-fridge-box", "김치통 5 L", "Airtight box for half a cabbage. 반 포기가 들어가는 김치통.", 17_900],
  ],
  Paper: [
    ["hanji-set", "한지 편지지 세트", "Mulberry paper, 20 sheets and envelopes. 닥나무로 뜬 편지지와 봉투.", 12_000],
    ["minhwa-poster", "민화 포스터: 까치와 호랑이", "Magpie and tiger, A2. A2 크기 아트 프린트.", 25_000],
    ["brush-pen", "붓펜 3종", "Three brush pens, fine to bold. 세필부터 굵은 붓까지.", 9_800],
    ["journal", "오방색 노트", "Five-colour thread-bound notebook. 실로 엮은 수제 노트.", 14_500],
  ],
  Home: [
    ["bojagi-m", "조각보 테이블보", "Patchwork ramie cloth, 90 cm. 모시 조각을 이은 보자기.", 120_000],
    ["quilt", "누비 무릎담요", "Hand-quilted cotton lap blanket. 손누비 면 담요.", 68_000],
    ["moon-jar", "달항아리 소품 15 cm", "A small moon jar in white porcelain. 백자 달항아리.", 150_000],
    ["incense", "침향 인센스 30개", "Agarwood incense sticks. 은은한 침향.", 19_000],
    ["lantern", "청사초롱 무드등", "Red and blue silk lantern, LED. 전통 등롱 모양 조명.", 33_000],
    ["soap", "쑥 비누 2개", "Mugwort soap, cold process. 저온 숙성 쑥 비누.", 11_000],
  ],
} as const;

const others = Object.entries(goods).flatMap(([category, items]) =>
  items.map(([key, name, description, amount]) => ({
    key,
    name,
    description,
    category,
    price: { amount, currency: "KRW" as const },
    stock: 200,
    isDrawn: true,
  })),
);

export const demo: Demo = async (ctx) => {
  await ctx.call("product.seed", { products: [clothes, ...others] });
  return [];
};
