/** What a simulation has to have met to be worth anything. */
export const LANDMARKS = [
  'a process died before its commit',
  'a process died after its commit',
  'a process died on its way to a channel',
  'a process stood still',
  'a channel failed and senders went over',
  'nobody had a channel',
  'a repeat was answered from the inbox',
  'a message was parked for a gap',
  'a message was parked unconfirmed',
  'a parked message was drained',
  'a dialog was locked by its first acknowledgement',
  'a second target was refused',
  'a refused target forgot the dialog',
  'an envelope for another broker was dropped',
  'an open dialog changed its broker with the routes',
  'a transaction was rolled back',
  'both ends ended the dialog at once',
  'a stale copy was dropped',
  'a processed message was forgotten',
  'an ended dialog was forgotten',
  'a late answer found nothing',
] as const;

export type Landmark = (typeof LANDMARKS)[number];
