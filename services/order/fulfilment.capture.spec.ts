/**
 * The same random sequences for orders whose money is captured as their goods are sent.
 * @databases sqlite postgres
 */
process.env.ORDER_CAPTURE = "shipment";
await import("./fulfilment.spec.ts");
