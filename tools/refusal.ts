/** What was asked for cannot be done as asked; the message tells the user why, in one sentence, and what would work. */
export class Refusal extends Error {}
