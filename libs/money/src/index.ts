export { minorUnits, minorUnitsFromNumber, toNumber } from './minor-units.js';
export type { MinorUnits } from './minor-units.js';
export { formatMinorUnits } from './format.js';
export { noteMix, NOTES_MAX, totalOf } from './note-mix.js';
export type { Notes } from './note-mix.js';
