import type { Socket } from 'node:net';
import { problemBody } from '#contracts';

/**
 * Answers what is no HTTP request at all (a malformed request line, headers that are too large or too slow). There is no request yet
 * and so no hook, no id and no handler: a problem is written to the socket, and the connection ends.
 */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify(problemBody('malformed', 'This is not an HTTP request that can be read.'));
  const head = [
    'HTTP/1.1 400 Bad Request',
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
