/** Real servers as child processes on 127.0.0.1: what a local cluster and the tests run on. */
export { startEtcd } from "./etcd.ts";
export { startHaproxy } from "./haproxy.ts";
export { startMosquitto } from "./mosquitto.ts";
export { type Nats, startNats } from "./nats.ts";
export { startNginx } from "./nginx.ts";
export { makeDatabase, type Postgres, startPostgres, unlock } from "./postgres.ts";
export { startRabbitMq } from "./rabbitmq.ts";
export { startRedis } from "./redis.ts";
export type { Server } from "./server.ts";
