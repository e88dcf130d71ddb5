import { Controller, Get } from '@nestjs/common';
import { ClusterCensus } from './cluster-census.js';
import { OwnStatus } from './own-status.js';
import type { ReplicaStatus } from './replica-status.js';

/** For the other gateways, with the cluster key. */
@Controller('internal')
export class InternalController {
  constructor(
    private readonly ownStatus: OwnStatus,
    private readonly census: ClusterCensus,
  ) {}

  @Get('status')
  status(): ReplicaStatus {
    this.census.learnNames();
    return this.ownStatus.read();
  }
}
