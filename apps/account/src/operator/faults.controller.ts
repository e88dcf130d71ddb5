import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { armFaultSchema } from '#contracts';
import { ArmedFaultPoints, FAULT_POINTS, Problem, validate, type FaultPoints } from '#platform';

const pointSchema = armFaultSchema.omit({ replica: true });

/** Arms a fault point of this replica. Only the demo profile has points that can be armed. */
@Controller('internal/faults')
export class FaultsController {
  constructor(@Inject(FAULT_POINTS) private readonly faultPoints: FaultPoints) {}

  @Post()
  @HttpCode(204)
  arm(@Body() body: unknown): void {
    if (!(this.faultPoints instanceof ArmedFaultPoints)) throw new Problem('not-found', 'There is no such thing here.');
    const { point, action, times } = validate(pointSchema, body);
    this.faultPoints.arm(point, action, times);
  }
}
