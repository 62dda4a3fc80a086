/** The contract of an edge. It serves the files of films to players; what it does has no actions, only addresses. */
import { defineContract } from "#core/contract.ts";
import { forbidden } from "#core/errors.ts";

export const edge = defineContract("edge", {
  summary: "Serves the files of films to players",
  uses: ["playback.lookup", "playback.saveEdge", "playback.getSteering"],
  errors: {
    ADDRESS_REFUSED: forbidden(
      "This address is not good, or not any more",
      "유효하지 않거나 만료된 주소입니다",
      "Start the title again, and use the addresses of that playback as they are.",
      "작품을 다시 재생하고 새로 받은 주소를 그대로 사용해 주세요.",
    ),
  },
  actions: {},
});

declare module "#core/contract.ts" {
  interface Contracts {
    edge: typeof edge;
  }
}
