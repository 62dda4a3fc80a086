/** Jest gives ES modules every global except `jest` itself; its types promise that one too. */
globalThis.jest = import.meta.jest;

globalThis.sharePackages(jest);
delete globalThis.sharePackages;
