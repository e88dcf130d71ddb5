import { Controller, Get } from '@nestjs/common';
import { OwnStatus } from './own-status.js';
import type { ReplicaStatus } from './replica-status.js';

/** For the other gateways, with the cluster key. */
@Controller('internal')
export class InternalController {
  constructor(private readonly ownStatus: OwnStatus) {}

  @Get('status')
  status(): ReplicaStatus {
    return this.ownStatus.read();
  }
}
