/** No replica has answered within the time given. */
export class UpstreamUnavailable extends Error {
  constructor(
    upstream: string,
    /** `unreachable`: no replica could be connected to; `timed-out`: the time was up before one answered; `lost`: it broke off and may not be repeated. */
    readonly reason: 'unreachable' | 'timed-out' | 'lost',
    /** Whether a replica may have received the request, so that it may have had its effect. */
    readonly maybeReceived: boolean,
    options?: ErrorOptions,
  ) {
    super(`${upstream}: ${reason}`, options);
  }
}
