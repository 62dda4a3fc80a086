import { languages } from "./notification.model.ts";
import { render, templateNames, templates } from "./notification.template.ts";
import { toHtml, toText } from "./templates/layout.template.ts";

const cases = templateNames.flatMap((name) => languages.map((language) => ({ name, language })));

describe("templates", () => {
  it.each(cases)("writes $name in $language with nothing missing", ({ name, language }) => {
    const { sample } = templates[name];
    const message = render(name, language, sample, "Mina");
    for (const part of Object.values(message)) {
      expect(part).not.toMatch(/undefined|null|NaN|\[object/);
      expect(part).not.toBe("");
    }
    expect(message.text).toContain(sample.orderId);
    expect(message.html).toContain(sample.orderId);
    expect(message.html).toContain(`<html lang="${language}">`);
    expect(message.text).toContain("₩39,000");
    expect(message.text).toContain("Mina");
    expect(/[가-힣]/.test(message.subject)).toBe(language === "ko");
  });

  it.each(cases)("escapes what people wrote in $name in $language", ({ name, language }) => {
    const hostile = `<script>alert("1")</script>`;
    const data = JSON.parse(JSON.stringify(templates[name].sample), (key, value: unknown) =>
      key === "name" || key === "orderId" ? hostile : value,
    ) as unknown;
    const { html } = render(name, language, data, "<b>Mina</b>".replace("/", ""));
    expect(html).not.toContain("<script");
    expect(html).toContain("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;");
  });

  it("names the goods and what each costs", () => {
    const { text } = render("order-confirmed", "en", templates["order-confirmed"].sample, "Mina");
    expect(text).toContain("Celadon tea cup × 2: ₩24,000");
  });

  it("explains a cancellation it knows the reason of, and shows no code otherwise", () => {
    const { sample } = templates["order-cancelled"];
    const because = (code: string) =>
      render("order-cancelled", "en", { ...sample, reason: { code, message: "x" } }, "Mina").text;
    expect(because("PRODUCT_OUT_OF_STOCK")).toContain("no longer in stock");
    expect(because("PAYMENT_DECLINED")).toContain("was declined");
    expect(because("INTERNAL_ERROR")).not.toContain("INTERNAL_ERROR");
  });
});

describe("layout", () => {
  const copy = { subject: "S", summary: "s", paragraphs: ["one\n\nTotal: ₩0"], rows: [["a & b", "'c'"]] } as const;

  it("keeps a value on one line of the text, so that it cannot forge another", () => {
    expect(toText(copy, "en", "M\nX").split("\n").slice(0, 3)).toEqual(["Hello M X,", "", "one Total: ₩0"]);
  });

  it("escapes labels and values", () => {
    expect(toHtml(copy, "ko", "M")).toContain('a &amp; b</td><td align="right">&#39;c&#39;</td>');
  });
});
