/** What the baselines answer: a product as the platform would. */
export const product = {
  id: "019aa000-0000-7000-8000-000000000001",
  name: "하동 세작 녹차 50 g",
  description: "Hand-picked green tea from Hadong, second flush. 곡우 뒤에 손으로 따서 덖은 차.",
  categoryId: "019aa000-0000-7000-8000-000000000002",
  price: { amount: 28_000, currency: "KRW" },
  sellable: 200,
  version: 1,
};

export const port = Number(process.env["PORT"]);
