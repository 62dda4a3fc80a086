/** The contract of the product service: catalogue, categories, prices, stock and reservations. */
import { defineContract, job } from "#core/contract.ts";
import { Strict } from "#core/schema.ts";
import { audit } from "#mixins/audit/audit.contract.ts";
import { jobs } from "#mixins/jobs/jobs.contract.ts";
import { outbox } from "#mixins/outbox/outbox.contract.ts";
import { alertEvents, alerts } from "./alert.contract.ts";
import { catalogueActions } from "./catalogue.contract.ts";
import { categoryActions } from "./category.contract.ts";
import { facetActions } from "./facet.contract.ts";
import { serviceActions, stockActions } from "./stock.contract.ts";
import { errors } from "./error.contract.ts";
import { imageJobs, images } from "./image.contract.ts";
import { importJobs, imports } from "./import.contract.ts";
import { translations } from "./translation.contract.ts";
import { variants } from "./variant.contract.ts";

export const product = defineContract("product", {
  summary: "Product information, categories, prices, stock and its reservations",
  blocks: [audit, outbox, variants, translations, images, alerts, jobs, imports],
  jobs: {
    ...importJobs,
    ...imageJobs,
    forgetWords: job({
      summary: "Forget words that are in no name any more, so that spelling is not corrected to them",
      input: Strict({}),
      cron: "43 4 * * *",
    }),
  },
  errors,
  actions: { ...catalogueActions, ...facetActions, ...categoryActions, ...stockActions, ...serviceActions },
  events: alertEvents,
});

declare module "#core/contract.ts" {
  interface Contracts {
    product: typeof product;
  }
}
