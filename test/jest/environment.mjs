/** What every spec finds: the packages that its worker has loaded already. */
import { TestEnvironment } from "jest-environment-node";
import { loadBundles } from "../../mixins/node/bundles.mjs";
import { sharePackages } from "./packages.mjs";

// For the packages that the worker loads, and once in each worker.
loadBundles();

export default class SpecEnvironment extends TestEnvironment {
  constructor(...of) {
    super(...of);
    // globals.mjs calls it, and takes it away again.
    this.global.sharePackages = sharePackages;
  }
}
