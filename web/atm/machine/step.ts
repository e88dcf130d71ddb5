import type { Effect, MachineState, Screen, Step } from './state.js';

/** Nothing is to be done. */
export const stay = (state: MachineState): Step => ({ state, effects: [] });

/** Another screen, and what is to be done meanwhile. */
export function show(state: MachineState, screen: Screen, ...effects: Effect[]): Step {
  return { state: { ...state, screen }, effects };
}
