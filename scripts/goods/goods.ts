/** Goods of a shop of any size, for trials and benchmarks: the same number is always the same thing. */
import type { Input } from "#core/contract.ts";

const makers =
  "Boseong Hadong Jeju Damyang Andong Tongyeong Icheon Jeonju Gangneung Namwon Yeoju Mungyeong Goheung Suncheon Sokcho Hahoe".split(
    " ",
  );
const kinds =
  "ceramic bamboo linen brass lacquered woven carved roasted organic wild mountain coastal evening morning winter festival".split(
    " ",
  );
const things =
  "teapot bowl lantern notebook blanket tray kettle spoon basket candle cushion mirror clock vase kimono hanger ladle strainer saucer goblet".split(
    " ",
  );
const places = "보성 하동 제주 담양 안동 통영 이천 전주 강릉 남원 여주 문경 고흥 순천 속초 하회".split(" ");
const styles = "유기농 수제 전통 고급 대나무 놋쇠 옻칠 백자 청자 모시 무명 천연 야생 산골 바다 저녁".split(" ");
const wares =
  "녹차 보리차 김치통 항아리 접시 찻잔 주전자 이불 방석 등불 공책 붓펜 수저 쟁반 바구니 비누 향초 거울 시계 꽃병".split(
    " ",
  );
const words =
  "for the table of a family made by hand in a small village soft light that keeps warm long after sunset 아침 마다 쓰는 물건 정성 으로 빚은 그릇".split(
    " ",
  );

/** Scatters numbers evenly (Knuth's multiplicative hash). */
const scattered = (number: number, salt: number): number => Math.imul(number + salt * 7919 + 1, 2654435761) >>> 0;

/** The thing of this number. */
export function goodsOf(number: number): Input<"product.seed">["products"][number] {
  const pick = (list: readonly string[], salt: number): string => list[(scattered(number, salt) >>> 8) % list.length]!;
  const code = `${pick(["A", "B", "K", "M", "S"], 9)}${number % 1_000_000}`;
  return {
    key: `goods-${number}`,
    name: `${pick(makers, 1)} ${pick(kinds, 2)} ${pick(things, 3)} ${pick(places, 1)} ${pick(wares, 4)} ${code}`,
    description: `${pick(styles, 5)} ${pick(wares, 4)}. ${[6, 7, 8, 10, 11].map((salt) => pick(words, salt)).join(" ")}`,
    category: `Goods ${scattered(number, 12) % 200}`,
    price: { amount: 500 + (scattered(number, 13) % 2000) * 100, currency: "KRW" },
    stock: scattered(number, 14) % 10 === 0 ? 0 : scattered(number, 15) % 500,
  };
}
