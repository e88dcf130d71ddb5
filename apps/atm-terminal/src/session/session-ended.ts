import { Problem } from '#platform';

/** 401: what a request finds that comes after the session's end. */
export const sessionEnded = () => new Problem('unauthenticated', 'The session has ended.');
