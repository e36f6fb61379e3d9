// The handlers of everything about candidates of a program.
import type { Handler } from "./call.ts";
import { getShadowReport, putShadow, stopShadow } from "./shadow.ts";
import { cancelSimulation, checkCandidate, getSimulation, startSimulation } from "./simulation.ts";

export const simulationHandlers: Readonly<Record<string, Handler>> = {
  checkProgram: checkCandidate,
  startSimulation,
  getSimulation,
  cancelSimulation,
  putShadow,
  stopShadow,
  getShadowReport,
};
