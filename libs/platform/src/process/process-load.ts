/** How busy this process is. */
export interface Load {
  /** Share of the event loop in use since the last question, 0 to 1. */
  readonly eventLoop: number;
  /** Resident. */
  readonly memoryMegabytes: number;
}

/** Measures this process from one question to the next. */
export class ProcessLoad {
  private last = performance.eventLoopUtilization();

  read(): Load {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.last);
    this.last = now;
    return {
      eventLoop: Math.round(utilization * 100) / 100,
      memoryMegabytes: Math.round(process.memoryUsage.rss() / 1_048_576),
    };
  }
}
