/** Named points at which tests and demos make something happen (stop the process, wait, throw). */
export interface FaultPoints {
  reach(point: string): Promise<unknown>;
}

export const NO_FAULTS: FaultPoints = { reach: () => Promise.resolve(undefined) };
